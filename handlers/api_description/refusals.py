"""The responses of a verb other than success, and their bodies (handlers/http/)."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from handlers.api_description.operations import JSON, Operation
from handlers.api_description.schemas import INTEGER, ref
from handlers.http.base import Access, ApiHandler, PageHandler
from handlers.http.requests.received import SAFE_METHODS


class Answer(NamedTuple):
    """`schema` names an object; None: no body."""

    name: str
    text: str
    schema: str | None = "Error"
    can_retry: bool = False


REFUSALS: Final = {
    304: Answer("NotModified", "The representation that If-None-Match names is still current.", None),
    400: Answer("BadRequest", "A parameter, a field or the whole body is invalid.", "BadRequest"),
    401: Answer("Unauthorized", "The credential is missing or invalid."),
    403: Answer("Forbidden", "The caller lacks the permission."),
    404: Answer(
        "NotFound", "The object does not exist, the caller may not know of it, or `format` is not `json`."
    ),
    405: Answer("MethodNotAllowed", "The path does not have this method; `Allow` lists those it has."),
    406: Answer("NotAcceptable", "`Accept` excludes JSON."),
    409: Answer(
        "Conflict", "Somebody else changed the object at the same time, or it exists already.", "Faults"
    ),
    410: Answer("Gone", "The changes since then are no longer known."),
    412: Answer("PreconditionFailed", "The object has changed since the ETag in If-Match."),
    413: Answer("TooLarge", "The body is too large."),
    415: Answer("UnsupportedMediaType", "The body is neither JSON nor a form."),
    416: Answer("RangeNotSatisfiable", "The range lies beyond the end of the file.", None),
    422: Answer("NotShown", "The package is invalid, or exceeds the limits for reading it."),
    429: Answer(
        "TooManyRequests", "Too many requests; `Retry-After` says when to try again.", can_retry=True
    ),
    451: Answer("WithheldForLegalReasons", "The add-on is not shown in the caller's country."),
    503: Answer(
        "Unavailable", "Read-only, starting, or without its database; try again later.", "ReadOnlyError", True
    ),
}
_EVERY: Final = (400, 404, 406, 503)


def responses() -> dict[str, Any]:
    """The component that `refused` refers to."""
    return {answer.name: _response(answer) for answer in REFUSALS.values()}


def _response(answer: Answer) -> dict[str, Any]:
    retry = {"headers": {"Retry-After": {"schema": INTEGER}}} if answer.can_retry else {}
    content = {"content": {JSON: {"schema": ref(answer.schema)}}} if answer.schema else {}
    return {"description": answer.text, **retry, **content}


def refused(
    verb: str, handler: type[ApiHandler], access: Access, operation: Operation, path: str
) -> dict[str, Any]:
    """The statuses of a verb's refusals, and what each of them looks like."""
    statuses = sorted({*_EVERY, *operation.errors, *_statuses(verb, handler, access, operation, path)})
    return {str(status): {"$ref": f"#/components/responses/{REFUSALS[status].name}"} for status in statuses}


def _statuses(
    verb: str, handler: type[ApiHandler], access: Access, operation: Operation, path: str
) -> Iterator[int]:
    if handler.mechanisms:
        yield from (401, 403)
    if access.throttle or verb in SAFE_METHODS:  # reads have a limit where READ_LIMIT says so
        yield 429
    if getattr(handler, "has_regions", False) and "{addon}" in path:
        yield 451
    if verb not in SAFE_METHODS:
        yield 409
    elif issubclass(handler, PageHandler):
        yield 304
    if operation.body:
        yield from (413, 415)
