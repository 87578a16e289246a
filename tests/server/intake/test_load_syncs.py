"""load --sync: Basket hears of what a load changes, as if the API had changed it; otherwise of nothing."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from conf.settings.settings import Settings
from server.basket.outbox import OUTBOX, Syncs
from server.embedded.mongod import OwnMongod
from server.intake import loader
from server.storage.lease_queue import PENDING
from server.storage.patience import Patience
from server.storage.store import Store
from tests.factories import make_addon, make_user
from tests.server.intake.amo_objects import make_v4
from tests.server.intake.load_into_store import load_files, write_lines
from tests.shell_commands import Shell

SYNCS = Syncs(Settings())
ADDON = {"kind": "addon", **make_addon()}
USER = {"kind": "user", **make_user()}
# As public JSON has it a later moment of the add-on.
LATER = make_v4(last_updated="2021-01-01T00:00:00Z")


async def recorded(store: Store) -> list[str]:
    records = await store.find(OUTBOX, {}, sort=(("_id", 1),))
    assert {record["state"] for record in records} <= {PENDING}
    assert all(record["_id"] == f"{record['kind']}:{record['object_id']}" for record in records)
    return [record["_id"] for record in records]


async def load_records(
    store: Store, folder: Path, *records: dict[str, Any], syncs: Syncs | None = SYNCS
) -> loader.Summary:
    summary, reporter = await load_files(store, [write_lines(folder / "records", records)], syncs)
    assert reporter.bad_records == []
    return summary


CHANGES = [
    pytest.param([ADDON, USER], [ADDON | {"slug": "new"}, USER], ["addon:1"], id="synced field of an add-on"),
    pytest.param(
        [ADDON, USER], [ADDON, USER | {"location": "Oslo"}], ["user:7"], id="synced field of an account"
    ),
    pytest.param([ADDON, USER], [ADDON | {"tags": ["new"]}], [], id="unsynced field of an add-on"),
    pytest.param([ADDON, USER], [USER | {"email": "new@example.org"}], [], id="unsynced field of an account"),
    pytest.param([ADDON], [ADDON | {"average_daily_users": 9}], [], id="counts that change all the time"),
    pytest.param([ADDON, USER], [ADDON, USER], [], id="nothing"),
    pytest.param([], [ADDON, USER], ["addon:1", "user:7"], id="new ones"),
    pytest.param([ADDON], [{"kind": "counter", "_id": "addon", "value": 9}], [], id="another kind"),
    pytest.param([], [make_v4()], ["addon:7", "user:3"], id="new from public JSON"),
    pytest.param([make_v4()], [LATER | {"name": {"en-US": "New"}}], ["addon:7"], id="name in public JSON"),
    pytest.param([make_v4()], [LATER | {"summary": {"en-US": "New"}}], [], id="summary in public JSON"),
    pytest.param(
        [make_v4()], [LATER | {"slug": "a"}, LATER | {"slug": "b"}], ["addon:7"], id="two states, one record"
    ),
]


@pytest.mark.parametrize(("before", "after", "records"), CHANGES)
async def test_what_changed_is_recorded_once(
    before: list[Any], after: list[Any], records: list[str], store: Store, tmp_path: Path
) -> None:
    if before:
        await load_records(store, tmp_path, *before, syncs=None)
    assert await recorded(store) == []
    summary = await load_records(store, tmp_path, *after)
    assert await recorded(store) == records
    assert summary.change.synced == len(records)
    again = await load_records(store, tmp_path, *after)
    assert again.change == type(again.change)()
    assert [record["version"] for record in await store.find(OUTBOX, {})] == [1] * len(records)


async def test_many_at_once_are_recorded_with_their_batch(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "BATCH_RECORDS", 100)
    states = [make_v4(id=id, slug=f"s{id}", guid=f"{id}@x.example") for id in range(1, 251)]
    await load_records(store, tmp_path, *states)
    assert len(await recorded(store)) == 251, "and their author"
    moved = [state | {"slug": f"t{state['id']}", "last_updated": "2021-01-01T00:00:00Z"} for state in states]
    await load_records(store, tmp_path, *moved)
    assert {record["version"] for record in await store.find(OUTBOX, {"kind": "addon"})} == {2}


async def test_a_refused_record_brings_no_sync(store: Store, tmp_path: Path) -> None:
    clash = make_v4(id=8, slug="b", authors=[{"id": 4, "username": "bob", "name": "Bob"}])
    _, reporter = await load_files(store, [write_lines(tmp_path / "a", [make_v4(), clash])], SYNCS)
    assert len(reporter.bad_records) == 1
    assert await recorded(store) == ["addon:7", "user:3"]


async def test_counts_are_recorded_where_the_setting_says_so(store: Store, tmp_path: Path) -> None:
    counting = Syncs(Settings(basket_sync_counts=True))
    await load_records(store, tmp_path, ADDON)
    await store.database[OUTBOX].delete_many({})
    await load_records(store, tmp_path, ADDON | {"average_daily_users": 9}, syncs=counting)
    assert await recorded(store) == ["addon:1"]


def test_the_flag_decides(mongod: OwnMongod, tmp_path: Path) -> None:
    shell = Shell(env={"AMOEBA_MONGODB_URI": mongod.uri, "AMOEBA_MONGODB_DATABASE": "load_syncs"})

    async def look() -> list[str]:
        async with await Store.open(mongod.uri, "load_syncs", 5.0, Patience()) as store:
            return await recorded(store)

    for words, lines, summary, records in (
        ([], [ADDON, USER], "2 documents new, 0 changed", []),
        (["--sync"], [ADDON, USER], "0 documents new, 0 changed, 0 syncs recorded", []),
        ([], [ADDON | {"slug": "a"}], "0 documents new, 1 changed", []),
        (["--sync"], [ADDON | {"slug": "b"}], "0 documents new, 1 changed, 1 syncs recorded", ["addon:1"]),
    ):
        shell("load", *words, str(write_lines(tmp_path / "records", lines)))
        assert shell.error.rstrip().endswith(summary)
        assert asyncio.run(look()) == records
