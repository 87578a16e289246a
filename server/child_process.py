"""Work on what strangers sent, in a process of its own: it can take any time and memory, and be stopped.

    answer = await run_child("server.mail.html_text", html, seconds=10)
    answer = await run_child("server.packages.inspection", task, seconds=60, file=package)

The module is run as a program, with the input as its standard input; what it writes is the answer. It
has a limit of memory, of processor time, of open files, and can write none. Event loop only.
"""

import asyncio
import os
import resource
import sys
from io import BufferedIOBase
from pathlib import Path
from typing import Final

_MEMORY: Final = 1024**3  # bytes of address space
_FILES: Final = 64
_ROOT: Final = Path(__file__).resolve().parents[1]
# Settings and secrets of the server are no matter of its children.
_ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LANG", "TZ")


class ChildFailed(Exception):
    """It ended otherwise than it should; the argument is the exit status, negative: the signal."""


async def run_child(
    module: str, input: bytes, *, seconds: float, file: BufferedIOBase | None = None
) -> bytes:
    """Raises TimeoutError, ChildFailed. Of `file` the child has the descriptor, under the same number."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _START, module, str(int(seconds) + 1)),
        cwd=_ROOT,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        pass_fds=() if file is None else (file.fileno(),),
    )
    try:
        async with asyncio.timeout(seconds):
            answer, _ = await program.communicate(input)
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    if program.returncode:
        raise ChildFailed(program.returncode)
    return answer


_START: Final = (
    "import sys, runpy; from server.child_process import limit;"
    "limit(int(sys.argv[2])); runpy.run_module(sys.argv[1], run_name='__main__')"
)


def limit(seconds: int) -> None:
    """Of this process, once it is a child."""
    limits = [
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, _MEMORY),
    ]
    for kind, most in limits:
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # macOS has no limit of the address space
            continue
