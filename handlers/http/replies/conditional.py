"""Writes on a condition: `If-Match` with the ETag of a GET of the same address (contract/requests.md 17).

check = unless_changed(handler, lambda addon: handler.answer(addon))
check(newest)       # in the transaction of the write, with what is stored: raises PreconditionFailed
"""

from collections.abc import Callable
from typing import TypeVar

from handlers.http.base import PageHandler
from handlers.http.replies.reply import matches, reply_of
from handlers.http.requests.request import Answer
from server.errors import PreconditionFailed

T = TypeVar("T")

HEADER = "If-Match"


def unless_changed(handler: PageHandler, answer_of: Callable[[T], Answer]) -> Callable[[T], T]:
    """`answer_of` gives the answer to a GET by the same caller; without If-Match nothing is checked."""
    header = handler.request.headers.get(HEADER)

    def check(newest: T) -> T:
        if header is None:
            return newest
        reply = reply_of(answer_of(newest), handler.read_request(), type(handler))
        if reply.etag is None or not matches(header, reply.etag):
            raise PreconditionFailed
        return newest

    return check


def check_nothing_expected(handler: PageHandler) -> None:
    """For an object that does not exist. Raises PreconditionFailed if the request has If-Match."""
    if HEADER in handler.request.headers:
        raise PreconditionFailed
