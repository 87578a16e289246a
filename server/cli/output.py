"""What commands write on standard output: much at a time, or an entry a line."""

import asyncio
import os
import sys
from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import TypeVar

T = TypeVar("T")


async def write_out(parts: AsyncIterable[bytes]) -> int:
    """The exit status: 1 where the reader goes before the end (`dump | head`).

    Written in a thread: a reader that is slow (`dump | less`) holds up neither the event loop nor a signal.
    """
    out = sys.stdout.buffer
    try:
        async for part in parts:
            await asyncio.to_thread(out.write, part)
        await asyncio.to_thread(out.flush)
    except BrokenPipeError:
        # Let the interpreter's last flush go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


async def print_listing(batches: AsyncIterator[list[T]], as_line: Callable[[T], str], noun: str) -> None:
    """Each entry on a line as it comes; "no `what`" on standard error where there is none."""
    is_empty = True
    async for entries in batches:
        is_empty = False
        print("\n".join(map(as_line, entries)))
    if is_empty:
        print(f"no {noun}", file=sys.stderr)
