"""The metrics of a process in Prometheus' text format.

    metrics = Metrics(site)
    await metrics.text()

Figures of the process are read for every request, those of MongoDB every few seconds
(server/telemetry/facts.py). Labels are our own names of routes, queues and stages, never text that a caller
sent.

Thread rule: event loop; only the text is made in a thread.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import psutil
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from conf.release import RELEASE
from conf.settings.settings import Settings
from server.operating.queues import QUEUES, QueueState
from server.site import Site
from server.storage.lease_queue import PARKED, PENDING
from server.telemetry.facts import StoreFacts, StoreFactsCache, read_site
from server.telemetry.requests import BOUNDS, Endpoint, Histogram

_PREFIX: Final = "amoeba_"


class Metrics:
    """The metrics of the process and of what it works with."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        self.stored = StoreFactsCache(site)

    async def text(self) -> bytes:
        stored = _stored_metrics(await self.stored.read(), self._site.settings)
        families = [*self._process_metrics(), *stored, *self._process.collect()]
        return await asyncio.to_thread(generate_latest, _Families(families))

    def _process_metrics(self) -> Iterator[Metric]:
        telemetry = self._site.telemetry
        yield from _request_metrics(telemetry.requests.endpoints)
        about = "Duration of the stages of a search."
        family = HistogramMetricFamily(_PREFIX + "search_stage_seconds", about, labels=["stage"])
        for name, stage in telemetry.stages.items():
            family.add_metric([name], *_buckets([stage.histogram]))
        yield family
        lag = HistogramMetricFamily(_PREFIX + "event_loop_lag_seconds", "Delay of the event loop.")
        lag.add_metric([], *_buckets([telemetry.loop_lag.histogram]))
        yield lag
        for reading in telemetry.readings:
            kind = GaugeMetricFamily if reading.kind == "gauge" else CounterMetricFamily
            yield kind(_PREFIX + reading.name, reading.help, value=reading.read())

        yield from self._site_metrics()

    def _site_metrics(self) -> Iterator[Metric]:
        facts = read_site(self._site)
        gauges: list[tuple[str, str, float | None]] = [
            ("ready", "1 when reads are answered.", facts.ready),
            ("read_only", "1 in read-only mode.", facts.read_only),
            ("index_addons", "Public add-ons in the index.", facts.addons),
            ("index_age_seconds", "Seconds since the index last changed.", facts.index_age),
            ("change_stream_lag_seconds", "Seconds by which the index is behind MongoDB.", facts.lag),
            ("change_stream_waiting", "Changes that are not in the index yet.", facts.waiting),
            ("bad_documents", "Damaged documents, which are left out of responses.", facts.bad_documents),
        ]
        for name, help, value in gauges:
            if value is not None:
                yield GaugeMetricFamily(_PREFIX + name, help, value=value)
        yield CounterMetricFamily(
            _PREFIX + "index_commits", "Commits of the text index.", value=facts.commits
        )
        build = GaugeMetricFamily(_PREFIX + "build_info", "The release, as a label.", labels=["version"])
        build.add_metric([RELEASE], 1)
        yield build


class _Families:
    """The part of a registry that `generate_latest` uses."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


def _request_metrics(endpoints: Iterable[Endpoint]) -> Iterator[Metric]:
    counts = CounterMetricFamily(
        _PREFIX + "requests",
        "Responses by route, version and status.",
        labels=["endpoint", "version", "status"],
    )
    times = HistogramMetricFamily(
        _PREFIX + "request_seconds",
        "Duration from the end of a request's headers to the end of its response.",
        labels=["endpoint", "version"],
    )
    for endpoint in endpoints:
        if not endpoint.by_status:
            continue
        labels = [endpoint.name, endpoint.version]
        for status, histogram in endpoint.by_status.items():
            counts.add_metric([*labels, str(status)], histogram.values)
        times.add_metric(labels, *_buckets(endpoint.by_status.values()))
    yield counts
    yield times


def _buckets(histograms: Iterable[Histogram]) -> tuple[list[tuple[str, float]], float]:
    """The sum of several histograms: how many values are at most each bound, and the sum of all values."""
    total: Counter[int] = Counter()
    for histogram in histograms:
        total.update(dict(enumerate(histogram)))
    count, buckets = 0.0, []
    for index, bound in enumerate((*map(str, BOUNDS), "+Inf")):
        count += total[index]
        buckets.append((bound, count))
    return buckets, total[len(BOUNDS) + 1]


def _stored_metrics(stored: StoreFacts, settings: Settings) -> Iterator[Metric]:
    yield GaugeMetricFamily(_PREFIX + "mongodb_up", "1 when MongoDB answers.", value=stored.is_up)
    if stored.queues:
        yield from _queue_metrics(stored.queues)
    yield from _mongodb_metrics(stored.server, settings)
    if stored.index_bytes is not None:
        yield GaugeMetricFamily(
            _PREFIX + "index_bytes", "Size of the snapshot on disk.", value=stored.index_bytes
        )


def _queue_metrics(states: Mapping[str, QueueState]) -> Iterator[Metric]:
    sizes = GaugeMetricFamily(_PREFIX + "queue_records", "Records in the queues.", labels=["queue", "state"])
    ages = GaugeMetricFamily(
        _PREFIX + "queue_oldest_seconds", "Age of the oldest pending record.", labels=["queue"]
    )
    for name in QUEUES:
        sizes.add_metric([name, PENDING], states[name].pending)
        sizes.add_metric([name, PARKED], states[name].parked)
        ages.add_metric([name], states[name].oldest)
    yield sizes
    yield ages


def _mongodb_metrics(status: Mapping[str, Any], settings: Settings) -> Iterator[Metric]:
    """Figures of `serverStatus` that this user may see; memory only of a private mongod."""
    figures = {
        "mongodb_connections": ("Open connections to MongoDB.", status.get("connections", {}).get("current")),
        "mongodb_uptime_seconds": ("Seconds since MongoDB started.", status.get("uptime")),
    }
    if not settings.mongodb_uri and isinstance(status.get("pid"), int):
        with suppress(psutil.Error):
            resident = psutil.Process(status["pid"]).memory_info().rss
            figures["mongodb_resident_bytes"] = ("Resident memory of the private mongod.", resident)
    for name, (help, value) in figures.items():
        if isinstance(value, int | float):
            yield GaugeMetricFamily(_PREFIX + name, help, value=value)
