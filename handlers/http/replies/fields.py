"""`fields`: which keys of an object, or of a list's rows, are asked for (contract/requests.md 16).

with_fields(site, answer, request, "addon")
"""

from collections.abc import Callable
from typing import Any, Final

import orjson

from handlers.http.replies.errors import bad_parameter
from handlers.http.requests.request import Answer, ReadRequest
from index.documents.compression import PackedText
from index.search_params.errors import ParameterError, invalid
from index.search_params.parameters import values
from index.shapes.shape import Shapes
from server.shapes.collections import COLLECTION_KEYS
from server.shapes.ratings import rating_keys
from server.site import Site

_PARAMETER: Final = "fields"
# What an answer's object is, or its rows are -> the keys that any of these may have.
_KEYS: Final[dict[str, Callable[[Shapes], frozenset[str]]]] = {
    "addon": lambda shapes: shapes.addon_keys,
    "collection": lambda shapes: COLLECTION_KEYS,
    "rating": lambda shapes: rating_keys(shapes.version_name),
    "tool": lambda shapes: frozenset((*shapes.tool_keys, "current_compatible_version")),
    "version": lambda shapes: shapes.version_keys,
}


def with_fields(site: Site, answer: Answer, request: ReadRequest, kind: str | None) -> Answer:
    """The answer with the keys asked for, in the order they always have; the same without the parameter.

    Raises Refusal 400 for a name that no such object has.
    """
    sent = request.params.get(_PARAMETER)
    if sent is None or kind is None:
        return answer
    try:
        names = values(_PARAMETER, sent)
        if not _KEYS[kind](site.shapes[request.view.version]).issuperset(names):
            raise invalid(_PARAMETER)
    except ParameterError as error:
        raise bad_parameter(error.text(request.view.locale)) from None
    body = answer.body.plain() if isinstance(answer.body, PackedText) else answer.body
    whole = orjson.loads(body)
    if "results" in whole:
        whole["results"] = [_chosen(row, names) for row in whole["results"]]
    else:
        whole = _chosen(whole, names)
    return answer._replace(body=orjson.dumps(whole))


def _chosen(whole: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if key in names}
