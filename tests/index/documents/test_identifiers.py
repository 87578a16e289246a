"""A guid or slug has one owner whatever its case: of several add-ons the oldest that is public."""

import asyncio
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from index.catalogue import Catalogue
from index.documents.identifiers import IdentifierIndex
from tests.factories import make_addon
from tests.index.snapshot.catalogues import Contents, build, keep, opened

OLDEST, MIDDLE, YOUNGEST = 3, 5, 8
SPELLINGS = {OLDEST: "Tab-Tree", MIDDLE: "tab-tree", YOUNGEST: "TAB-TREE"}
ADDONS = {
    addon_id: make_addon(_id=addon_id, slug=name, guid=f"{name}@example.org", authors=[])
    for addon_id, name in SPELLINGS.items()
}


@pytest.mark.parametrize("added", list(permutations(SPELLINGS)))
@pytest.mark.parametrize("removed", list(permutations(SPELLINGS)))
def test_the_oldest_that_is_left_owns_it(added: tuple[int, ...], removed: tuple[int, ...]) -> None:
    index, left = IdentifierIndex(), set(SPELLINGS)
    for addon_id in added:
        index.add(SPELLINGS[addon_id], addon_id)
    for addon_id in removed:
        assert index.owners == {"tab-tree": min(left)}
        index.remove(SPELLINGS[addon_id], addon_id)
        left.remove(addon_id)
    assert not index.owners
    assert not index.claimants


def owners(catalogue: Catalogue) -> set[int | None]:
    return {catalogue.find(name) for name in ("tab-tree", "Tab-tree@example.org")}


CHANGES: dict[str, tuple[list[Any], list[int]]] = {
    "the oldest is deleted": ([], [OLDEST]),
    "the oldest is hidden": ([ADDONS[OLDEST] | {"status": "disabled"}], []),
    "the oldest is renamed": ([ADDONS[OLDEST] | {"slug": "other", "guid": "other@example.org"}], []),
}


@pytest.mark.parametrize("start", ["none", "from the image", "from the records"])
@pytest.mark.parametrize("change", CHANGES)
def test_the_next_oldest_answers_at_once(start: str, change: str, tmp_path: Path) -> None:
    async def follow() -> None:
        catalogue = await build(Contents(ADDONS, {}), tmp_path)
        assert owners(catalogue) == {OLDEST}
        if start != "none":
            await keep(catalogue)
            catalogue.close()
            (image,) = tmp_path.rglob("image")
            if start == "from the records":
                image.unlink()
            catalogue = await opened(Contents(ADDONS, {}), tmp_path)
        await catalogue.apply(*CHANGES[change])
        assert owners(catalogue) == {MIDDLE}
        await catalogue.apply([ADDONS[OLDEST]], [])
        assert owners(catalogue) == {OLDEST}
        await catalogue.apply([], [OLDEST, MIDDLE])
        assert owners(catalogue) == {YOUNGEST}
        catalogue.close()

    asyncio.run(follow())
