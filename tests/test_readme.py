"""The pages are true where a program can tell: their commands run as written, their lines of a dump load."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

from server.intake.kinds import KINDS
from server.storage.store import Store
from tests.program import ROOT, clean_environment
from tests.script_forks import ScriptForks
from tests.server.intake.load_into_store import dumped, load_files

README = (ROOT / "README.md").read_text()
# Read one after the other, as README says.
PAGES = README + "".join(
    (ROOT / page).read_text() for page in ("server/operating/README.md", "server/README.md")
)
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGES, re.MULTILINE | re.DOTALL)
LINES = re.findall(r'^\{"kind": .*$', (ROOT / "server" / "intake" / "README.md").read_text(), re.MULTILINE)
# What takes minutes, and runs elsewhere: .ci/run, tests/bench, tests/drills.
LONG = re.compile(r"-m (pytest|tests\.)")
PATIENCE = 420  # seconds

# The system's interpreter: it makes an environment, and has no packages itself.
PYTHON = """\
#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then shift $(($# - 1)); exec cp -R "{stub}" "$1"; fi
echo "no packages: $*" >&2
exit 9
"""
# What it makes has those of this interpreter. A start takes a second, a fork of `program` none; that run.py
# starts by itself is what tests/server/commands/test_commands.py is for.
FORKING = """\
#!/bin/sh
if [ "$1" = run.py ]; then shift; set -- -IS "{program}" "$@"; fi
exec "{python}" "$@"
"""
ENVIRONMENT = {
    "pip": "#!/bin/sh\n",
    "activate": 'PATH="$PWD/.venv/bin:$PATH"\n',
}


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def end_group(shell: "subprocess.Popen[bytes]") -> None:
    """SIGTERM for all that the shell started: the servers stop their mongods."""
    deadline = time.monotonic() + 30
    with suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGTERM)
        while time.monotonic() < deadline:
            shell.poll()
            os.killpg(shell.pid, 0)
            time.sleep(0.1)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The project, nothing in it but what is committed, beside a `python` without packages."""
    folder = tmp_path / "amoeba"
    folder.mkdir()
    for name in ("run.py", "conf", "handlers", "index", "server", "README.md", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    for name, text in ENVIRONMENT.items():
        write_program(tmp_path / "stub" / "bin" / name, text)
    python = FORKING.format(program=tmp_path / "program.py", python=sys.executable)
    write_program(tmp_path / "stub" / "bin" / "python", python)
    write_program(tmp_path / "bin" / "python", PYTHON.format(stub=tmp_path / "stub"))
    (tmp_path / ".curlrc").write_text("silent\nshow-error\n")
    return folder


def script() -> str:
    """All of it in one shell: the first block in the background, as if in a terminal of its own.

    Only its ports are others, and its demonstration is smaller.
    """
    first, *rest = (block for block in BLOCKS if not LONG.search(block))
    ports = dict(zip(("8000", "8001"), map(str, free_ports(2)), strict=True))
    parts = [
        "set -eu",
        f"( export AMOEBA_PORT=8000; {first.strip()} ) & SERVER=$!",
        "until curl -fso /dev/null localhost:8000/__heartbeat__; do sleep 1; kill -0 $SERVER; done",
        *(f"echo '== {number}'\n{block}" for number, block in enumerate(rest, 2)),
        "echo '== end'",
    ]
    text = re.sub(r"\b800[01]\b", lambda port: ports[port[0]], "\n".join(parts))
    return re.sub(r" --demo(?=$| \))", " --demo 300", text, flags=re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="README uses curl")
def test_the_blocks_run_as_written_in_order_from_one_shell(checkout: Path) -> None:
    path = f"{checkout.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = clean_environment() | {"PATH": path, "CURL_HOME": str(checkout.parent)}
    output = checkout.parent / "output"
    with ScriptForks() as forks, output.open("wb") as out:
        (checkout.parent / "program.py").write_text(forks.program)
        shell = subprocess.Popen(
            ["sh", "-c", script()],
            cwd=checkout,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        with suppress(subprocess.TimeoutExpired):
            shell.wait(PATIENCE)
        end_group(shell)
    said = output.read_text()
    assert shell.poll() == 0, said
    for words in (
        '"guid":"tab-tree@example.org"',
        '"comments":"Please explain."',
        "force-disabled  addon:10000002  operator",
        "read-only: on",
        "read-only: off",
        " pending, 0 parked",
        "== end",
    ):
        assert words in said
    for fault in ("Traceback", r"^amoeba: (?!waiting for|going on|MongoDB \S+ is out)", '"detail":'):
        assert not re.search(fault, said, re.MULTILINE), said


async def test_every_kind_of_line_has_an_example_that_loads(store: Store, tmp_path: Path) -> None:
    assert [json.loads(line)["kind"] for line in LINES] == list(KINDS)
    path = tmp_path / "lines"
    path.write_text("\n".join(LINES))
    _, heard = await load_files(store, [path])
    assert heard.bad_records == []
    there = {
        (line["kind"], line["_id"]): line for line in map(json.loads, (await dumped(store)).splitlines())
    }
    for line in map(json.loads, LINES):
        stored = there[line["kind"], line["_id"]]
        assert line.keys() <= stored.keys()
        assert all(stored[key] == value for key, value in line.items() if key != "versions")


def test_only_what_it_runs_on_is_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {text.rpartition(" ")[2] for text in project["classifiers"]} == {"Linux", "MacOS"}
    extras = [entry for extra in project["optional-dependencies"].values() for entry in extra]
    assert not any("win32" in entry for entry in extras)
    assert "on Linux or macOS" in README
    assert "Windows" not in README


def test_readme_leads_to_every_page() -> None:
    """From one of these a reader finds the rest: a page nobody links to is never read."""
    pages = [
        path for room in ("conf", "handlers", "server", "tests") for path in (ROOT / room).rglob("README.md")
    ]
    assert [page for page in pages if page.relative_to(ROOT).as_posix() not in README] == []
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).is_file()] == []
