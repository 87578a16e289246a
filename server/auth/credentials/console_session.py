"""The cookies and form tokens of a browser that is signed in to the console (contract/console.md 1 and 2).

    cookie = make_token(user, ring, CONSOLE)             # tokens.py: the session
    field = form_token(cookie, ring)                     # in each form
    is_form_token(field, cookie, ring)
    cookie = sign_message("Read-only mode is on.", ring)

All are signed with the server's secret. Each use has its own salt, so that no token is valid for another
use. Nothing is stored, so that operators can sign in while the site is read-only. Pure; any thread.
"""

import hashlib
import secrets
from typing import Final

from itsdangerous import BadData, TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode

from conf.limits import CONSOLE_AGE
from server.auth.keys.keyring import Keyring

_MESSAGE: Final = "amoeba.console.message"
MESSAGE_AGE: Final = 60  # seconds from a change to the page that reports it


def form_token(session: str, keyring: Keyring) -> str:
    """A token that differs each time, because a constant one could be guessed from the length of gzipped
    pages.
    """
    return _form_signer(session, keyring).sign(secrets.token_urlsafe(12)).decode()


def is_form_token(token: str, session: str, keyring: Keyring) -> bool:
    """Whether the token was made for this session. Never raises."""
    return _form_signer(session, keyring).validate(token.encode("utf-8", "replace"), max_age=CONSOLE_AGE)


def _form_signer(session: str, keyring: Keyring) -> TimestampSigner:
    digest = hashlib.sha256(session.encode("utf-8", "replace")).hexdigest()
    return keyring.signer(f"amoeba.console.form {digest}")


def sign_message(message: str, keyring: Keyring) -> str:
    """A cookie with the message that the page after a form shows."""
    return keyring.signer(_MESSAGE).sign(base64_encode(message)).decode()


def read_message(cookie: str, keyring: Keyring) -> str | None:
    """The message of a cookie; None if the cookie is too old or not signed here."""
    try:
        encoded = keyring.signer(_MESSAGE).unsign(cookie.encode("utf-8", "replace"), max_age=MESSAGE_AGE)
        return base64_decode(encoded).decode()
    except (BadData, UnicodeDecodeError):
        return None
