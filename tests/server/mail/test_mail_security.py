"""Outgoing mail goes, and a login is told, over an encrypted connection to the right server alone."""

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conf.settings.loading import load_settings
from conf.settings.settings import Settings
from conf.settings.sources import SettingsError
from server.mail.mailer import Mailer
from server.mail.outgoing import OUTBOX
from server.storage.lease_queue import new_record
from server.storage.operations import Insert
from server.storage.store import Store

USER, PASSWORD = "amoeba", "the password"


class Server:
    """An SMTP server that notes what each connection was and who signed in."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.logins: list[tuple[bool, str, str]] = []  # encrypted or not, user, password
        self.mails: list[tuple[bool, str | None]] = []  # encrypted or not, user

    def __call__(
        self, server: Any, session: Any, envelope: Any, mechanism: str, auth_data: Any
    ) -> AuthResult:
        user, password = auth_data.login.decode(), auth_data.password.decode()
        self.logins.append((_is_encrypted(server), user, password))
        return AuthResult(success=(user, password) == (USER, PASSWORD), auth_data=user)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append((_is_encrypted(server), session.auth_data))
        return "250 OK"


def _is_encrypted(connection: Any) -> bool:
    return connection.transport.get_extra_info("ssl_object") is not None


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for an address, and the file of what a client has to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    issued = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / f"{name}.pem", folder / f"{name}.key"
    trusted.write_bytes(issued.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted


@contextmanager
def running(offer: str, context: ssl.SSLContext) -> Iterator[Server]:
    """A server that offers STARTTLS, speaks TLS from the start, or neither; a login it takes always."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(free.getsockname()[1])
    controller = _Controller(
        server,
        hostname="127.0.0.1",
        port=server.port,
        ssl_context=context if offer == "tls" else None,
        tls_context=context if offer == "starttls" else None,
        authenticator=server,
        auth_required=False,
        auth_require_tls=False,
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """It would connect to itself, and knows no TLS for that."""
        with socket.create_connection((self.hostname, self.port), 5.0):
            pass


Arrivals = list[tuple[bool, str | None]]  # encrypted or not, user
ENCRYPTED: Final[Arrivals] = [(True, USER)]
CLEAR: Final[Arrivals] = [(False, USER)]
NOTHING: Final[Arrivals] = []
CASES: Final[dict[str, tuple[dict[str, Any], str, Arrivals]]] = {
    # what the settings say, what the server offers, what arrives
    "a login asks for STARTTLS": ({}, "starttls", ENCRYPTED),
    "no login where there is none": ({}, "none", NOTHING),
    "nor if STARTTLS is asked for": ({"smtp_security": "starttls"}, "none", NOTHING),
    "nor in the older words": ({"smtp_starttls": True}, "none", NOTHING),
    "the older words": ({"smtp_starttls": True}, "starttls", ENCRYPTED),
    "TLS from the start": ({"smtp_security": "tls"}, "tls", ENCRYPTED),
    "no TLS from the start": ({"smtp_security": "tls"}, "starttls", NOTHING),
    "in clear where that is said": ({"smtp_security": "none"}, "none", CLEAR),
    "in clear is not STARTTLS": ({"smtp_security": "none"}, "starttls", CLEAR),
    "without a login": ({"smtp_user": None, "smtp_password": None}, "none", [(False, None)]),
    "STARTTLS without a login": (
        {"smtp_user": None, "smtp_password": None, "smtp_security": "starttls"},
        "starttls",
        [(True, None)],
    ),
}


def settings_for(server: Server, **values: Any) -> Settings:
    credentials = {
        "smtp_user": USER,
        "smtp_password": PASSWORD,
        "smtp_port": server.port,
        "smtp_timeout": 5.0,
    }
    return load_settings({"email_sending": True, "email_from": "amo@example.org"} | credentials | values)


async def deliver(store: Store, settings: Settings) -> dict[str, Any] | None:
    """One mail; what is left of it in the outbox."""
    mail = new_record(_id="m", to="ann@example.org", sender="", subject="Hello", text="Hello.", headers={})
    await store.write([Insert(OUTBOX, mail)])
    mailer = Mailer(settings, store, lambda: False)
    await mailer.run_once()
    await mailer.close()
    return await store.find_one(OUTBOX, {"_id": "m"})


@pytest.mark.parametrize("case", CASES)
async def test_security(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    values, offer, arrives = CASES[case]
    context, trusted = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with running(offer, context) as server:
        remaining = await deliver(store, settings_for(server, **values))
    assert server.mails == arrives
    assert (remaining is None) == bool(arrives)
    assert [encrypted for encrypted, *_ in server.logins] == [
        encrypted for encrypted, user in arrives if user
    ]


@pytest.mark.parametrize("offer", ["starttls", "tls"])
@pytest.mark.parametrize("flaw", ["nobody vouches for it", "of another server"])
async def test_a_server_that_cannot_prove_who_it_is_gets_nothing(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    offer: str,
    flaw: str,
) -> None:
    context, trusted = certificate(tmp_path, "127.0.0.1" if flaw == "nobody vouches for it" else "127.0.0.2")
    if flaw == "of another server":
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with running(offer, context) as server:
        remaining = await deliver(store, settings_for(server, smtp_security=offer))
    assert (server.mails, server.logins) == ([], [])
    assert remaining is not None
    assert remaining["state"] == "pending"
    assert "certificate" in caplog.text.lower()


@pytest.mark.parametrize("value", ["ssl", "STARTTLS", "true"])
def test_unknown_word(value: str) -> None:
    with pytest.raises(SettingsError, match="must be one of starttls, tls, none"):
        load_settings({}, {"AMOEBA_SMTP_SECURITY": value})


@pytest.mark.parametrize("value", ["tls", "none"])
def test_older_words_do_not_contradict(value: str) -> None:
    with pytest.raises(SettingsError, match="contradicts smtp_security"):
        load_settings({}, {"AMOEBA_SMTP_SECURITY": value, "AMOEBA_SMTP_STARTTLS": "1"})
