"""Tests in several processes: collected once, then forked, so that nobody imports or collects them again.

    python -m pytest -n 4       # four processes
    python -m pytest -n 0       # this one alone

A worker takes a group of tests, runs it as pytest would, and sends what came of it to the first process,
which has the queue and tells of everything. Session fixtures are made once in each worker.
"""

import itertools
from collections.abc import Iterable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Final, cast

import pytest

Group = Sequence[pytest.Item]
_CONTEXT: Final = get_context("fork")
_REPORT: Final = "pytest_runtest_logreport"


def run_groups(session: pytest.Session, groups: Sequence[Group], workers: int) -> None:
    """Raises as pytest's own loop does, and fails where a worker dies."""
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all of them
    _Crew(session, groups).run(workers)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)


class _Crew:
    """In the first process."""

    def __init__(self, session: pytest.Session, groups: Sequence[Group]) -> None:
        self._session = session
        self._hooks = session.config.hook
        self._groups = groups
        self._next = iter(range(len(groups)))
        self._processes: dict[Connection, Any] = {}
        self._running: dict[Connection, str] = {}  # the test that a worker began last

    def run(self, workers: int) -> None:
        if reporter := self._session.config.pluginmanager.getplugin("terminalreporter"):
            reporter.showfspath = False  # tests of several files come by turns
        try:
            for _ in range(workers):
                self._start()
            while self._processes:
                for channel in wait(list(self._processes)):
                    self._hear(cast(Connection, channel))
        finally:  # who hears of no more work, or can tell nobody, ends
            processes = list(self._processes.values())
            self._close(*self._processes)
            for process in processes:
                process.join()

    def _start(self) -> None:
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=self._work, args=(theirs, [*self._processes, ours]))
        process.start()
        theirs.close()
        self._processes[ours] = process

    def _work(self, channel: Connection, others: Iterable[Connection]) -> None:
        """In the fork. An end that others hold as well would not be seen to close."""
        self._close(*others)
        _Worker(self._session, self._groups, channel).run()

    def _close(self, *channels: Connection) -> None:
        for channel in channels:
            self._processes.pop(channel, None)
            channel.close()

    def _hear(self, channel: Connection) -> None:
        try:
            name, words = channel.recv()
        except EOFError:
            self._leave(channel)
            return
        if name == "take":
            stopped = self._session.shouldfail or self._session.shouldstop
            channel.send(None if stopped else next(self._next, None))
            return
        if name == _REPORT:
            config = self._session.config
            words = {"report": self._hooks.pytest_report_from_serializable(config=config, **words)}
        else:
            self._running[channel] = words["nodeid"]
        getattr(self._hooks, name)(**words)

    def _leave(self, channel: Connection) -> None:
        process = self._processes[channel]
        process.join()
        self._close(channel)
        if process.exitcode:
            test = self._running.get(channel, "its start")
            self._session.shouldfail = f"a worker ended with {process.exitcode} in or after {test}"


class _Worker:
    """In a fork: a plugin that sends what pytest would print."""

    def __init__(self, session: pytest.Session, groups: Sequence[Group], channel: Connection) -> None:
        self._session = session
        self._groups = groups
        self._channel = channel

    def run(self) -> None:
        plugins = self._session.config.pluginmanager
        plugins.unregister(name="terminalreporter")
        plugins.register(self)
        if capture := plugins.getplugin("capturemanager"):  # into files of our own
            capture.stop_global_capturing()
            capture.start_global_capturing()
        try:
            group = self._take()
            while group:
                group = self._run(group)
        finally:  # servers that session fixtures have started end also where the run is broken off
            self._session._setupstate.teardown_exact(None)

    def _take(self) -> Group:
        self._channel.send(("take", {}))
        number: int | None = self._channel.recv()
        return () if number is None else self._groups[number]

    def _run(self, group: Group) -> Group:
        """The next group, which is asked for early: what its first test needs stays after our last."""
        for item, after in itertools.pairwise(group):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self._session.shouldfail or self._session.shouldstop:
                return ()
        following = self._take()
        last, first = group[-1], following[0] if following else None
        last.config.hook.pytest_runtest_protocol(item=last, nextitem=first)
        return following

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        self._channel.send(("pytest_runtest_logstart", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        self._channel.send(("pytest_runtest_logfinish", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        config = self._session.config
        data = config.hook.pytest_report_to_serializable(config=config, report=report)
        self._channel.send((_REPORT, {"data": data}))
