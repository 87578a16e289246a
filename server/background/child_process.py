"""Runs work on strangers' input in child processes, which can be limited and stopped.

    answer = await run_child("server.mail.html_text", html, seconds=10)
    answer = await run_child("server.packages.validation.inspection", task, seconds=60, files=[package])
    answer = await run_program(["/opt/linter", "tree.xpi"], seconds=360)

    async with slots:           # ChildSlots: a few children at a time
        answer = await run_child(...)

A module runs as a program that reads its input from standard input and writes the answer. child.py sets its
limits. Event loop only.
"""

import asyncio
import os
import sys
from collections.abc import Collection, Sequence
from io import BufferedIOBase
from pathlib import Path
from typing import Final

from server.background.child import MODULE
from server.errors import Busy

MAX_ANSWER: Final = 8 * 1024**2  # bytes; a document of MongoDB has sixteen million
_ROOT: Final = Path(__file__).resolve().parents[2]
# Without settings and secrets of the server.
_ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LANG", "TZ")
_START: Final = "import sys; from server.background.child import start; start(*sys.argv[1:])"


class ChildFailed(Exception):
    """It ended unexpectedly; the argument is the exit status, or the negated signal."""


class ChildSlots:
    """Lets a few children run at a time, and some callers wait; not any number, because their input takes
    memory.
    """

    def __init__(self, max_running: int = 2, max_waiting: int = 20, seconds: float = 60.0) -> None:
        """`seconds`: how long a caller may wait."""
        self._free = asyncio.Semaphore(max_running)
        self._max_waiting = max_waiting
        self._seconds = seconds
        self._waiting = 0

    async def __aenter__(self) -> None:
        """Raises Busy."""
        if self._free.locked() and self._waiting >= self._max_waiting:
            raise Busy
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self._waiting -= 1

    async def __aexit__(self, *fault: object) -> None:
        self._free.release()


async def run_child(
    module: str,
    input: bytes,
    *,
    seconds: float,
    files: Sequence[BufferedIOBase] = (),
    max_bytes: int = MAX_ANSWER,
    sink: BufferedIOBase | None = None,
) -> bytes:
    """The answer of a module; empty if it is written to the file `sink`. Raises TimeoutError, ChildFailed.

    The child inherits the descriptors of `files`, with the same numbers. `max_bytes` limits the answer.
    """
    descriptors = [file.fileno() for file in files]
    return await _run(
        [MODULE, module], input, seconds, descriptors=descriptors, max_bytes=max_bytes, sink=sink
    )


async def run_program(
    command: Sequence[str], *, seconds: float, ok_statuses: Collection[int] = (0,)
) -> bytes:
    """The program's output; `command` begins with its path. Raises as `run_child`, OSError."""
    return await _run(command, b"", seconds, ok_statuses=ok_statuses)


async def _run(
    command: Sequence[str],
    input: bytes,
    seconds: float,
    *,
    descriptors: Collection[int] = (),
    ok_statuses: Collection[int] = (0,),
    max_bytes: int = MAX_ANSWER,
    sink: BufferedIOBase | None = None,
) -> bytes:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _START, str(int(seconds) + 1), *command),
        cwd=_ROOT,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        pass_fds=descriptors,
    )
    try:
        async with asyncio.timeout(seconds):
            answer = await _communicate(program, input, max_bytes, sink)
            await program.wait()
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    if program.returncode not in ok_statuses:
        raise ChildFailed(program.returncode)
    return answer


async def _communicate(
    program: asyncio.subprocess.Process, input: bytes, max_bytes: int, sink: BufferedIOBase | None
) -> bytes:
    """The program's answer to the input. Raises ChildFailed if it is too long."""
    assert program.stdin and program.stdout

    async def feed(pipe: asyncio.StreamWriter) -> None:
        try:
            pipe.write(input)
            await pipe.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass  # the exit status says more
        pipe.close()

    feeding = asyncio.create_task(feed(program.stdin))
    try:
        answer, size = bytearray(), 0
        while part := await program.stdout.read(64 * 1024):
            size += len(part)
            if size > max_bytes:
                raise ChildFailed("too long an answer")
            if sink is None:
                answer += part
            else:
                await asyncio.to_thread(sink.write, part)
        await feeding
    finally:
        feeding.cancel()
    return bytes(answer)
