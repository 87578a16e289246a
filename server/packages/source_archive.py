"""Checks that a source archive is of the type that its name says (contract/uploads.md 5.3).

Run as a program (server/background/child_process.py) it reads a task `{"descriptor", "name"}` and fails for
a broken archive, and for one with links or devices. Nothing is unpacked.
"""

import sys
import tarfile
import zipfile
from io import BufferedIOBase

import orjson

from conf.limits import MAX_ARCHIVE_MEMBERS


def check_archive(file: BufferedIOBase, name: str) -> None:
    """Raises whatever the libraries raise, and ValueError."""
    if name.lower().endswith(".zip"):
        with zipfile.ZipFile(file) as opened:
            if len(opened.infolist()) > MAX_ARCHIVE_MEMBERS:
                raise ValueError("too many members")
        return
    file.seek(0)  # the descriptor shares the position of the process that sent it
    with tarfile.open(fileobj=file, mode="r:*") as archive:
        for count, member in enumerate(archive):
            if not (member.isfile() or member.isdir()) or count >= MAX_ARCHIVE_MEMBERS:
                raise ValueError("links, devices, or too many members")


if __name__ == "__main__":
    task = orjson.loads(sys.stdin.buffer.read())
    with open(task["descriptor"], "rb") as sent:
        check_archive(sent, task["name"])
