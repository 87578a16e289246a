"""What links in mail say, so that who has one can end its kind without a login (contract/extras.md 6.1).

    token, hash = codes(keyring, "ann@example.org")
    address = read_codes(keyring, token, hash)      # raises Invalid

The token is the address, the hash proves that the server made it. A hash of a replaced secret is
good for as long as the server keeps that secret.
"""

import base64
import binascii
from typing import Any

from conf.limits import MAX_EMAIL
from server.auth.keyring import Keyring
from server.rules.faults import Fault, Invalid


def codes(keyring: Keyring, address: str) -> tuple[str, str]:
    """The token and the hash of an e-mail address."""
    return base64.urlsafe_b64encode(address.encode()).decode(), keyring.address_hash(address)


def read_codes(keyring: Keyring, token: Any, address_hash: Any) -> str:
    """The address; either of base64's alphabets does. Raises Invalid 403."""
    try:
        address = base64.b64decode(_coded(token), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        address = ""
    known = address and isinstance(address_hash, str) and keyring.is_address_hash(address_hash, address)
    if not known:
        raise Invalid({"detail": Fault("unsubscribe_invalid")}, 403)
    return address


def _coded(token: Any) -> str:
    """Of four bytes a character in base64 at most. Raises ValueError for what cannot be one."""
    if not isinstance(token, str) or len(token) > MAX_EMAIL * 6:
        raise ValueError
    return token.replace("+", "-").replace("/", "_")
