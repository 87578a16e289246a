"""Signing in with the identity provider (contract/auth.md 8): redirect and callback.

`accounts/login/start/?to=/path` redirects to the provider, which redirects back to
`/api/auth/authenticate-callback/`. Both are for browsers: what follows is a redirect, and the session
is a cookie.
"""

import logging
from typing import ClassVar, Final
from urllib.parse import quote

from conf.limits import SESSION_AGE
from handlers.accounts.accounts import COOKIES
from handlers.http.base import Access, SiteResource
from handlers.http.replies import errors
from index.shapes.urls import in_header
from server.auth.callers import AuthenticationFailed
from server.auth.sign_in.attempt import HOME, Attempt, next_path, safe_path
from server.auth.sign_in.provider import IdentityProvider, NotIdentified, ProviderUnavailable
from server.services.accounts.sign_in import sign_in

log = logging.getLogger(__name__)

CALLBACK: Final = "api/auth/authenticate-callback/"
_ATTEMPT_AGE: Final = 3600  # seconds that a user may spend at the provider
_NO_CACHE: Final = {"Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private"}


class SignInHandler(SiteResource):
    """Base of both. They are refused in read-only mode, because the callback stores a session."""

    title = "Sign In"
    access: ClassVar = {"GET": Access(throttle="sign_in")}
    answers_head = False  # because HEAD would use up the sign-in

    def _is_blocked(self) -> bool:
        return self.site.status.read_only

    @property
    def provider(self) -> IdentityProvider:
        """Raises Refusal if no provider is configured."""
        if self.site.outside.provider is None:
            raise self.not_found()
        return self.site.outside.provider

    @property
    def redirect_uri(self) -> str:
        return f"{self.received.origin}/{CALLBACK}"

    @property
    def is_secure(self) -> bool:
        return self.received.origin.startswith("https://")

    @property
    def attempt_cookie(self) -> str:
        """The name of a cookie that, over HTTPS, no other host of the domain can set."""
        return "__Host-sign_in" if self.is_secure else "sign_in"

    def store_cookie(self, name: str, value: str, seconds: int) -> None:
        """Set a cookie that scripts cannot read, and that of other sites' requests only links send."""
        self.set_cookie(
            name, value, max_age=seconds, path="/", httponly=True, secure=self.is_secure, samesite="Lax"
        )

    def redirect_to(self, address: str) -> None:
        """Redirect to a path of the site or to another URL."""
        location = in_header(self.received.origin + address if address.startswith("/") else address)
        self.send_body(b"", {**_NO_CACHE, "Location": location}, 302)


class LoginStartHandler(SignInHandler):
    """Continues the attempt that the browser has begun, if any, because its tabs share the cookie."""

    async def get(self) -> None:
        attempt = Attempt.from_cookie(self.get_cookie(self.attempt_cookie)) or Attempt.begin()
        state = attempt.state_for(safe_path(self.read_request().params.get("to")))
        try:
            address = await self.provider.login_address(attempt, self.redirect_uri, state)
        except ProviderUnavailable as fault:
            self.provider.outages.warning("the identity provider cannot be used: %s", fault)
            raise errors.provider_away(self.locale_name) from None
        self.store_cookie(self.attempt_cookie, attempt.key, _ATTEMPT_AGE)
        self.redirect_to(address)


class CallbackHandler(SignInHandler):
    """Always redirects: to the home page if the browser did not ask for this answer."""

    async def get(self) -> None:
        provider, params = self.provider, self.read_request().params
        attempt = Attempt.from_cookie(self.get_cookie(self.attempt_cookie))
        state, code = params.get("state", ""), params.get("code")
        path = next_path(state)
        if attempt is None or not attempt.is_state(state):
            self.redirect_to(HOME if code else path)
            return
        self.clear_cookie(self.attempt_cookie, path="/", secure=self.is_secure)
        if code and "error" not in params and not await self._is_signed_in():
            try:
                identity = await provider.identify(code, attempt, self.redirect_uri, params.get("iss"))
            except NotIdentified as fault:
                log.info("nobody is signed in: %s", fault)
            except ProviderUnavailable as fault:
                provider.outages.warning("the identity provider cannot be used: %s", fault)
            else:
                signed_in = await sign_in(self.site, identity)
                self.store_cookie(COOKIES[0], signed_in.key, SESSION_AGE)
                path = self._edit_page(path) if signed_in.is_new else path
        self.redirect_to(path)

    async def _is_signed_in(self) -> bool:
        key = self.get_cookie(COOKIES[0])
        try:
            caller = await self.site.authenticator.identify(f"Session {key}" if key else None, ("session",))
        except AuthenticationFailed:
            return False
        return not caller.is_anonymous

    def _edit_page(self, path: str) -> str:
        """The website's page for the owner of a new account."""
        page = f"/{self.locale_name}/firefox/users/edit"
        return page if path == HOME else f"{page}?to={quote(path, safe='')}"
