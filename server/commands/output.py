"""Standard output of the commands that write much.

Written in a thread: a reader that is slow (`dump | less`) holds up neither the
event loop nor a signal.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterable


async def write_out(parts: AsyncIterable[bytes]) -> int:
    """The exit status: 1 where the reader goes before the end (`dump | head`)."""
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
