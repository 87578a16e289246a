"""A low-priority thread for work that may wait; threads that a library starts from it inherit the priority.

    thread = background_thread("index-commit")
    thread.submit(writer.commit).result()

This suits threads that hardly ever hold the interpreter lock: whatever they compute, the event loop goes
first. A thread that holds the lock must not have a low priority, because the loop would wait for it while
other processes go first. On systems other than Linux all threads have the same priority.
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

_NICENESS: Final = 10  # of 19: a tenth of a contended core


def background_thread(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_lower_priority)


def _lower_priority() -> None:
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
