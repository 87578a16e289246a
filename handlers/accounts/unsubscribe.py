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
<body><form method="post"><p>{message}</p>{button}</form></body></html>
"""
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'",
    "Referrer-Policy": "no-referrer",  # because the URL alone authorizes
    "Cache-Control": "no-store",
}


class _UnsubscribeResource(PublicResource):
    title = "Unsubscribe By Mail"

    async def turn_off(self, token: Any, address_hash: Any, name: Any) -> notifications.NotificationSetting:
        """Raises Invalid."""
        address = read_codes(self.site.authenticator.keys.ring, token, address_hash)
        return await notifications.turn_off(self.site.changes, self.site.store, address, name)


class UnsubscribeHandler(_UnsubscribeResource):
    """Reads `token`, `hash` and `notification` from the body, or the URL for one click (RFC 8058)."""

    access: ClassVar = {"POST": ANYBODY}  # the codes of the link authorize it

    async def post(self) -> None:
        data = {**self.read_request().params, **self.body().fields}
        self.send_json(await self.turn_off(data.get("token"), data.get("hash"), data.get("notification")))


class UnsubscribePageHandler(_UnsubscribeResource, SiteResource):
    """The page of the website. Its GET turns nothing off, because programs follow links, too."""

    access: ClassVar = {"GET": ANYBODY, "POST": ANYBODY}  # the codes of the link authorize it

    def get(self, token: str, address_hash: str, name: str) -> None:
        read_codes(self.site.authenticator.keys.ring, token, address_hash)
        button = f"<button>{escape(text('unsubscribe_button', self.locale_name))}</button>"
        self._send_page("unsubscribe_question", name, button)

    async def post(self, token: str, address_hash: str, name: str) -> None:
        await self.turn_off(token, address_hash, name)
        self._send_page("unsubscribe_done", name)

    def _send_page(self, key: str, name: str, button: str = "") -> None:
        message = escape(text(key, self.locale_name, name=name))
        page = _PAGE.format(locale=self.locale_name, message=message, button=button)
        self.send_body(page.encode(), _HEADERS)
