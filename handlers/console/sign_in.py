"""Signing in to the console, and out (contract/console.md 1)."""

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
_MAX_TOKEN: Final = 4096  # characters


class SignInHandler(ConsoleHandler):
    """Signs in with a token of `run.py token`, or as the user whom the identity provider has signed in.

    It works in read-only mode, because nothing is stored.
    """

    title = "Sign in"
    access = {"GET": ANYBODY, "POST": Access(throttle="sign_in")}
    blocked_in_maintenance = False
    needs_session = False

    async def get(self) -> None:
        await self._render()

    async def post(self) -> None:
        form = self.form()
        is_on_site = form.get("as") == "known"
        caller = await (self._site_caller() if is_on_site else self._token_caller(form.get("token", "")))
        if caller.user is None:
            await self._render("This token is not valid. Print a new one with: run.py token USER", 403)
            return
        ring = self.site.authenticator.keys.ring
        self.store_cookie("session", make_token(caller.user, ring, CONSOLE), CONSOLE_AGE)
        log.info("user %d signed in to the console", caller.user["_id"])
        self.redirect_with_message(f"You are signed in as {caller.user['username']}.", self._destination())

    async def _render(self, fault: str | None = None, status: int = 200) -> None:
        to = self._destination()
        back = f"{SIGN_IN}?{urlencode({'to': to})}"
        self.render_page(
            "sign_in.html",
            status,
            fault=fault,
            to=to,
            provider=f"{_PROVIDER}?{urlencode({'to': back})}" if self.site.outside.provider else None,
            known=(await self._site_caller()).user,
        )

    def _destination(self) -> str:
        """The console page to show after signing in."""
        path = safe_path(self.read_request().params.get("to"))
        return path if path and path.startswith(ROOT) and not path.startswith(SIGN_IN) else ROOT

    async def _token_caller(self, text: str) -> Caller:
        """The owner of a token, which may follow `Bearer` or `Session`."""
        words = text[:_MAX_TOKEN].split()
        if not words:
            return ANONYMOUS
        scheme = "Bearer" if ":" in words[-1] else "Session"
        return await self._identify(f"{scheme} {words[-1]}")

    async def _site_caller(self) -> Caller:
        """The user whom the identity provider has signed in to the site."""
        key = self.get_cookie(COOKIES[0])
        return await self._identify(f"Session {key}") if key else ANONYMOUS

    async def _identify(self, credential: str) -> Caller:
        try:
            return await self.site.authenticator.identify(credential, ("session",))
        except AuthenticationFailed:
            return ANONYMOUS


class SignOutHandler(ConsoleHandler):
    """Signs this browser out."""

    title = "Sign out"
    access = {"POST": SIGNED_IN}
    blocked_in_maintenance = False

    def post(self) -> None:
        self.delete_cookie("session")
        self.redirect_with_message("You are signed out.", SIGN_IN)
