"""Output of a server that cannot be written, in ways that no shell can set up."""

import os
import sys

import pytest

from server.cli.streams import ignore_output_faults


def test_a_line_is_lost_that_a_reader_is_too_slow_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a pipe that does not block, as one that is shared with a program of Node."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with os.fdopen(reader, "rb"), os.fdopen(writer, "w") as full:
        with pytest.raises(BlockingIOError):
            while True:
                os.write(writer, b"x" * 4096)
        for name in ("stdout", "stderr"):
            monkeypatch.setattr(sys, name, full)
        ignore_output_faults()
        print("lost", flush=True)
        print("lost", file=sys.stderr, flush=True)
        monkeypatch.undo()
