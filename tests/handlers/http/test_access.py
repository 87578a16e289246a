"""Every handler declares who may use each of its verbs; a server does not start without that.

Rules: contract/auth.md 5.2.
"""

from typing import ClassVar

import pytest

from handlers.http.base import ANYBODY, PUBLIC, ApiHandler, PageHandler
from handlers.http.route import NotFoundHandler
from handlers.site_urls import SITE_ROUTES
from handlers.urls import ROUTES, check_access

HANDLERS = list(dict.fromkeys(route.handler for route in (*ROUTES, *SITE_ROUTES)))


class Undeclared(ApiHandler):
    async def get(self) -> None: ...


class Page(PageHandler):
    """A page has GET and HEAD from its base."""


class HalfDeclared(ApiHandler):
    access = PUBLIC

    async def get(self) -> None: ...

    async def delete(self) -> None: ...


class DeclaresTooMuch(ApiHandler):
    access: ClassVar = {"GET": ANYBODY, "POST": ANYBODY}

    async def get(self) -> None: ...


@pytest.mark.parametrize("handler", [Undeclared, Page, HalfDeclared, DeclaresTooMuch])
def test_a_verb_without_access_and_access_without_a_verb_end_the_start(handler: type[ApiHandler]) -> None:
    with pytest.raises(TypeError, match=handler.__name__):
        check_access(handler)


@pytest.mark.parametrize("handler", [*HANDLERS, NotFoundHandler])
def test_every_handler_declares_access(handler: type[ApiHandler]) -> None:
    check_access(handler)


def test_head_is_answered_where_get_is() -> None:
    """Except where GET does more than read: signing in, waiting for changes."""
    reading = [handler for handler in HANDLERS if "GET" in handler.access]
    without = {handler.__name__ for handler in reading if "HEAD" not in handler.allow().split(", ")}
    assert without == {"LoginStartHandler", "CallbackHandler", "ChangesHandler"}


@pytest.mark.parametrize("handler", HANDLERS)
def test_writes_need_a_signed_in_caller(handler: type[ApiHandler]) -> None:
    """Except writes whose sender is proved by a secret, the link of a mail, or a signature."""
    known = ("Inbound Email", "Unsubscribe By Mail", "Identity Event")
    open_writes = {verb for verb in handler.access if verb != "GET" and handler.access[verb] == ANYBODY}
    assert open_writes == ({"POST"} if handler.title in known else set())
