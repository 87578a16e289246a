"""Which guids `load` takes: those of real catalogues, which are older than the rule."""

from pathlib import Path
from typing import Any

import pytest

from server.intake.addons import read_addon
from server.intake.json_values import BadRecord
from server.storage.store import Store
from tests.factories import make_addon
from tests.server.intake.amo_objects import make_v4
from tests.server.intake.load_into_store import load_files, write_lines


@pytest.mark.parametrize("guid", ["letscube", "#genid1", "X", "{}", "updated pagerankstatus", "{{ec8030f7}}"])
def test_guids_older_than_the_rule_are_kept(guid: str) -> None:
    """19 of `amo-names-2013` are such."""
    assert read_addon(make_v4(guid=guid))["guid"] == guid


@pytest.mark.parametrize("guid", ["123", "a/b", "a,b", "a\nb", ""])
def test_what_no_address_or_list_could_hold_is_none(guid: str) -> None:
    with pytest.raises(BadRecord, match="bad guid"):
        read_addon(make_v4(guid=guid))


async def test_one_load_takes_a_guid_once_whatever_its_case(store: Store, tmp_path: Path) -> None:
    addons = [
        make_addon(_id=id_, guid=guid, slug=f"s{id_}") for id_, guid in ((1, "A@x"), (2, "a@X"), (3, "b@x"))
    ]
    path = write_lines(tmp_path / "three.jsonl", [{"kind": "addon", **one} for one in addons])
    summary, reporter = await load_files(store, [path])
    assert (summary.records, reporter.bad_records) == (2, [(f"{path}:2", "guid 'a@X' is taken by addon 1")])


@pytest.mark.parametrize("counter", [{}, {"value": "nine"}])
async def test_a_damaged_counter_stops_what_it_numbers(store: Store, tmp_path: Path, counter: Any) -> None:
    await store.database["counters"].insert_one({"_id": "addon", **counter})
    path = write_lines(tmp_path / "one.jsonl", [{"kind": "addon", **make_addon(_id=7)}])
    summary, reporter = await load_files(store, [path])
    assert summary.records == 0 and "counters addon is damaged" in reporter.bad_records[0][1]
    mended = [{"kind": "counter", "_id": "addon", "value": 4}, {"kind": "addon", **make_addon(_id=7)}]
    summary, reporter = await load_files(store, [write_lines(path, mended)])
    assert (summary.records, reporter.bad_records, await store.next_id("addon")) == (2, [], 8)
