"""Real answers of AMO, replayed on loopback; skips where they are not at hand."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.storage.store import Store
from tests.server.mirror.fake_source import FakeSource
from tests.server.mirror.mirroring import mirror, stored


@pytest.fixture
def answers(shared_data: "os.PathLike[str]") -> list[Any]:
    return list(_items(Path(shared_data)))


def _items(folder: Path) -> Iterator[Any]:
    with gzip.open(folder / "amo-v4-collections.jsonl.gz") as lines:
        yield from (json.loads(line)["addon"] for line in lines)
    for path in sorted((folder / "raw").glob("amo-v4-collection-20*.json.gz")):
        yield from (item["addon"] for item in json.loads(gzip.decompress(path.read_bytes()))["results"])


async def test_what_amo_answered_over_the_years(store: Store, answers: list[Any]) -> None:
    """The newest state of each as it is now; the versions of older states as the list of versions."""
    states: dict[int, list[Any]] = {}
    for one in sorted(answers, key=lambda one: one["last_updated"]):
        states.setdefault(one["id"], []).append(one)
    with FakeSource((some[-1] for some in states.values()), "v4") as source:
        for id_, some in states.items():
            versions = {one["current_version"]["id"]: one["current_version"] for one in some}
            source.versions[id_] = sorted(versions.values(), key=lambda one: -one["id"])
            source.ratings[id_] = []
        done = await mirror(store, source.url)
        assert done.faults == {} and done.state.document["unreached"] == []
        here = await stored(store)
        assert here.keys() == states.keys() and len(here) >= 10
        for id_, one in here.items():
            newest = states[id_][-1]
            assert one["guid"] == newest["guid"] and one["ratings"]["count"] == newest["ratings"]["count"]
            assert {each["id"] for each in one["versions"]} == {each["id"] for each in source.versions[id_]}
            assert len(one["name"]) == len(newest["name"])
