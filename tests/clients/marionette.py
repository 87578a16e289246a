"""Scripts in Firefox or Thunderbird, by the protocol that their own tests use.

with Browser("firefox-esr", folder, prefs) as browser:
    browser.run("return Services.appinfo.version")
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

_START: Final = 120.0  # seconds
_SCRIPT: Final = 60.0
# Nothing but this machine is to be reached: everything else is sent to a port where nobody is.
_USUAL: Final[dict[str, Any]] = {
    "marionette.port": 0,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1",
    "app.update.disabledForTesting": True,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mailnews.start_page.enabled": False,
}


class Browser:
    """`program` without a window, with a new profile in `folder`; used as a context."""

    def __init__(self, program: str, folder: Path, prefs: Mapping[str, Any]) -> None:
        prefs = _USUAL | dict(prefs)
        folder.mkdir(parents=True)
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in prefs.items())
        (folder / "user.js").write_text("".join(lines))
        self._port_file = folder / "MarionetteActivePort"
        self._log = (folder / "output").open("wb")
        words = ("--headless", "--no-remote", "--marionette", "--remote-allow-system-access", "--profile")
        self._process = subprocess.Popen(
            [shutil.which(program) or program, *words, str(folder)], stdout=self._log, stderr=self._log
        )
        self._count = 0

    def __enter__(self) -> Self:
        try:
            self._socket = self._connect()
            self._file = self._socket.makefile("rb")
            self._read()  # who it is
            self._ask("WebDriver:NewSession", capabilities={})
            self._ask("Marionette:SetContext", value="chrome")
            self._ask("WebDriver:SetTimeouts", script=int(_SCRIPT * 1000))
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *fault: object) -> None:
        self._file.close()
        self._socket.close()
        self._stop()

    def run(self, script: str, *args: Any) -> Any:
        """What the body of an asynchronous function returns, called with `args`. Raises RuntimeError."""
        body = f"""
            const [done, ...given] = [arguments[arguments.length - 1], ...arguments];
            (async function () {{ {script} }})(...given).then(
                value => done({{value}}), error => done({{error: String(error)}}));
        """
        answer = self._ask("WebDriver:ExecuteAsyncScript", script=body, args=list(args))["value"]
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")

    def _connect(self) -> socket.socket:
        end = time.monotonic() + _START
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"it ended at once: {self._process.returncode}")
            if self._port_file.exists() and (port := self._port_file.read_text()):
                return socket.create_connection(("127.0.0.1", int(port)), timeout=_SCRIPT + 10)
            time.sleep(0.1)
        raise RuntimeError(f"it did not start in {_START:.0f} s")

    def _ask(self, command: str, **values: Any) -> Any:
        self._count += 1
        message = json.dumps([0, self._count, command, values]).encode()
        self._socket.sendall(f"{len(message)}:".encode() + message)
        _, _, error, result = self._read()
        if error:
            raise RuntimeError(f"{command}: {error['error']}: {error['message']}")
        return result

    def _read(self) -> Any:
        length = b""
        while (sign := self._file.read(1)) != b":":
            if not sign:
                raise RuntimeError("it ended")
            length += sign
        return json.loads(self._file.read(int(length)))

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
