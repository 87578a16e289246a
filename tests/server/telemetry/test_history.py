"""The last hours of a process: points of what was counted anyway, bounded."""

import asyncio
import logging
import time

import pytest

from conf.settings.settings import Settings
from server.telemetry import history as module
from server.telemetry.history import History, quantile
from server.telemetry.loop_lag import LoopLag
from server.telemetry.recent import RecentRecords
from server.telemetry.requests import BOUNDS, Requests


@pytest.mark.parametrize(
    ("counts", "share", "value"),
    [
        ({}, 0.5, None),
        ({0.001: 4}, 0.5, 0.0005),
        ({0.001: 5, 0.0025: 5}, 0.5, 0.001),
        ({0.005: 90, 0.1: 10}, 0.95, 0.075),
        ({None: 3}, 0.5, 10.0),
    ],
)
def test_a_quantile_of_counts(counts: dict[float | None, int], share: float, value: float | None) -> None:
    actual = quantile([counts.get(bound, 0.0) for bound in (*BOUNDS, None)], share)
    assert actual == (value if value is None else pytest.approx(value))


async def test_points_are_of_the_time_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_INTERVAL", 0.05)
    requests, lag = Requests(Settings()), LoopLag()
    history = History(requests, lag)
    assert history.points() == []
    endpoint = requests.endpoint("a/", "v5")
    requests.record(endpoint, None, 200, time.perf_counter(), "x")
    history.start()
    assert [point.rate for point in history.points()] == [0.0, 0.0]  # what was before counts for nothing
    for status in (200, 200, 503):
        requests.record(endpoint, None, status, time.perf_counter() - 0.02, "x")
    lag.histogram.observe(0.003)
    await asyncio.sleep(0.12)
    history.close()
    points = history.points()
    assert 3 <= len(points) <= 5
    assert points[1].rate == pytest.approx(3 * points[1].failed) and points[1].rate > 10
    assert 0.01 <= (points[1].median or 0) <= (points[1].slow or 0) <= 0.05
    assert 0.0025 <= (points[1].lag or 0) <= 0.005
    assert points[-1].median is None


@pytest.mark.parametrize("jump", [pytest.param(3600, id="forward"), pytest.param(-3600, id="back")])
async def test_rates_are_those_of_the_time_that_passed_when_the_clock_is_set(
    jump: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = Requests(Settings())
    history = History(requests, LoopLag())
    history.start()
    history.close()
    requests.record(requests.endpoint("a/", "v5"), None, 200, time.perf_counter(), "x")
    set_time = time.time() + jump
    monkeypatch.setattr("time.time", lambda: set_time)
    await asyncio.sleep(0.05)
    newest = history.points()[-1]
    assert newest.moment == set_time
    assert 0.1 < newest.rate <= 1 / 0.05


def test_recent_records_are_short_and_without_secrets() -> None:
    recent, log = RecentRecords(), logging.Logger("somewhere")
    log.addHandler(recent)
    log.info("usual")
    log.warning("mongodb://amoeba:secret@db.example/ is away: %s", "x" * 1000)
    try:
        raise ValueError("text")
    except ValueError:
        log.exception("GET /x failed")
    log.error("%d", "no number")  # the line's own fault
    newest, oldest = recent.records
    assert (newest.level, newest.text) == ("ERROR", "GET /x failed (ValueError)")
    assert oldest.text.startswith("mongodb://***@db.example/ is away: xxx") and len(oldest.text) == 300
    for number in range(200):
        log.warning("line %d", number)
    assert len(recent.records) == 50 and recent.records[0].text == "line 199"
