"""The base of the console's pages (contract/console.md).

To add a page:

1. a row of SECTIONS (navigation.py): its path, its title, who may use it;
2. a template in templates/ that begins with `{% extends "layout.html" %}` and has a block `content`; each
   form in it has `<input type="hidden" name="form_token" value="{{ form_token }}">`, because forms without it
   are answered 403;
3. a handler:

    class MaintenanceHandler(ConsoleHandler):
        section = MAINTENANCE                   # its permissions are those of the handler
        blocked_in_maintenance = False          # if its forms work in read-only mode, too

        def get(self) -> None:
            self.render_page("maintenance.html", state=self.site.status)

        async def post(self) -> None:
            ...                                 # self.form() has the fields, self.checked_values() checkboxes
            self.redirect_with_message("Read-only mode is on.")
4. a row of CONSOLE_ROUTES (urls.py), whose path may have groups, as `admin/addons/([^/]+)/`;
5. its path in PAGES of tests/handlers/console/pages.py, which a test opens in a browser.

Exceptions of server/errors.py and Refusals become error pages (404, 403, 503, …).
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from conf.locales import DEFAULT_LOCALE
from handlers.console.assets import asset_url
from handlers.console.navigation import ROOT, SECTIONS, Section
from handlers.console.templates import are_loaded, load, render
from handlers.http.base import Access, SiteResource
from handlers.http.bodies import bodies
from handlers.http.replies import errors
from handlers.http.replies.reply import Reply
from index.shapes.urls import in_header
from server.auth.callers import AuthenticationFailed, Mechanism
from server.auth.credentials.console_session import (
    MESSAGE_AGE,
    form_token,
    is_form_token,
    read_message,
    sign_message,
)

SIGN_IN: Final = f"{ROOT}sign-in/"
HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",  # with `no-referrer`, browsers would send forms with `Origin: null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Cookie, Accept-Encoding",
}
_LONGEST_MESSAGE: Final = 700  # characters, of up to four bytes: browsers take no cookie of more than 4 kB


class ConsoleHandler(SiteResource):
    """A page for signed-in users, who are identified by a cookie, never by a header. Others are redirected to
    the sign-in.
    """

    section: ClassVar[Section | None] = None
    access: ClassVar[dict[str, Access]] = {}  # follows from the section; a page without one declares it
    blocked_in_maintenance: ClassVar[bool] = True
    mechanisms: ClassVar[tuple[Mechanism, ...]] = ()
    needs_session: ClassVar[bool] = True
    session = ""  # the value of the cookie
    is_secure = False

    def __init_subclass__(cls) -> None:
        """Derive `access` from the permissions of the section."""
        super().__init_subclass__()
        if cls.section is not None and "access" not in cls.__dict__:
            verbs = [verb for verb in ("GET", "POST") if verb in cls.allow().split(", ")]
            cls.access = dict.fromkeys(verbs, Access(permission=cls.section.permissions))

    @property
    def locale_name(self) -> str:
        """English, because the console has no translations."""
        return DEFAULT_LOCALE

    async def prepare(self) -> None:
        self.site.telemetry.begin(self.received.request_id)
        if not self.site.settings.console:
            raise self.not_found()
        await load()
        if self._is_blocked():
            raise errors.read_only(self.locale_name)
        if not self.site.ready:
            raise errors.not_ready(self.locale_name)
        self.check_request()
        self.is_secure = self.received.origin.startswith("https://")
        await self._authenticate_session()
        if self.needs_session and self.caller.is_anonymous and self.is_safe:
            self.redirect_to(f"{SIGN_IN}?{urlencode({'to': self.request.uri})}")
            return
        if not self.is_safe:
            self._check_form()
        self.check_permissions()
        self.check_throttles()

    def _is_blocked(self) -> bool:
        return self.blocked_in_maintenance and super()._is_blocked()

    # -- authentication, and protection of forms against other sites (CSRF)

    async def _authenticate_session(self) -> None:
        session = self.get_cookie(self.cookie_name("session"))
        if not session:
            return
        try:
            self.caller = await self.site.authenticator.identify(f"Console {session}", ("console",))
            self.session = session
        except AuthenticationFailed:  # the session is no longer valid
            return

    def _check_form(self) -> None:
        """Raises Refusal 403 unless a console page of this session sent the form (contract/console.md 2)."""
        ring = self.site.authenticator.keys.ring
        token = self.form().get("form_token", "")
        is_own_form = not self.needs_session or (self.session and is_form_token(token, self.session, ring))
        if not (self._is_same_origin() and is_own_form):
            raise self.error(403, "form_not_ours")

    def _is_same_origin(self) -> bool:
        """Whether the browser says so; False for a request without the headers."""
        headers = self.request.headers
        if "Sec-Fetch-Site" in headers:
            return headers["Sec-Fetch-Site"] == "same-origin"
        origin = headers.get("Origin", "")
        return origin == self.received.origin or origin.partition("://")[2] == headers.get("Host")

    def filters(self, *names: str) -> dict[str, str]:
        """The parameters of these names; empty texts for missing ones."""
        params = self.read_request().params
        return {name: params.get(name, "").strip() for name in names}

    def form(self) -> dict[str, str]:
        """The last value of each field. Raises Refusal 400, 413."""
        return bodies.form_fields(self.request, self.locale_name)

    def checked_values(self, name: str) -> list[str]:
        """All values of a field: its checked checkboxes."""
        return self.get_body_arguments(name)

    # -- cookies

    def cookie_name(self, name: str) -> str:
        """The cookie's full name; over HTTPS, one that pages without HTTPS cannot set."""
        return f"{'__Secure-' if self.is_secure else ''}console_{name}"

    def store_cookie(self, name: str, value: str, seconds: int) -> None:
        """Set a cookie that browsers send only to the console."""
        self.set_cookie(self.cookie_name(name), value, max_age=seconds, **self._cookie_attributes())

    def delete_cookie(self, name: str) -> None:
        self.clear_cookie(self.cookie_name(name), **self._cookie_attributes())

    def _cookie_attributes(self) -> dict[str, Any]:
        return {"path": ROOT, "httponly": True, "secure": self.is_secure, "samesite": "Strict"}

    # -- answers

    def render_page(self, template: str, status: int = 200, /, **values: Any) -> None:
        """Answer with a page, and the message of the form that led to it."""
        self.send_body(self._render_template(template, values), HEADERS, status)

    def _render_template(self, template: str, values: Mapping[str, Any]) -> bytes:
        caller = self.caller
        shared: dict[str, Any] = {
            "title": self.section.title if self.section else self.title,
            "sections": [section for section in SECTIONS if caller.has(*section.permissions)],
            "section": self.section,
            "root": ROOT,
            "user": caller.user,
            "message": self._message(),
            "form_token": self.session and form_token(self.session, self.site.authenticator.keys.ring),
            "style": asset_url("console.css"),
            "icon": asset_url("icon.svg"),
        }
        return render(template, **{**shared, **values})

    def _message(self) -> str | None:
        signed = self.get_cookie(self.cookie_name("message"))
        if not signed or not self.site.ready:
            return None
        self.delete_cookie("message")
        return read_message(signed, self.site.authenticator.keys.ring)

    def redirect_with_message(self, message: str, path: str | None = None) -> None:
        """Redirect to a page that shows the message: the page of the form, or another one of the console."""
        ring = self.site.authenticator.keys.ring
        self.store_cookie("message", sign_message(message[:_LONGEST_MESSAGE], ring), MESSAGE_AGE)
        self.redirect_to(path or self.request.path)

    def redirect_to(self, path: str) -> None:
        self.send_body(b"", {**HEADERS, "Location": in_header(path)}, 303)

    def send(self, reply: Reply) -> None:
        """Send without CORS headers, because scripts of other sites may not read the page."""
        headers = self.received.headers
        self.received.headers = {name: headers[name] for name in headers if name != "Origin"}
        super().send(reply)

    def options(self, *args: str, **kwargs: str) -> None:
        self.set_header("Allow", self.allow())
        self.set_status(204)
        self.finish()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with an error page; with JSON if the templates are not loaded yet."""
        if not (self.site.settings.console and are_loaded()):
            super().write_error(status_code, **kwargs)
            return
        error = self._refusal_for(status_code, kwargs.get("exc_info", (None, None, None))[1])
        values = {"title": _TITLES.get(error.status, "That did not work"), "texts": _texts(error.body)}
        body = self._render_template("error.html", {**values, "section": None, "status": error.status})
        self.send_body(body, HEADERS | error.headers, error.status)


_TITLES: Final = {
    400: "That was not understood",
    403: "That is not allowed",
    404: "There is no such page",
    405: "That is not how this page is used",
    409: "Somebody else was faster",
    429: "Too often",
    503: "Not at the moment",
}


def _texts(body: Any) -> list[str]:
    """All texts in the body of a refusal."""
    if isinstance(body, Mapping):
        return [text for value in body.values() for text in _texts(value)]
    if isinstance(body, list | tuple):
        return [text for value in body for text in _texts(value)]
    return [body] if isinstance(body, str) else []
