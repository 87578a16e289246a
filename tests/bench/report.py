"""The table of results, in Markdown, as it stands in the notebook."""

import platform
from dataclasses import dataclass

from tests.bench.deployment import bare_process
from tests.bench.loader import drive, request


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
    words = {True: "pass", False: "open", None: ""}
    print("\n| what | must reach | measured | | |\n|---|---|---|---|---|")
    for line in lines:
        print(f"| {line.what} | {line.goal} | {line.measured} | {words[line.reached]} | {line.remark} |")
    print(f"\n{platform.python_implementation()} {platform.python_version()}, {platform.machine()}")


def loader_ceiling(requests: int = 30_000) -> str:
    """What the loader reaches against a server that does nothing but answer 8 kB."""
    with bare_process("--instant") as port:
        done = drive(port, [request("/")] * requests)
    return f"The loader itself: {done.rate:,.0f} requests/s against a trivial server, {done.busy:.0%} busy."
