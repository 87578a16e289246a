"""A real OpenID Connect provider on loopback (oidc-provider-mock), and what stands between it and a browser.

    with running_provider() as provider:
        browser = Browser(server_url, address="192.0.2.7")
        answer = browser.sign_in(provider, "sub-1", to="/en-US/firefox/")

`provider.instead[path]` answers a path in the provider's place, for what no real one would say; such
tokens are made by `provider.token`, with a key that stands in its list beside its own.
"""

import base64
import json
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.client import Answer, Client

CLIENT_ID, CLIENT_SECRET = "amoeba", "a secret of tests/identity_provider.py"
SETTINGS: Final = {"AMOEBA_OIDC_CLIENT_ID": CLIENT_ID, "AMOEBA_OIDC_CLIENT_SECRET": CLIENT_SECRET}
CALLBACK: Final = "/api/auth/authenticate-callback/"
START: Final = "/api/v5/accounts/login/start/"
TOKEN, KEYS, ABOUT, PROFILE = "/oauth2/token", "/jwks", "/.well-known/openid-configuration", "/userinfo"

Start = Callable[[str, list[tuple[str, str]]], Any]
Instead = Callable[[Mapping[str, Any], Start], Iterable[bytes]]


def says(body: Any, status: str = "200 OK", **headers: str) -> Instead:
    """A JSON answer, or the bytes as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        start(status, [("Content-Type", "application/json"), *headers.items()])
        return [data]

    return answer


def waits(seconds: float) -> Instead:
    def answer(environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        time.sleep(seconds)
        start("200 OK", [])
        return [b"{}"]

    return answer


@dataclass
class Provider:
    """`asked` are its requests: path, form, headers of the caller."""

    app: Any
    url: str = ""
    instead: dict[str, Instead] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    key: Any = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        form = {}
        if path == TOKEN:
            sent = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            form = dict(parse_qsl(sent.decode()))
            environ["wsgi.input"] = _Bytes(sent)
        self.asked.append((path, form, environ.get("HTTP_AUTHORIZATION", "")))
        instead = self.instead.get(path)
        return (instead or self.app)(environ, start)

    def public_key(self, **more: str) -> dict[str, Any]:
        """As the list of keys has it."""
        made = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {**made, "kid": "ours", "use": "sig", "alg": "RS256"} | more

    def token(self, nonce: Any, *, key: Any = None, alg: str = "RS256", **claims: Any) -> str:
        """A token as the provider's, but for what is said; a claim that is None is left out."""
        now = int(time.time())
        said = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "forged",
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": "forged@example.org",
        } | claims
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, self.key if key is None else key, alg, headers={"kid": "ours"})

    def basic(self) -> str:
        pair = f"{CLIENT_ID}:{CLIENT_SECRET.replace(' ', '+').replace('/', '%2F')}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"


class _Bytes:
    """A body that was read, once more."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int = -1) -> bytes:
        size = len(self._data) if size is None or size < 0 else size
        data, self._data = self._data[:size], self._data[size:]
        return data


@contextmanager
def running_provider() -> Iterator[Provider]:
    with warnings.catch_warnings(record=True):  # of the library's own libraries
        from oidc_provider_mock import app
        from oidc_provider_mock._server import _threaded_server

    provider = Provider(app())
    with _threaded_server(provider) as server:
        provider.url = f"http://localhost:{server.server_port}"
        yield provider


class Browser:
    """Keeps the cookies of the site, and comes from an address of its own; `seen` are the values of all."""

    seen: ClassVar[set[str]] = set()

    def __init__(self, base: str, address: str = "192.0.2.1", **headers: str) -> None:
        self.client = Client(base)
        self.cookies: dict[str, str] = {}
        self.headers = {"X-Forwarded-For": address, **headers}

    def get(self, path: str) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = self.headers | ({"Cookie": cookie} if cookie else {})
        answer = self.client.get(path, headers=headers)
        self.client.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
            if self.cookies[name]:
                self.seen.add(self.cookies[name])
            else:
                del self.cookies[name]
        return answer

    def start(self, to: str | None = None, path: str = START) -> str:
        """Where the provider is asked."""
        answer = self.get(path + (f"?{urlencode({'to': to})}" if to is not None else ""))
        assert answer.status == 302, answer.body
        return str(answer.headers["Location"])

    def agree(self, address: str, subject: str) -> str:
        """What the provider's form sends, and where that leads: path and query of the way back."""
        client = Client(address.partition("/oauth2")[0])
        answer = client.post(
            address,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode({"sub": subject}),
        )
        client.close()
        assert answer.status == 302, answer.body
        parts = urlsplit(answer.headers["Location"])
        return f"{parts.path}?{parts.query}"

    def sign_in(self, subject: str, to: str | None = None) -> Answer:
        return self.get(self.agree(self.start(to), subject))


def asked_for(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
