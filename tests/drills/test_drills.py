"""The drills once each, short: what `python -m tests.drills --full` does many times.

Drills on the same deployment share it here, since most of the time is its start.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.drills import (
    full_disk,
    kill_mongod,
    kill_server,
    kill_snapshot,
    replica_set,
    search_delay,
    unwell_basket,
)
from tests.drills.mongods import ReplicaSet
from tests.drills.plan import QUICK_ELECTION, SUBJECTS, alone, beside
from tests.drills.report import Outcome, Skipped, table
from tests.drills.service import Crew, Service, prepare
from tests.fake_basket import Basket

# Seconds by which p99 of the few requests of a short run may differ on a busy machine.
NOISE = 0.25
BUSY_LIMIT = 1.0  # seconds; other tests, other programs share the machine
PATIENCE = 2.0  # seconds a request waits for MongoDB
Deployment = tuple[Service, Crew]


def held(outcome: Outcome) -> None:
    assert outcome.checks and not outcome.failed, "\n" + table([outcome])


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with alone(tmp_path_factory.mktemp("drill")) as deployment:
        yield deployment


@pytest.mark.timed
def test_writes_are_soon_in_search(embedded: Deployment) -> None:
    held(search_delay.run(*embedded, writes=60, limit=BUSY_LIMIT))


@pytest.mark.timed
def test_nobody_feels_an_unwell_basket(embedded: Deployment) -> None:
    held(unwell_basket.run(*embedded, stretch=1.0, ills=("refuses", "hangs"), noise=NOISE))


def test_a_killed_server_loses_nothing(embedded: Deployment) -> None:
    held(kill_server.run(*embedded, times=2))


def test_a_killed_server_goes_on_with_what_mongodb_holds(embedded: Deployment) -> None:
    held(kill_snapshot.run(*embedded, times=2))


def test_reads_go_on_while_the_supervisor_starts_a_killed_mongod(embedded: Deployment) -> None:
    held(kill_mongod.run_embedded(*embedded, times=1))


def test_reads_go_on_while_an_operator_starts_a_killed_mongod(tmp_path: Path) -> None:
    with (
        closing(Basket()) as basket,
        ReplicaSet(tmp_path, 1) as members,
        Service(tmp_path / "server", basket, members.uri, patience=PATIENCE) as service,
    ):
        crew = prepare(service, SUBJECTS)
        held(kill_mongod.run_external(service, crew, members, times=1, away=2.0))


def test_two_servers_follow_each_other_and_outlive_the_primary(tmp_path: Path) -> None:
    with (
        ReplicaSet(tmp_path, 3, QUICK_ELECTION) as members,
        beside(tmp_path, members) as (first, second, crew),
    ):
        held(replica_set.run_two(first, second, crew, writes=20, switches=2))
        held(replica_set.run_primary(first, crew, members, times=1))


def test_a_full_disk_stops_writes_alone(tmp_path: Path) -> None:
    try:
        with full_disk.small_disk(tmp_path / "disk") as disk, alone(disk, PATIENCE) as (service, crew):
            held(full_disk.run(service, crew, disk, times=1, full_for=0.5, hurry=True))
    except Skipped as reason:
        pytest.skip(str(reason))
