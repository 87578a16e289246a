"""The program with a watch on its event loop: the longest time one callback had the processor.

    python -m tests.blocks FILE serve --port 0 ...

FILE gets the longest so far, in milliseconds, as a text; emptied, it begins anew. Time of the
loop's own thread is counted, so that other programs on the machine count for nothing.
"""

import asyncio.events
import sys
import time
from pathlib import Path
from typing import Any

import run


def watch(file: Path) -> None:
    original: Any = getattr(asyncio.events.Handle, "_run")  # noqa: B009
    longest = 0.0

    def timed(handle: Any) -> None:
        nonlocal longest
        began = time.thread_time()
        original(handle)
        took = time.thread_time() - began
        if took > 0.005:
            if not file.stat().st_size:
                longest = 0.0
            if took > longest:
                longest = took
                file.write_text(f"{took * 1000:.1f}")

    setattr(asyncio.events.Handle, "_run", timed)  # noqa: B010


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.touch()
    watch(path)
    sys.exit(run.main(sys.argv[2:]))
