"""Requests of commands to the server of these settings, on the same machine.

server = LocalServer(settings)
await server.health()       -> the JSON of the heartbeat; None without an answer
await server.get("/metrics")
"""

import asyncio
import http.client
import socket
from typing import Any, Final

import orjson

from conf.settings.settings import Settings
from server.addresses import local_url
from server.auth.keys.shared_secrets import newest

_TIMEOUT: Final = 5.0  # seconds
_MAX_BYTES: Final = 16 * 1024 * 1024


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_TIMEOUT)
        self.sock.connect(self._path)


class LocalServer:
    """The server, by its unix socket or port, whichever the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def address(self) -> str:
        if self._settings.socket:
            return f"unix:{self._settings.socket}"
        return local_url(self._settings.host, self._settings.port)

    async def health(self) -> dict[str, Any] | None:
        return await self._get_json("/__heartbeat__")

    async def release(self) -> str | None:
        """The server's release; None without an answer."""
        return ((await self._get_json("/__version__")) or {}).get("version")

    async def _get_json(self, target: str) -> dict[str, Any] | None:
        try:
            _, body = await self.get(target)
            value = orjson.loads(body)
        except (OSError, http.client.HTTPException, ValueError):
            return None
        return value if isinstance(value, dict) else None

    async def get(self, target: str) -> tuple[int, bytes]:
        """Status and body; sends the token for metrics if there is one. Raises OSError, HTTPException."""
        return await asyncio.to_thread(self._get, target)

    def _get(self, target: str) -> tuple[int, bytes]:
        connection = self._connection()
        headers = {"Connection": "close"}
        if self._settings.socket:  # a socket has no client address
            headers["X-Forwarded-For"] = "127.0.0.1"
        if self._settings.metrics_token:
            headers["Authorization"] = f"Bearer {newest(self._settings.metrics_token)}"
        try:
            connection.request("GET", target, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read(_MAX_BYTES)
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._settings.socket:
            return _UnixConnection(self._settings.socket)
        host = local_url(self._settings.host, self._settings.port).removeprefix("http://")
        return http.client.HTTPConnection(host, timeout=_TIMEOUT)
