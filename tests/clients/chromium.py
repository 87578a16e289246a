"""Chromium signs in with a real provider on another host, and out again (contract/auth.md 8)."""

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.client import Client
from tests.clients.npm import Skipped
from tests.factories import make_user
from tests.handlers.loaded_server import load
from tests.identity_provider import SETTINGS, running_provider
from tests.program import Program

_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE: Final = 30.0  # seconds for anything
_AGREE: Final = """
    const field = document.querySelector("input[name=sub]");
    field.value = "ann";
    field.form.requestSubmit(field.form.querySelector("button[type=submit]:not([name]), button:not([name])"));
"""


def signs_in(folder: Path) -> str:
    """What was seen. Raises Skipped, AssertionError."""
    program = next((path for name in _PROGRAMS if (path := shutil.which(name))), None)
    if program is None:
        raise Skipped("chromium is not installed (Debian: apt-get install chromium)")
    load(folder, [{"kind": "user", **make_user()}])
    with running_provider() as provider:
        words = ("serve", "--port", "0", "--data-dir", str(folder / "data"))
        env = SETTINGS | {"AMOEBA_OIDC_ISSUER": provider.url}
        with Program(*words, output=folder / "serve", env=env) as server:
            server.wait_listening()
            with _running(program, folder / "profile") as port:
                version = asyncio.run(_sign_in(server.url, provider.url, port))
            assert server.loud_records() == []
    return f"{version}: signed in, went on to the path, signed out everywhere"


@contextmanager
def _running(program: str, profile: Path) -> Iterator[int]:
    """The port of its tools; nothing but this machine is reached."""
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    words = (
        *("--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking", *root),
        *("--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=127.0.0.1;localhost"),
        *("--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"),
    )
    profile.mkdir(parents=True)
    with (profile / "output").open("wb") as log:
        process = subprocess.Popen([program, *words], stdout=log, stderr=log)
    try:
        place, deadline = profile / "DevToolsActivePort", time.monotonic() + _PATIENCE
        while not (place.exists() and place.read_text().strip()):
            assert process.poll() is None and time.monotonic() < deadline, (profile / "output").read_text()
            time.sleep(0.05)
        yield int(place.read_text().split()[0])
    finally:
        process.terminate()
        process.wait(10)


class _Page:
    """One tab, by the protocol of the browser's own tools."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self._count = 0

    async def ask(self, method: str, **values: Any) -> Any:
        self._count += 1
        await self._connection.write_message(
            json.dumps({"id": self._count, "method": method, "params": values})
        )
        while True:
            said = json.loads(await self._connection.read_message() or "{}")
            if said.get("id") == self._count:
                assert "result" in said, said
                return said["result"]

    async def run(self, script: str) -> Any:
        return (await self.ask("Runtime.evaluate", expression=f"(() => {{{script}}})()"))["result"].get(
            "value"
        )

    async def go(self, address: str) -> None:
        await self.ask("Page.navigate", url=address)

    async def wait(self, start: str) -> str:
        """Until the page of an address that starts so is there."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            place = await self.run("return document.readyState == 'complete' ? location.href : ''")
            if isinstance(place, str) and place.startswith(start):
                return place
            await asyncio.sleep(0.05)
        raise AssertionError(f"{start} was not reached, but {place}")


async def _sign_in(site: str, provider: str, port: int) -> str:
    tools = AsyncHTTPClient()
    about = json.loads((await tools.fetch(f"http://127.0.0.1:{port}/json/version")).body)
    [tab, *_] = [
        one
        for one in json.loads((await tools.fetch(f"http://127.0.0.1:{port}/json/list")).body)
        if one["type"] == "page"
    ]
    connection = await websocket_connect(tab["webSocketDebuggerUrl"])
    page = _Page(connection)
    start = f"{site}/api/v5/accounts/login/start/?to=/api/v5/site/"
    await page.go(start)
    await page.wait(f"{provider}/oauth2/authorize?")
    await page.run(_AGREE)
    assert await page.wait(f"{site}/") == f"{site}/en-US/firefox/users/edit?to=%2Fapi%2Fv5%2Fsite%2F"
    assert await page.run("return document.cookie") == ""  # out of reach of scripts
    session = await _session(page, site)
    await page.go(start)  # an account that is known, and a session that there is
    await page.wait(f"{provider}/oauth2/authorize?")
    await page.run(_AGREE)
    assert await page.wait(f"{site}/") == f"{site}/api/v5/site/"
    assert await _session(page, site) == session
    client = Client(site)
    key = {"Authorization": f"Session {session}"}
    assert client.get("/api/v5/accounts/profile/", headers=key).status == 200
    assert client.delete("/api/v5/accounts/session/", headers=key).status == 200
    assert client.get("/api/v5/accounts/profile/", headers=key).status == 401
    client.close()
    await page.go(start)  # the cookie of a session that has ended does no harm
    await page.wait(f"{provider}/oauth2/authorize?")
    await page.run(_AGREE)
    assert await page.wait(f"{site}/") == f"{site}/api/v5/site/"
    assert await _session(page, site) != session
    connection.close()
    return str(about["Browser"])


async def _session(page: _Page, site: str) -> str:
    """The only cookie."""
    [cookie] = (await page.ask("Network.getCookies", urls=[site]))["cookies"]
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("sessionid", True, "Lax")
    return str(cookie["value"])
