"""A client of the signing API: uploads a package with an API key, and polls until it has files."""

import time
from collections.abc import Mapping
from typing import Any

import jwt

from server.auth.credentials.apikeys import ALGORITHM
from tests.client import Answer
from tests.handlers.signed_client import Api
from tests.handlers.upload_client import PATIENCE
from tests.packages import form


class Signer:
    """Who has the API key `key` with that secret, in one version of the API."""

    def __init__(self, api: Api, key: str, secret: str, version: str = "v4") -> None:
        self.api = api
        self.version = version
        self._key = key
        self._secret = secret

    def header(self) -> dict[str, str]:
        now = int(time.time())
        claims = {"iss": self._key, "iat": now, "exp": now + 60}
        return {"Authorization": f"JWT {jwt.encode(claims, self._secret, algorithm=ALGORITHM)}"}

    def send(self, method: str, path: str, **parts: str | tuple[str, bytes]) -> Answer:
        headers, body = form(**parts)
        return self._ask(method, path, headers=headers | self.header(), body=body)

    def get(self, path: str) -> Answer:
        """`path` below the version, or an address as it was answered."""
        return self._ask("GET", path, headers=self.header())

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        place = path[path.index("/api/") :] if "://" in path else f"/api/{self.version}/{path}"
        return self.api.request(method, place, headers=headers, body=body)

    def put(self, guid: str, version: str, content: bytes, **more: str) -> Answer:
        return self.send("PUT", f"addons/{guid}/versions/{version}/", upload=("tree.xpi", content), **more)

    def signed(self, answer: Answer) -> Any:
        """The status once there is a version, or why there will be none."""
        assert answer.status in (201, 202), answer.body
        end = time.monotonic() + PATIENCE
        while True:
            status = self.get(answer.json["url"]).json
            done = "error" in status or (status["processed"] and (status["files"] or not status["valid"]))
            if done or time.monotonic() > end:
                return status
            time.sleep(0.05)
