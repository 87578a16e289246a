"""The parameter `fields` selects keys of an object, or of a list's rows (contract/requests.md 16).

with_fields(answer, request, "addon")
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson

from conf.gates import enabled
from handlers.http.requests.request import Answer, ReadRequest
from index.documents.compression import PackedText
from index.shapes.fields import addon_keys
from index.shapes.keys import object_keys, version_keys
from server.search_params.errors import invalid
from server.search_params.parameters import values
from server.shapes.collections import COLLECTION_KEYS
from server.shapes.ratings import rating_keys

_PARAMETER: Final = "fields"


def _addon_keys(version: str) -> tuple[str, ...]:
    score = ("_score",) if enabled(version, "search_scores") else ()
    return (*addon_keys(version), "latest_unlisted_version", *score)


# Kind of an answer's object or rows -> all keys that it may have.
_KEYS: Final[dict[str, Callable[[str], Iterable[str]]]] = {
    "addon": _addon_keys,
    "collection": lambda version: COLLECTION_KEYS,
    "rating": rating_keys,
    "tool": lambda version: (*object_keys("tool", version), "current_compatible_version"),
    "version": lambda version: version_keys(version, "detail", private=True),
}


def with_fields(answer: Answer, request: ReadRequest, kind: str | None) -> Answer:
    """The answer with only the requested keys, in their usual order; unchanged without the parameter.

    Raises Refusal 400 for an unknown key.
    """
    parameter = request.params.get(_PARAMETER)
    if parameter is None or kind is None:
        return answer
    keys = request.parsed(_requested_keys, parameter, _KEYS[kind](request.view.version), bare=True)
    body = orjson.loads(answer.body.unpack() if isinstance(answer.body, PackedText) else answer.body)
    if "results" in body:
        body["results"] = [_select(row, keys) for row in body["results"]]
    else:
        body = _select(body, keys)
    return answer._replace(body=orjson.dumps(body))


def _requested_keys(parameter: str, all_keys: Iterable[str]) -> list[str]:
    """Raises ParameterError."""
    keys = values(_PARAMETER, parameter)
    if not set(keys) <= {*all_keys}:
        raise invalid(_PARAMETER)
    return keys


def _select(value: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    return {key: value[key] for key in value if key in keys}
