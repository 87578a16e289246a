"""The state of the process, its machine and MongoDB (contract/console.md 6)."""

import asyncio
from collections.abc import Sequence

import psutil

from conf.release import RELEASE
from handlers.console.navigation import STATE
from handlers.console.pages import ConsoleHandler
from handlers.console.plots import BOTTOM, HEIGHT, LEFT, WIDTH, Line, Plot, plot
from server.errors import StoreError
from server.operating.diagnosis import check_host, diagnose_store
from server.operating.findings import Finding, check_settings
from server.telemetry.facts import read_site
from server.telemetry.history import Point

_STORE_TIMEOUT = 3.0  # seconds


class StateHandler(ConsoleHandler):
    section = STATE

    async def get(self) -> None:
        telemetry = self.site.telemetry
        stored = await self.application.settings["metrics"].stored.read()
        self.render_page(
            "state.html",
            facts=read_site(self.site),
            notice=self.site.status.notice,
            stored=stored,
            findings=[finding for finding in await self._findings(stored.is_up) if finding.level != "ok"],
            plots=_plots(telemetry.history.points()),
            records=telemetry.recent.records,
            memory=psutil.Process().memory_info().rss,
            release=RELEASE,
            field={"width": WIDTH, "height": HEIGHT, "left": LEFT, "bottom": BOTTOM},
        )

    async def _findings(self, is_up: bool) -> list[Finding]:
        """The findings of `run.py doctor`, without its checks of other machines."""
        settings = self.site.settings
        findings = [*check_settings(settings), *await asyncio.to_thread(lambda: [*check_host(settings, {})])]
        if not is_up:
            fault = Finding("fault", "MongoDB", "does not answer: nothing is written", "is it running?")
            return [*findings, fault]
        try:
            async with asyncio.timeout(_STORE_TIMEOUT):
                return [*findings, *await diagnose_store(settings, self.site.store)]
        except (TimeoutError, StoreError):
            slow = Finding("warning", "MongoDB", "does not answer in time", "see its log")
            return [*findings, slow]


def _plots(points: Sequence[Point]) -> list[Plot]:
    moments = [point.moment for point in points]

    def milliseconds(name: str) -> list[float | None]:
        values = (getattr(point, name) for point in points)
        return [None if value is None else value * 1000 for value in values]

    answers = (
        Line("all", [point.rate for point in points]),
        Line("failed", [point.failed for point in points]),
    )
    times = Line("half", milliseconds("median")), Line("95 of 100", milliseconds("slow"))
    return [
        plot("answers", "Answers a second", moments, answers),
        plot("times", "Time that answers take at most, in milliseconds", moments, times),
        plot(
            "lag",
            "Lag of the event loop, in milliseconds",
            moments,
            (Line("95 of 100", milliseconds("lag")),),
        ),
    ]
