"""What happens with every request for a while is said once in a while."""

import logging

import pytest

from server import log_once as module
from server.log_once import PAUSE, LogOnce


def test_one_line_in_a_while_and_how_many_were_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    seldom = LogOnce(logging.getLogger("test"))
    for number in range(4):
        seldom.warning("%s needs it: %d", "/a", number)
    now += PAUSE
    seldom.warning("%s needs it: %d", "/b", 4)
    now += PAUSE
    seldom.warning("%s needs it: %d", "/c", 5)
    assert [record.getMessage() for record in caplog.records] == [
        "/a needs it: 0",
        "/b needs it: 4 (and 3 times more before)",
        "/c needs it: 5",
    ]
