"""Which drills there are, on which deployment each runs, and how often, short and full."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from tests.drills import (
    full_disk,
    kill_migration,
    kill_mirror,
    kill_mongod,
    kill_server,
    kill_snapshot,
    kill_upload,
    replica_set,
    search_delay,
    stop_mongod,
    unwell_basket,
)
from tests.drills.mongods import ReplicaSet
from tests.drills.report import Outcome
from tests.drills.service import Crew, Service, prepare
from tests.fake_basket import Basket

SUBJECTS: Final = 24
PATIENCE: Final = 5.0  # seconds a request waits for MongoDB, as the settings have it
# Seconds after which members choose another primary. MongoDB's own 10 are too many for a return within
# 15: two members that stand for election at the same moment both lose, and wait as long once more.
ELECTION: Final = 5.0
QUICK_ELECTION: Final = 2.0


def run(name: str, full: bool) -> list[Outcome]:
    """Raises Skipped, and AssertionError when the drill could not be brought to its end."""
    with tempfile.TemporaryDirectory(prefix="amoeba-drill-", ignore_cleanup_errors=True) as folder:
        return DRILLS[name](Path(folder), full)


@contextmanager
def alone(folder: Path, patience: float = PATIENCE) -> Iterator[tuple[Service, Crew]]:
    """One server with its own mongod."""
    with closing(Basket()) as basket, Service(folder, basket, patience=patience) as service:
        yield service, prepare(service, SUBJECTS)


@contextmanager
def beside(folder: Path, members: ReplicaSet) -> Iterator[tuple[Service, Service, Crew]]:
    """Two servers on one MongoDB."""
    with (
        closing(Basket()) as basket,
        Service(folder / "one", basket, members.uri, "one") as first,
        Service(folder / "two", basket, members.uri, "two") as second,
    ):
        yield first, second, prepare(first, SUBJECTS)


def _server_killed(folder: Path, full: bool) -> list[Outcome]:
    with alone(folder) as (service, crew):
        return [kill_server.run(service, crew, 50 if full else 2)]


def _snapshot_killed(folder: Path, full: bool) -> list[Outcome]:
    with closing(Basket()) as basket, Service(folder, basket) as service:
        # As many as the compression learns from.
        return [kill_snapshot.run(service, prepare(service, 110 if full else SUBJECTS), 200 if full else 3)]


def _mongod_killed(folder: Path, full: bool) -> list[Outcome]:
    times = 20 if full else 1
    with alone(folder / "embedded") as (service, crew):
        outcomes = [kill_mongod.run_embedded(service, crew, times)]
    with (
        closing(Basket()) as basket,
        ReplicaSet(folder / "external", 1) as members,
        Service(folder / "server", basket, members.uri) as service,
    ):
        crew = prepare(service, SUBJECTS)
        return [*outcomes, kill_mongod.run_external(service, crew, members, times)]


def _upload_killed(folder: Path, full: bool) -> list[Outcome]:
    with alone(folder) as (service, crew):
        return [kill_upload.run(service, crew, 200 if full else len(kill_upload.ROUNDS))]


def _mirror_killed(folder: Path, full: bool) -> list[Outcome]:
    return [kill_mirror.run(folder, {}, 300 if full else 60, 50 if full else 3)]


def _mongod_stopped(folder: Path, full: bool) -> list[Outcome]:
    return [stop_mongod.run(folder, 20_000 if full else 5_000, 20.0 if full else 3.0)]


def _migration_killed(folder: Path, full: bool) -> list[Outcome]:
    with closing(Basket()) as basket, Service(folder, basket) as service:
        return [kill_migration.run(service, 5 if full else 1, 3_000)]


def _basket_unwell(folder: Path, full: bool) -> list[Outcome]:
    with alone(folder) as (service, crew):
        return [unwell_basket.run(service, crew, 5.0 if full else 3.0, 4 if full else 1)]


def _primary_killed(folder: Path, full: bool) -> list[Outcome]:
    with (
        ReplicaSet(folder, 3, ELECTION if full else QUICK_ELECTION) as members,
        beside(folder, members) as (service, _, crew),
    ):
        return [replica_set.run_primary(service, crew, members, 10 if full else 1)]


def _two_servers(folder: Path, full: bool) -> list[Outcome]:
    with ReplicaSet(folder, 3) as members, beside(folder, members) as (first, second, crew):
        return [replica_set.run_two(first, second, crew, 500 if full else 40, 20 if full else 2)]


def _disk_full(folder: Path, full: bool) -> list[Outcome]:
    with full_disk.small_disk(folder / "disk") as disk, alone(disk) as (service, crew):
        return [full_disk.run(service, crew, disk, 5 if full else 1)]


def _search_delay(folder: Path, full: bool) -> list[Outcome]:
    with alone(folder) as (service, crew):
        return [search_delay.run(service, crew, 500 if full else 60)]


DRILLS: Final[Mapping[str, Callable[[Path, bool], list[Outcome]]]] = {
    "server-killed": _server_killed,
    "snapshot-killed": _snapshot_killed,
    "mongod-killed": _mongod_killed,
    "upload-killed": _upload_killed,
    "mirror-killed": _mirror_killed,
    "mongod-stopped": _mongod_stopped,
    "migration-killed": _migration_killed,
    "basket-unwell": _basket_unwell,
    "primary-killed": _primary_killed,
    "two-servers": _two_servers,
    "disk-full": _disk_full,
    "search-delay": _search_delay,
}
