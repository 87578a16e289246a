"""Writes the output of commands: large parts, or an entry on each line."""

import asyncio
import os
import sys
from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import TypeVar

T = TypeVar("T")


async def write_out(parts: AsyncIterable[bytes]) -> int:
    """Write to standard output; returns the exit status, 1 if the reader ends early (`dump | head`).

    Writes in a thread, so that a slow reader (`dump | less`) blocks neither the event loop nor a signal.
    """
    out = sys.stdout.buffer
    try:
        async for part in parts:
            await asyncio.to_thread(out.write, part)
        await asyncio.to_thread(out.flush)
    except BrokenPipeError:
        # So that the interpreter's last flush does not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


async def print_listing(batches: AsyncIterator[list[T]], as_line: Callable[[T], str], noun: str) -> None:
    """Print each entry on a line as it comes; "no `noun`" on standard error if there is none."""
    is_empty = True
    async for entries in batches:
        is_empty = False
        print("\n".join(map(as_line, entries)))
    if is_empty:
        print(f"no {noun}", file=sys.stderr)
