"""The table of results, in Markdown, as it stands in the README."""

import platform
import subprocess
import sys
from dataclasses import dataclass

from tests.bench.deployment import SERVER_CORE, pinned
from tests.bench.loader import drive, request
from tests.program import LISTENING, ROOT


@dataclass(frozen=True)
class Line:
    """One row: what was measured, what it must reach, what it came to."""

    key: str
    what: str
    goal: str
    measured: str
    reached: bool | None = None  # None: no goal
    remark: str = ""


def print_table(lines: list[Line]) -> None:
    words = {True: "pass", False: "**miss**", None: ""}
    print("\n| what | must reach | measured | | |\n|---|---|---|---|---|")
    for line in lines:
        print(f"| {line.what} | {line.goal} | {line.measured} | {words[line.reached]} | {line.remark} |")
    print(f"\n{platform.python_implementation()} {platform.python_version()}, {platform.machine()}")


def loader_ceiling(requests: int = 30_000) -> str:
    """What the loader reaches against a server that does nothing but answer 8 kB."""
    words = [sys.executable, "-m", "tests.bench.bare", "--instant"]
    with pinned(SERVER_CORE):
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        found = LISTENING.search(process.stdout.readline())
        assert found, "the trivial server did not start"
        port = int(found.group(1).rsplit(":", 1)[1])
        done = drive(port, [request("/")] * requests)
    finally:
        process.terminate()
        process.wait(10)
    return f"The loader itself: {done.rate:,.0f} requests/s against a trivial server, {done.busy:.0%} busy."
