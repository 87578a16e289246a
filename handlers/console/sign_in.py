"""Into the console and out of it (contract/console.md 1)."""

import logging
from typing import Final
from urllib.parse import urlencode

from conf.limits import CONSOLE_AGE
from handlers.accounts.accounts import COOKIES
from handlers.console.navigation import ROOT
from handlers.console.pages import SIGN_IN, ConsoleHandler
from handlers.http.base import ANYBODY, SIGNED_IN, Access
from server.auth.callers import ANONYMOUS, AuthenticationFailed, Caller
from server.auth.credentials.tokens import CONSOLE, make_token
from server.auth.sign_in.attempt import safe_path

log = logging.getLogger(__name__)

_PROVIDER: Final = "/api/v5/accounts/login/start/"
_LONGEST: Final = 4096  # characters of a token


class SignInHandler(ConsoleHandler):
    """With a token of `run.py token`, or as whoever the identity provider led back.

    Nothing is stored, so that it is open in read-only mode.
    """

    title = "Sign in"
    access = {"GET": ANYBODY, "POST": Access(throttle="sign_in")}
    blocked_in_maintenance = False
    needs_session = False

    async def get(self) -> None:
        await self._show()

    async def post(self) -> None:
        form = self.form()
        is_on_site = form.get("as") == "known"
        caller = await (self._site_caller() if is_on_site else self._holder(form.get("token", "")))
        if caller.user is None:
            await self._show("This token is not valid. Print a new one with: run.py token USER", 403)
            return
        ring = self.site.authenticator.keys.ring
        self.store_cookie("session", make_token(caller.user, ring, CONSOLE), CONSOLE_AGE)
        log.info("user %d signed in to the console", caller.user["_id"])
        self.go_on(f"You are signed in as {caller.user['username']}.", self._destination())

    async def _show(self, fault: str | None = None, status: int = 200) -> None:
        to = self._destination()
        back = f"{SIGN_IN}?{urlencode({'to': to})}"
        self.show(
            "sign_in.html",
            status,
            fault=fault,
            to=to,
            provider=f"{_PROVIDER}?{urlencode({'to': back})}" if self.site.outside.provider else None,
            known=(await self._site_caller()).user,
        )

    def _destination(self) -> str:
        """A page of the console."""
        path = safe_path(self.read_request().params.get("to"))
        return path if path and path.startswith(ROOT) and not path.startswith(SIGN_IN) else ROOT

    async def _holder(self, text: str) -> Caller:
        """Whose token it is, with or without `Bearer` or `Session` before it."""
        words = text[:_LONGEST].split()
        if not words:
            return ANONYMOUS
        scheme = "Bearer" if ":" in words[-1] else "Session"
        return await self._identified(f"{scheme} {words[-1]}")

    async def _site_caller(self) -> Caller:
        """Who signed in to the site with the identity provider."""
        key = self.get_cookie(COOKIES[0])
        return await self._identified(f"Session {key}") if key else ANONYMOUS

    async def _identified(self, credential: str) -> Caller:
        try:
            return await self.site.authenticator.identify(credential, ("session",))
        except AuthenticationFailed:
            return ANONYMOUS


class SignOutHandler(ConsoleHandler):
    """Of this browser."""

    title = "Sign out"
    access = {"POST": SIGNED_IN}
    blocked_in_maintenance = False

    def post(self) -> None:
        self.forget("session")
        self.go_on("You are signed out.", SIGN_IN)
