"""Conditional writes: `If-Match` with the ETag of a GET of the same address (contract/requests.md 17).

check = unless_changed(handler, lambda addon: handler.answer(addon))
check(newest)       # in the write's transaction, with the stored state: raises PreconditionFailed
"""

from collections.abc import Callable
from typing import TypeVar

from handlers.http.base import PageHandler
from handlers.http.replies.reply import matches, success_reply
from handlers.http.requests.request import Answer
from server.errors import PreconditionFailed

T = TypeVar("T")

HEADER = "If-Match"


def unless_changed(handler: PageHandler, answer_for: Callable[[T], Answer]) -> Callable[[T], T]:
    """A check of the newest state, if the request has If-Match. `answer_for` makes the answer to a GET by the
    same caller.
    """
    header = handler.request.headers.get(HEADER)

    def check(newest: T) -> T:
        if header is None:
            return newest
        reply = success_reply(answer_for(newest), handler.read_request(), type(handler))
        if reply.etag is None or not matches(header, reply.etag):
            raise PreconditionFailed
        return newest

    return check


def check_no_precondition(handler: PageHandler) -> None:
    """Checks a write that creates the object. Raises PreconditionFailed if the request has If-Match."""
    if HEADER in handler.request.headers:
        raise PreconditionFailed
