"""Counting, and lines of the log: what they hold, how much at most."""

import io
import json
import logging
import os
import sys
from collections.abc import Mapping
from time import perf_counter
from typing import Any

import pytest

from conf.settings.settings import Settings
from server.telemetry.access_log import _MAX_LINES, AccessLog
from server.telemetry.log_format import JsonFormatter, TextFormatter, current_request, is_json
from server.telemetry.requests import BOUNDS, Histogram, Requests


class FakeRequest:
    method, path, query = "GET", "/\u202e\n" + "x" * 400, "b=1&user@example.org=2&q=x"
    headers: Mapping[str, str] = {"User-Agent": "y" * 400}


def test_a_value_is_counted_at_the_first_bound_it_does_not_exceed() -> None:
    histogram = Histogram()
    for seconds in (0.0, BOUNDS[0], BOUNDS[0] + 1e-9, 99.0):
        histogram.observe(seconds)
    assert histogram[:2] == [2, 1] and histogram[-2] == 1 and histogram.values == 4
    assert histogram[-1] == pytest.approx(99.0 + 2 * BOUNDS[0], abs=1e-6)


def test_slow_answers_name_parameters_but_nothing_personal(caplog: pytest.LogCaptureFixture) -> None:
    requests = Requests(Settings(slow_request=0.001))
    endpoint = requests.endpoint("addons/{}/", "v5")
    with caplog.at_level(logging.INFO):
        requests.record(endpoint, FakeRequest(), 200, perf_counter(), "a")
        assert caplog.messages == []
        requests.record(endpoint, FakeRequest(), 404, perf_counter() - 2, "a")
    assert caplog.messages[0].endswith("404, parameters: b,q")
    assert {status: rows.values for status, rows in endpoint.by_status.items()} == {200: 1, 404: 1}


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_lines_that_nobody_takes_are_counted_alone(log_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read, written = os.pipe()
    with os.fdopen(written, "wb") as pipe, os.fdopen(read, "rb") as lines:
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(pipe))
        log = AccessLog(log_format)
        endpoint = Requests(Settings()).endpoint("a/", "v5")
        for _ in range(_MAX_LINES + 50):
            log.add(FakeRequest(), endpoint, 200, 0.1, "id", None)
        first = lines.readline()
        assert len(log._lines) <= _MAX_LINES
        lines.close()  # from now on writing fails, and the thread ends
        log.close()
    assert len(first) < 1000
    if log_format == "json":
        assert json.loads(first)["Fields"]["rid"] == "id"
    else:
        assert b"\\n" in first


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter("%(message)s")])
def test_a_line_names_the_request_it_was_logged_for(formatter: Any) -> None:
    record = logging.LogRecord("a", logging.WARNING, "f", 1, "%s\udc80", ("x",), None)
    assert "r1" not in formatter.format(record)
    token = current_request.set("r1")
    try:
        assert "r1" in formatter.format(record)
    finally:
        current_request.reset(token)


def test_json_holds_a_traceback_in_one_line() -> None:
    try:
        raise ValueError("x")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "f", 1, "m", (), sys.exc_info())
    line = JsonFormatter().format(record)
    fields = json.loads(line)["Fields"]
    assert "\n" not in line and fields["error"] == "ValueError" and "Traceback" in fields["traceback"]


def test_auto_is_text_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_json("json") and not is_json("text")
    for is_terminal in (True, False):
        monkeypatch.setattr("sys.stderr.isatty", lambda is_terminal=is_terminal: is_terminal)
        assert is_json("auto") is not is_terminal
