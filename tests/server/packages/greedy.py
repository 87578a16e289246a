"""A child that takes more than it may of what its input names (test_archive.py)."""

import sys
import tempfile
import time

if __name__ == "__main__":
    match sys.stdin.read():
        case "time":
            time.sleep(60)
        case "memory":
            print(len(bytearray(2 * 1024**3)))
        case "disk":
            with tempfile.TemporaryFile() as file:
                file.write(b"x")
        case "files":
            opened = [tempfile.TemporaryFile() for _ in range(100)]  # noqa: SIM115
