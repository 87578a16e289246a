"""The version of the data: steps are run once, in order, again after a crash; newer data is refused."""

import asyncio
from typing import Any

import pytest

from server.errors import StartError
from server.storage.migrations import COLLECTION, DATA, MIGRATIONS, Migration, migrate
from server.storage.store import Store
from tests.factories import make_addon
from tests.mongod_fixture import TIMEOUT

NEWEST = MIGRATIONS[-1].version


class Steps:
    """Migrations that say when they ran."""

    def __init__(self, pause: float = 0.0) -> None:
        self.ran: list[int] = []
        self._pause = pause

    def __call__(self, *versions: int) -> list[Migration]:
        return [Migration(version, f"step {version}", self._step(version)) for version in versions]

    def _step(self, version: int) -> Any:
        async def run(database: Any) -> None:
            self.ran.append(version)
            await asyncio.sleep(self._pause)

        return run


async def raised(store: Store, steps: list[Migration], lease: float = 15.0) -> list[str]:
    """What is messages while the data is raised."""
    messages: list[str] = []
    await migrate(store.database, TIMEOUT, messages.append, steps, lease)
    return messages


async def version(store: Store) -> int:
    return int((await store.database[COLLECTION].find_one({"_id": DATA}))["version"])


async def set_version(store: Store, version: int, **lease: Any) -> None:
    stored = {"version": version, "owner": None, **lease}
    await store.database[COLLECTION].replace_one({"_id": DATA}, stored, upsert=True)


def test_the_numbers_have_no_gap() -> None:
    assert [step.version for step in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


async def test_a_new_database_has_the_newest_version(store: Store) -> None:
    assert await version(store) == NEWEST


async def test_steps_run_in_order_and_once(store: Store) -> None:
    steps = Steps()
    await set_version(store, 1)
    assert await raised(store, steps(1, 2, 3)) == [
        "raising the data to version 2: step 2",
        "raising the data to version 3: step 3",
    ]
    assert await raised(store, steps(1, 2, 3)) == []
    assert (steps.ran, await version(store)) == ([2, 3], 3)


async def test_of_processes_that_start_together_one_runs_the_steps(store: Store) -> None:
    steps = Steps(pause=1.0)
    await set_version(store, 0)
    messages = await asyncio.gather(*(raised(store, steps(1)) for _ in range(4)))
    assert steps.ran == [1]
    assert sum("waiting for another process" in "".join(lines) for lines in messages) == 3


async def test_a_step_that_was_cut_off_runs_again(store: Store) -> None:
    cut_off = Steps(pause=60.0)
    await set_version(store, 0)
    first = asyncio.create_task(raised(store, cut_off(1)))
    while not cut_off.ran:
        await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert await version(store) == 0
    steps = Steps()
    await raised(store, steps(1))
    assert (steps.ran, await version(store)) == ([1], 1)


async def test_the_lease_of_a_killed_process_ends(store: Store) -> None:
    await set_version(store, 0)
    soon = [{"$set": {"owner": "dead", "until": {"$add": ["$$NOW", 1500]}}}]
    await store.database[COLLECTION].update_one({"_id": DATA}, soon)
    steps = Steps()
    messages = await raised(store, steps(1))
    assert steps.ran == [1] and "waiting for another process" in messages[0]


async def test_a_long_step_keeps_its_lease(store: Store) -> None:
    steps = Steps(pause=2.0)
    await set_version(store, 0)
    await asyncio.gather(*(raised(store, steps(1), lease=0.9) for _ in range(2)))
    assert steps.ran == [1]


async def test_newer_data_is_refused_with_what_to_do(store: Store) -> None:
    await set_version(store, NEWEST + 1)
    with pytest.raises(StartError, match=f"version {NEWEST + 1}.*up to {NEWEST}: start the program"):
        await migrate(store.database, TIMEOUT, print)
    await set_version(store, NEWEST)  # the database is every test's


@pytest.mark.alters_schema
async def test_data_of_before_there_were_versions(store: Store) -> None:
    """What each step does, on data as older releases left it."""
    addons, activity = store.database["addons"], store.database["activity"]
    await store.database[COLLECTION].delete_many({})
    await addons.drop_indexes()
    markup = {"en-US": 'see www.example.com <script>alert("x")</script>'}
    await addons.insert_many(
        [
            dict(make_addon(_id=1, guid="Ab@example.org", slug="ab", description=markup, revision=4)),
            dict(make_addon(_id=2, guid="aB@example.org", slug="aB2", revision=7)),
        ]
    )
    await activity.insert_one({"_id": 1, "kind": "addon-disabled", "addon_id": 1})
    await raised(store, list(MIGRATIONS))
    assert (await activity.find_one({}))["action"] == "addon-disabled"
    stored = await addons.find_one({"_id": 1})
    assert "<script>" not in stored["description"]["en-US"] and "<a " in stored["description"]["en-US"]
    assert (stored["revision"], (await addons.find_one({"_id": 2}))["revision"]) == (5, 7)
    assert await version(store) == NEWEST
    await addons.delete_many({})  # or there would be no unique index for the next test
