"""A thread for work that may wait, and for the threads of a library that inherit its priority.

    thread = background_thread("index-commit")
    thread.submit(writer.commit).result()

Threads that hardly ever hold the interpreter lock step back behind the event loop this way,
whatever they compute. For one that holds it this would be wrong: the loop would have to wait for
it while others go first. Elsewhere than on Linux all threads are alike.
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

_STEP_BACK: Final = 10  # of nice's 19: a tenth of a core that others want as well


def background_thread(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_step_back)


def _step_back() -> None:
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _STEP_BACK)
