"""What a browser that is signed in to the console keeps and sends back (contract/console.md 1 and 2).

    cookie = make_token(user, ring, CONSOLE)             # tokens.py: the session
    field = form_token(cookie, ring)                     # in each form
    is_form_token(field, cookie, ring)
    cookie = sealed_message("Read-only mode is on.", ring)

Everything is signed by the server's secret with a salt of its own: what is good for one use is nothing
for any other, and nothing is stored, so that operators get in while the site is read-only. Pure; any thread.
"""

import hashlib
import secrets
from typing import Final

from itsdangerous import BadData, TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode

from conf.limits import CONSOLE_AGE
from server.auth.keys.keyring import Keyring

_MESSAGE: Final = "amoeba.console.message"
MESSAGE_AGE: Final = 60  # seconds from a change to the page that tells of it


def form_token(session: str, keyring: Keyring) -> str:
    """Another one each time: what a page holds again and again could be guessed from its length, gzipped."""
    return _forms(session, keyring).sign(secrets.token_urlsafe(12)).decode()


def is_form_token(token: str, session: str, keyring: Keyring) -> bool:
    """Whether it was made for this session. Raises nothing, whatever text it is."""
    return _forms(session, keyring).validate(token.encode("utf-8", "replace"), max_age=CONSOLE_AGE)


def _forms(session: str, keyring: Keyring) -> TimestampSigner:
    digest = hashlib.sha256(session.encode("utf-8", "replace")).hexdigest()
    return keyring.signer(f"amoeba.console.form {digest}")


def sealed_message(message: str, keyring: Keyring) -> str:
    """For the page that a form leads to."""
    return keyring.signer(_MESSAGE).sign(base64_encode(message)).decode()


def opened_message(sealed: str, keyring: Keyring) -> str | None:
    """The message; None where it is old, or none of ours."""
    try:
        coded = keyring.signer(_MESSAGE).unsign(sealed.encode("utf-8", "replace"), max_age=MESSAGE_AGE)
        return base64_decode(coded).decode()
    except (BadData, UnicodeDecodeError):
        return None
