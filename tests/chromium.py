"""Debian's Chromium without a screen, driven by the protocol of its own tools.

    with browsing(folder / "profile") as tab:              # Missing where there is none
        tab.go("http://127.0.0.1:8000/admin/")
        tab.run("return document.title")
        tab.press("Tab")
        tab.picture(path)

Nothing but this machine is reached. Thread rule: one thread, without a running event loop.
"""

import asyncio
import base64
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

_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE: Final = 30.0  # seconds for anything
_PAUSE: Final = 0.02
_KEYS: Final = {"Tab": 9, "Enter": 13, " ": 32}
_MOST_BYTES: Final = 64 * 1024 * 1024  # of a message: a picture


class Missing(Exception):
    """There is no Chromium here."""

    def __init__(self) -> None:
        super().__init__("chromium is not installed (Debian: apt-get install chromium)")


class Tab:
    """One tab; `version` is the browser's name and number."""

    def __init__(self, runner: asyncio.Runner, connection: WebSocketClientConnection, version: str) -> None:
        self._runner = runner
        self._connection = connection
        self._count = 0
        self.version = version

    def ask(self, method: str, **values: Any) -> Any:
        """A command of the protocol and its answer."""
        said = self._runner.run(self._ask(method, values))
        assert "result" in said, said
        return said["result"]

    async def _ask(self, method: str, values: dict[str, Any]) -> Any:
        self._count += 1
        await self._connection.write_message(
            json.dumps({"id": self._count, "method": method, "params": values})
        )
        async with asyncio.timeout(_PATIENCE):
            while True:
                said = json.loads(await self._connection.read_message() or "{}")
                if said.get("id") == self._count:
                    return said

    def run(self, script: str) -> Any:
        """What the body of a function returns, as JSON."""
        expression = f"(() => {{{script}}})()"
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def start(self, address: str) -> None:
        """On the way to an address; where that ends, `wait` knows."""
        self.ask("Page.navigate", url=address)

    def go(self, address: str) -> None:
        """To a page, and until it is there."""
        self._leave(lambda: self.start(address))

    def click(self, selector: str) -> None:
        """Something that leads to a page, and until that is there."""
        self._leave(lambda: self.run(f"document.querySelector({json.dumps(selector)}).click()"))

    def _leave(self, act: Any) -> None:
        """The next page knows nothing of a mark on the one before."""
        self.run("window.isLeft = true")
        act()
        self._until("return document.readyState == 'complete' && !window.isLeft", "a page")

    def wait(self, start: str) -> str:
        """Until the page of an address that begins so is there; the address."""
        begins = f"location.href.startsWith({json.dumps(start)})"
        self._until(f"return document.readyState == 'complete' && {begins}", start)
        return str(self.run("return location.href"))

    def _until(self, condition: str, what: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            # An error is a page that went meanwhile.
            asking = self._ask("Runtime.evaluate", {"expression": f"(() => {{{condition}}})()"})
            if self._runner.run(asking).get("result", {}).get("result", {}).get("value") is True:
                return
            time.sleep(_PAUSE)
        raise AssertionError(f"{what} did not come, but {self.run('return location.href')}")

    def press(self, key: str, shift: bool = False) -> None:
        """A key of _KEYS, or the sign that it makes."""
        text = {"text": "\r"} if key == "Enter" else {"text": key} if len(key) == 1 else {}
        values = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS.get(key, 0), "modifiers": 8 * shift}
        self.ask("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **values, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **values)

    def write(self, text: str) -> None:
        """Into what has the focus."""
        self.ask("Input.insertText", text=text)

    def look(self, *, width: int = 1200, dark: bool = False) -> None:
        """How wide the window is, and which colours its user likes."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path) -> None:
        """Of the whole page, as PNG."""
        taken = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(taken["data"]))


@contextmanager
def browsing(profile: Path) -> Iterator[Tab]:
    """A browser with one tab; `profile` is a folder that is not there yet. Raises Missing."""
    program = next((path for name in _PROGRAMS if (path := shutil.which(name))), None)
    if program is None:
        raise Missing
    with _running(program, profile) as port, asyncio.Runner() as runner:
        tab = runner.run(_open(runner, port))
        yield tab
        runner.run(_close(tab))


@contextmanager
def _running(program: str, profile: Path) -> Iterator[int]:
    """The port of its tools."""
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    words = (
        *("--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking", *root),
        *(
            "--hide-scrollbars",
            "--proxy-server=http://127.0.0.1:9",
            "--proxy-bypass-list=127.0.0.1;localhost",
        ),
        *("--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"),
    )
    profile.mkdir(parents=True)
    with (profile / "output").open("wb") as log:
        process = subprocess.Popen([program, *words], stdout=log, stderr=log)
    try:
        place, deadline = profile / "DevToolsActivePort", time.monotonic() + _PATIENCE
        while not (place.exists() and place.read_text().strip()):
            assert process.poll() is None and time.monotonic() < deadline, (profile / "output").read_text()
            time.sleep(_PAUSE)
        yield int(place.read_text().split()[0])
    finally:
        process.terminate()
        process.wait(10)


async def _open(runner: asyncio.Runner, port: int) -> Tab:
    tools = AsyncHTTPClient()
    about = json.loads((await tools.fetch(f"http://127.0.0.1:{port}/json/version")).body)
    tabs = json.loads((await tools.fetch(f"http://127.0.0.1:{port}/json/list")).body)
    [address, *_] = [one["webSocketDebuggerUrl"] for one in tabs if one["type"] == "page"]
    connection = await websocket_connect(address, max_message_size=_MOST_BYTES)
    return Tab(runner, connection, about["Browser"])


async def _close(tab: Tab) -> None:
    tab._connection.close()
    await asyncio.sleep(0)
