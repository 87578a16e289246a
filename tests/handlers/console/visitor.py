"""Somebody at the console without a browser: keeps cookies, fills in forms, and says where it comes from.

visitor = Visitor(base)
visitor.sign_in(OPERATOR)
visitor.get("maintenance/")
visitor.send("maintenance/", mode="on")
"""

import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import urlencode

from server.auth.credentials.tokens import make_token
from tests.client import Answer, Client
from tests.handlers.signed_client import KEYRING

ROOT: Final = "/admin/"
_TOKEN: Final = re.compile(r'name="form_token" value="([^"]+)"')


class Visitor:
    """`headers` go with every request, `cookies` are those it has."""

    def __init__(self, base: str, **headers: str) -> None:
        self.client = Client(base)
        self.origin = base
        self.headers = headers
        self.cookies: dict[str, str] = {}

    def get(self, path: str = "", **headers: str) -> Answer:
        return self._ask("GET", path, headers)

    def post(self, path: str, fields: Mapping[str, Any], **headers: str) -> Answer:
        """A form as it is; the origin is that of the site where the headers say nothing of it."""
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin} | headers
        return self._ask("POST", path, sent, urlencode(fields, doseq=True))

    def send(self, path: str, fields: Mapping[str, Any] | None = None, page: str | None = None) -> Answer:
        """A form with the token of the page that it stands in."""
        token = self.form_token(path if page is None else page)
        return self.post(path, {"form_token": token, **(fields or {})})

    def form_token(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status == 200, answer.body
        [token, *_] = _TOKEN.findall(answer.body.decode())
        return str(token)

    def sign_in(self, user: Any) -> "Visitor":
        answer = self.post("sign-in/", {"token": make_token(user, KEYRING)})
        assert answer.status == 303, answer.body
        return self

    def _ask(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = self.headers | ({"Cookie": cookies} if cookies else {}) | headers
        target = path if path.startswith("/") else ROOT + path
        answer = self.client.request(method, target, headers={k: v for k, v in sent.items() if v}, body=body)
        self.client.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
        return answer
