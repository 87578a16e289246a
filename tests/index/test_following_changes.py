"""A catalogue that is asked while it takes over many changes."""

import asyncio
import copy
from pathlib import Path

import pytest

from index import catalogue as catalogue_module
from index.shapes.view import View
from tests.index.snapshot.catalogues import build, make_contents

COUNT = 40


async def test_many_changes_give_others_their_turn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each turn sees whole add-ons, old or new, and another generation for every state."""
    monkeypatch.setattr(catalogue_module, "_CHANGES_SLICE", 0.0)
    contents = make_contents(COUNT)
    catalogue = await build(contents, tmp_path)
    listed = [addon_id for addon_id in contents.addons if catalogue.is_listed(addon_id)]
    changed = [copy.deepcopy(contents.addons[addon_id]) for addon_id in listed]
    for addon in changed:
        addon["name"] = {"en-US": "Renamed"}
    states: dict[str, int] = {}

    async def look() -> None:
        while True:
            rows = catalogue.documents.rows(listed, View("v5", lang="en-US"))
            renamed = sum(b'"name":{"en-US":"Renamed"}' in row for row in rows)
            assert states.setdefault(catalogue.generation, renamed) == renamed
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await catalogue.apply(changed, ())
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    catalogue.close()
    assert sorted(set(states.values()))[-1] == len(listed)
    assert len(set(states.values())) > len(listed) // 2


async def test_what_was_compiled_with_a_name_ahead_of_its_add_on_is_not_shown_with_the_former_one(
    tmp_path: Path,
) -> None:
    """Memory has an account some milliseconds before its add-ons are applied anew."""
    contents = make_contents(COUNT)
    catalogue = await build(contents, tmp_path)
    addon = next(one for one in contents.addons.values() if catalogue.is_listed(one["_id"]))
    user = contents.users[next(author["user_id"] for author in addon["authors"] if author["listed"])]
    renamed = copy.deepcopy(user)
    renamed["display_name"] = "Renamed"
    await catalogue.apply_users([renamed])
    assert b'"name":"Renamed"' in catalogue.documents.detail(addon["_id"], View("v5"))
    await catalogue.apply([addon], ())
    await catalogue.apply_users([user])
    await catalogue.apply([addon], ())
    assert b'"name":"Renamed"' not in catalogue.documents.detail(addon["_id"], View("v5"))
    catalogue.close()
