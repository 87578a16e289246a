"""The responses of refusals, and of 304 (handlers/http/)."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from handlers.api_description.operations import JSON, Operation
from handlers.api_description.schemas import INTEGER, ref
from handlers.http.base import Access, ApiHandler, PageHandler
from handlers.http.requests.received import SAFE_METHODS


class Response(NamedTuple):
    """A response that operations refer to; `schema` is the name of its body's schema, None for no body."""

    name: str
    text: str
    schema: str | None = "Error"
    can_retry: bool = False


REFUSALS: Final = {
    304: Response("NotModified", "The representation that If-None-Match names is still current.", None),
    400: Response("BadRequest", "A parameter, a field or the whole body is invalid.", "BadRequest"),
    401: Response("Unauthorized", "The credential is missing or invalid."),
    403: Response("Forbidden", "The caller lacks the permission."),
    404: Response(
        "NotFound", "The object does not exist, the caller may not know of it, or `format` is not `json`."
    ),
    405: Response("MethodNotAllowed", "The path does not have this method; `Allow` lists those it has."),
    406: Response("NotAcceptable", "`Accept` excludes JSON."),
    409: Response(
        "Conflict", "Somebody else changed the object at the same time, or it exists already.", "Faults"
    ),
    410: Response("Gone", "The changes since then are no longer known."),
    412: Response("PreconditionFailed", "The object has changed since the ETag in If-Match."),
    413: Response("TooLarge", "The body is too large."),
    415: Response("UnsupportedMediaType", "The body is neither JSON nor a form."),
    416: Response("RangeNotSatisfiable", "The range lies beyond the end of the file.", None),
    422: Response("NotShown", "The package is invalid, or exceeds the limits for reading it."),
    429: Response(
        "TooManyRequests", "Too many requests; `Retry-After` says when to try again.", can_retry=True
    ),
    451: Response("WithheldForLegalReasons", "The add-on is not shown in the caller's country."),
    503: Response(
        "Unavailable", "Read-only, starting, or without its database; try again later.", "ReadOnlyError", True
    ),
}
_EVERY: Final = (400, 404, 406, 503)


def response_components() -> dict[str, Any]:
    """The components that `refusal_responses` refers to."""
    return {refusal.name: _response(refusal) for refusal in REFUSALS.values()}


def _response(refusal: Response) -> dict[str, Any]:
    retry = {"headers": {"Retry-After": {"schema": INTEGER}}} if refusal.can_retry else {}
    content = {"content": {JSON: {"schema": ref(refusal.schema)}}} if refusal.schema else {}
    return {"description": refusal.text, **retry, **content}


def refusal_responses(
    verb: str, handler: type[ApiHandler], access: Access, operation: Operation, path: str
) -> dict[str, Any]:
    """The refusals of a verb: references to components, by status."""
    statuses = sorted({*_EVERY, *operation.errors, *_statuses(verb, handler, access, operation, path)})
    return {str(status): {"$ref": f"#/components/responses/{REFUSALS[status].name}"} for status in statuses}


def _statuses(
    verb: str, handler: type[ApiHandler], access: Access, operation: Operation, path: str
) -> Iterator[int]:
    if handler.mechanisms:
        yield from (401, 403)
    if access.throttle or verb in SAFE_METHODS:  # READ_LIMIT limits reads
        yield 429
    if getattr(handler, "has_regions", False) and "{addon}" in path:
        yield 451
    if verb not in SAFE_METHODS:
        yield 409
    elif issubclass(handler, PageHandler):
        yield 304
    if operation.body:
        yield from (413, 415)
