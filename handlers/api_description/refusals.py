"""Which answers but a success a verb has, and what each looks like (handlers/http/)."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from handlers.api_description.operations import JSON, Operation
from handlers.api_description.schemas import INTEGER, ref
from handlers.http.access import Access
from handlers.http.base import SAFE_METHODS, ApiHandler, PageHandler


class Answer(NamedTuple):
    """`schema` names an object; None: no body."""

    name: str
    text: str
    schema: str | None = "Error"
    can_retry: bool = False


REFUSALS: Final = {
    304: Answer("NotModified", "What If-None-Match names is still so.", None),
    400: Answer("BadRequest", "A parameter, a field or the whole body is wrong.", "BadRequest"),
    401: Answer("Unauthorized", "No credential, or one that is not good."),
    403: Answer("Forbidden", "The caller lacks the right."),
    404: Answer("NotFound", "There is no such thing for the caller, or another `format` was asked for."),
    405: Answer("MethodNotAllowed", "The path has no such verb; `Allow` names those it has."),
    406: Answer("NotAcceptable", "`Accept` excludes JSON."),
    409: Answer("Conflict", "Somebody else changed it at the same time, or it is there already.", "Faults"),
    410: Answer("Gone", "It is too long ago to be told."),
    412: Answer("PreconditionFailed", "What If-Match names has been changed."),
    413: Answer("TooLarge", "The body is too large."),
    415: Answer("UnsupportedMediaType", "The body is neither JSON nor a form."),
    416: Answer("RangeNotSatisfiable", "The file is shorter.", None),
    422: Answer("NotShown", "A package that takes more than it may to be looked into, or is none."),
    429: Answer("TooManyRequests", "Too often; `Retry-After` says when to come back.", can_retry=True),
    451: Answer("WithheldForLegalReasons", "The add-on is not shown in the caller's country."),
    503: Answer("Unavailable", "Read-only, starting, or without its database.", "ReadOnlyError", True),
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
