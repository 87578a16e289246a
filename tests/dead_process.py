"""In the place of another process that works for us: one that ends at once, or none at all."""

import subprocess
import sys
from typing import NoReturn


def start_dead(_: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-S", "-c", ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def start_none(_: object) -> NoReturn:
    raise BlockingIOError("there is no room for another process")
