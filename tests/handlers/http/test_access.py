"""Who may use a verb is said beside it, of every verb: a server that does not say it does not start.

Rules: contract/auth.md 5.2.
"""

from typing import ClassVar

import pytest

from handlers.http.base import ANYBODY, PUBLIC, ApiHandler, PageHandler
from handlers.http.route import NotFoundHandler
from handlers.site_urls import SITE_ROUTES
from handlers.urls import ROUTES, check_access

HANDLERS = list(dict.fromkeys(route.handler for route in (*ROUTES, *SITE_ROUTES)))


class Silent(ApiHandler):
    async def get(self) -> None: ...


class Page(PageHandler):
    """A page has GET and HEAD from its base."""


class HalfSilent(ApiHandler):
    access = PUBLIC

    async def get(self) -> None: ...

    async def delete(self) -> None: ...


class Talkative(ApiHandler):
    access: ClassVar = {"GET": ANYBODY, "POST": ANYBODY}

    async def get(self) -> None: ...


@pytest.mark.parametrize("handler", [Silent, Page, HalfSilent, Talkative])
def test_a_verb_without_a_word_and_a_word_without_its_verb_end_the_start(handler: type[ApiHandler]) -> None:
    with pytest.raises(TypeError, match=handler.__name__):
        check_access(handler)


@pytest.mark.parametrize("handler", [*HANDLERS, NotFoundHandler])
def test_every_resource_says_it(handler: type[ApiHandler]) -> None:
    check_access(handler)


def test_head_is_answered_where_get_is() -> None:
    """But where a GET does more than to read: a sign-in, a wait for changes."""
    reading = [handler for handler in HANDLERS if "GET" in handler.access]
    without = {handler.__name__ for handler in reading if "HEAD" not in handler.allow().split(", ")}
    assert without == {"LoginStartHandler", "CallbackHandler", "ChangesHandler"}


@pytest.mark.parametrize("handler", HANDLERS)
def test_writes_are_open_to_nobody_unnamed(handler: type[ApiHandler]) -> None:
    """All but those whose sender proves it otherwise: by a secret, the link of a mail, a signature."""
    known = ("Inbound Email", "Unsubscribe By Mail", "Identity Event")
    open_writes = {verb for verb in handler.access if verb != "GET" and handler.access[verb] == ANYBODY}
    assert open_writes == ({"POST"} if handler.title in known else set())
