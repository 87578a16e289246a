"""Unsubscribes from a kind of mail by the link in it, for programs and people (contract/extras.md 6.1)."""

from html import escape
from typing import Any, ClassVar, Final

from conf.messages import text
from handlers.http.base import ANYBODY, PublicResource, SiteResource
from server.mail.unsubscribing import read_codes
from server.services.accounts import notifications

_PAGE: Final = """\
<!DOCTYPE html>
<html lang="{locale}"><head><meta charset="utf-8"><title>Amoeba</title></head>
<body><form method="post"><p>{words}</p>{button}</form></body></html>
"""
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'",
    "Referrer-Policy": "no-referrer",  # who has the address may use it
    "Cache-Control": "no-store",
}


class _Unsubscribing(PublicResource):
    title = "Unsubscribe By Mail"

    async def turn_off(self, token: Any, address_hash: Any, name: Any) -> notifications.NotificationSetting:
        """Raises Invalid."""
        address = read_codes(self.site.authenticator.keys.ring, token, address_hash)
        return await notifications.turn_off(self.site.changes, self.site.store, address, name)


class UnsubscribeHandler(_Unsubscribing):
    """`token`, `hash` and `notification` in the body, or in the address as in one click (RFC 8058)."""

    access: ClassVar = {"POST": ANYBODY}  # who has the link

    async def post(self) -> None:
        sent = {**self.read_request().params, **self.body().fields}
        names = ("token", "hash", "notification")
        self.send_json(await self.turn_off(*(sent.get(name) for name in names)))


class UnsubscribePageHandler(_Unsubscribing, SiteResource):
    """At the website's address; following a link turns nothing off, for programs look at links too."""

    access: ClassVar = {"GET": ANYBODY, "POST": ANYBODY}  # who has the link

    def get(self, token: str, address_hash: str, name: str) -> None:
        read_codes(self.site.authenticator.keys.ring, token, address_hash)
        button = f"<button>{escape(text('unsubscribe_button', self.locale_name))}</button>"
        self._send_page("unsubscribe_question", name, button)

    async def post(self, token: str, address_hash: str, name: str) -> None:
        await self.turn_off(token, address_hash, name)
        self._send_page("unsubscribe_done", name)

    def _send_page(self, key: str, name: str, button: str = "") -> None:
        words = escape(text(key, self.locale_name, name=name))
        page = _PAGE.format(locale=self.locale_name, words=words, button=button)
        self.send_body(page.encode(), _HEADERS)
