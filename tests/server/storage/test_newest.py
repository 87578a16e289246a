"""Pages of a numbered collection, the newest first."""

from server.storage.newest import read_newest
from server.storage.operations import Insert
from server.storage.store import Store


async def test_pages_go_back_without_gaps_while_new_ones_come_in(store: Store) -> None:
    def entry(number: int, addon: int = 7) -> Insert:
        about = {"addon_id": addon, "version_id": None, "user_id": None, "date": "2026-01-02T03:04:05Z"}
        return Insert(
            "activity", {"_id": number, **about, "action": "promoted", "details": {}, "address": None}
        )

    await store.write([entry(number, 7 + number % 2) for number in range(1, 24)])
    seen: list[int] = []
    before = None
    for pages in range(1, 9):
        page = await read_newest(store, "activity", {"addon_id": 7}, before, 4)
        seen += [one["_id"] for one in page.documents]
        await store.write([entry(100 + 2 * pages)])
        before = page.before
        if before is None:
            break
    assert seen == list(range(22, 0, -2)) and pages == 3
    assert (await read_newest(store, "activity", {"addon_id": 9}, None, 4)) == ([], None)
