"""Links in mail that turn off a kind of mail without signing in (contract/extras.md 6.1).

    links = UnsubscribeLinks("https://addons.example.org", keyring.address_hash)
    links.add(message, "ann@example.org", "new_review")     # a footer, and the headers of RFC 8058
    address = read_codes(keyring, token, hash)              # raises Invalid

The token is the encoded address, and the hash proves that the server made the link. A hash made with a
replaced secret stays valid while the server keeps that secret.
"""

import base64
import binascii
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import Policy
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from conf.limits import MAX_EMAIL
from server.auth.keys.keyring import Keyring
from server.rules.faults import Fault, Invalid

ONE_CLICK: Final = "/api/v5/accounts/unsubscribe/"
PAGE: Final = "/en-US/firefox/users/unsubscribe/"
_FOOTER: Final = "\n--\nNo more mail of this kind: {link}\n"


class _UnfoldedHeader(str):
    """A header that stays in one line, because the library would wrap a long address and encode it (RFC
    2047).
    """

    name: Final = "List-Unsubscribe"
    __slots__ = ()

    def fold(self, *, policy: "Policy[Any]") -> str:
        return f"{self.name}: {self}{policy.linesep}"


class UnsubscribeLinks(NamedTuple):
    """Makes the links; `address_hash` is the keyring's."""

    site_url: str
    address_hash: Callable[[str], str]

    def add(self, message: EmailMessage, address: str, notification: str) -> None:
        """Add the two headers, and a last line to the text."""
        token, hash_ = make_codes(address, self.address_hash)
        query = urlencode({"token": token, "hash": hash_, "notification": notification})
        message[_UnfoldedHeader.name] = _UnfoldedHeader(f"<{self.site_url}{ONE_CLICK}?{query}>")
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        words = "/".join(quote(word, safe="") for word in (token, hash_, notification))
        text = message.get_content() + _FOOTER.format(link=f"{self.site_url}{PAGE}{words}/")
        message.set_content(text)


def make_codes(address: str, address_hash: Callable[[str], str]) -> tuple[str, str]:
    """The token and the hash of an e-mail address."""
    return base64.urlsafe_b64encode(address.encode()).decode(), address_hash(address)


def read_codes(keyring: Keyring, token: Any, address_hash: Any) -> str:
    """The address that a token and its hash prove; accepts both base64 alphabets. Raises Invalid 403."""
    try:
        address = base64.b64decode(_to_url_safe(token), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        address = ""
    is_valid = address and isinstance(address_hash, str) and keyring.is_address_hash(address_hash, address)
    if not is_valid:
        raise Invalid({"detail": Fault("unsubscribe_invalid")}, 403)
    return address


def _to_url_safe(token: Any) -> str:
    """The token in the URL-safe alphabet. Raises ValueError if it is no text or too long."""
    if not isinstance(token, str) or len(token) > MAX_EMAIL * 6:
        raise ValueError
    return token.replace("+", "-").replace("/", "_")
