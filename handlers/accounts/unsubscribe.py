"""`accounts/unsubscribe/`: no more mail of a kind, by the link in one (contract/extras.md 6.1)."""

from typing import ClassVar

from handlers.http.access import ANYBODY
from handlers.http.base import ApiHandler
from server.mail.unsubscribing import read_codes
from server.services import notifications


class UnsubscribeHandler(ApiHandler):
    """`token`, `hash` and `notification` in the body, or in the address as in one click (RFC 8058)."""

    title = "Unsubscribe"
    access: ClassVar = {"POST": ANYBODY}  # who has the link
    mechanisms = ()

    async def post(self) -> None:
        sent = {**self.read_request().params, **self.body().fields}
        keyring = self.site.authenticator.keys.ring
        address = read_codes(keyring, sent.get("token"), sent.get("hash"))
        name = sent.get("notification")
        self.send_json(await notifications.turn_off(self.site.changes, self.site.store, address, name))
