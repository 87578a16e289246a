"""Uploads as publishing programs make them: sent, then asked for until they are processed."""

import time
from typing import Any

from tests.client import Answer
from tests.handlers.signed_client import Api, authorization
from tests.packages import form

PATIENCE = 30.0  # seconds


def send(api: Api, user: Any, method: str, path: str, **parts: str | tuple[str, bytes]) -> Answer:
    """A form, to a path below /api/."""
    headers, body = form(**parts)
    return api.request(method, f"/api/{path}", headers=headers | authorization(user), body=body)


def upload(api: Api, user: Any, content: bytes, channel: str = "listed", name: str = "tree.xpi") -> Any:
    """The upload once it is processed."""
    answer = send(api, user, "POST", "v5/addons/upload/", upload=(name, content), channel=channel)
    assert answer.status == 201, answer.body
    return processed(api, user, answer.json["uuid"])


def processed(api: Api, user: Any, uuid: str) -> Any:
    end = time.monotonic() + PATIENCE
    while True:
        body = api.ask("GET", "v5", f"addons/upload/{uuid}/", user).json
        if body["processed"] or time.monotonic() > end:
            return body
        time.sleep(0.05)
