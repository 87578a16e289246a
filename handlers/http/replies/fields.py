"""The parameter `fields`: the requested keys of an object, or of a list's rows (contract/requests.md 16).

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
    sent = request.params.get(_PARAMETER)
    if sent is None or kind is None:
        return answer
    names = request.parsed(_names, sent, _KEYS[kind](request.view.version), bare=True)
    body = answer.body.unpack() if isinstance(answer.body, PackedText) else answer.body
    whole = orjson.loads(body)
    if "results" in whole:
        whole["results"] = [_select_keys(row, names) for row in whole["results"]]
    else:
        whole = _select_keys(whole, names)
    return answer._replace(body=orjson.dumps(whole))


def _names(sent: str, keys: Iterable[str]) -> list[str]:
    names = values(_PARAMETER, sent)
    if not set(names) <= {*keys}:
        raise invalid(_PARAMETER)
    return names


def _select_keys(whole: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if key in names}
