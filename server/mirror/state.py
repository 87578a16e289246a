"""The progress of a mirror, in MongoDB. It is written after the data it is about, so that nothing is lost.

    state = await MirrorState.open(store, "https://addons.example.org")    # raises OtherSource
    state.document["cursor"] = 7
    await state.save()
    await state.save_addons([with_listing(mirrored, row, round_, None)])

Thread rule: event loop only.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final, Self, cast

import orjson

from conf.model.defaults import completed
from conf.model.queues import SOURCE, MirrorDoc, MirroredDoc, MirroredPageDoc
from server.errors import OperatorFault
from server.storage.operations import Replace
from server.storage.store import Store

_COLLECTIONS: Final = ("mirror", "mirrored", "mirrored_pages")
# Keys that change every day; their change is no reason to read an add-on whole.
_FIGURES: Final = ("average_daily_users", "weekly_downloads", "ratings", "_score")
_FAULTY: Final = {"fault": {"$type": "string"}}
BATCH: Final = 200  # documents read at a time


class OtherSource(OperatorFault):
    """The catalogue mirrors another server, whose ids would collide with this one's."""


class MirrorState:
    """`document` is changed in place, and stored by `save`."""

    def __init__(self, store: Store, document: MirrorDoc) -> None:
        self._store = store
        self.document = document

    @classmethod
    async def open(cls, store: Store, url: str) -> Self:
        """The stored state, or a new one. Raises OtherSource."""
        stored = cast(MirrorDoc | None, await store.find_one("mirror", {"_id": SOURCE}))
        if stored is None:
            return cls(store, cast(MirrorDoc, completed({"_id": SOURCE, "url": url}, MirrorDoc)))
        if stored["url"] != url:
            raise OtherSource(
                f"this catalogue mirrors {stored['url']}; ids of two servers do not mix. "
                "If it is the same server at another address, say --restart"
            )
        return cls(store, stored)

    async def save(self) -> None:
        await self._store.write([Replace("mirror", dict(self.document), upsert=True)], maintenance=True)

    async def begin_round(self) -> None:
        """Begin a round if the last one is done and no changes are followed; else the last one goes on."""
        document = self.document
        if document["done"] and document["since"] is None:
            document["round"] += 1
            document |= {"slices": [], "listed": False, "done": False, "cursor": 0, "unreached": []}
            await self.save()

    async def find_addons(self, ids: Iterable[int]) -> dict[int, MirroredDoc]:
        """The stored documents of these add-ons, and new ones for the others."""
        addon_ids = list(ids)
        query = {"_id": {"$in": addon_ids}}
        documents = await self._store.find("mirrored", query, limit=len(addon_ids)) if addon_ids else []
        stored = {document["_id"]: cast(MirroredDoc, document) for document in documents}
        return {
            id_: stored.get(id_) or cast(MirroredDoc, completed({"_id": id_}, MirroredDoc))
            for id_ in addon_ids
        }

    async def save_addons(self, documents: Sequence[MirroredDoc]) -> None:
        await self._store.bulk_replace("mirrored", [dict(document) for document in documents])

    def due(self, *, files: bool) -> AsyncIterator[list[MirroredDoc]]:
        """Batches of add-ons to read whole, by id; with `files`, those too whose packages were never read.

        An add-on that this round has not seen is looked up first, and not read for its packages' sake.
        """
        return self._scan(self._due(files))

    async def count_due(self, *, files: bool) -> int:
        return await self._store.count("mirrored", self._due(files))

    def _due(self, files: bool) -> dict[str, Any]:
        unread_files = {"files": False, "gone": False, "round": self.document["round"]}
        return {"$or": [{"due": True}, unread_files]} if files else {"due": True}

    def unseen(self, *, due: bool = True) -> AsyncIterator[list[MirroredDoc]]:
        """Batches of add-ons that this round has not seen and that are not known to be gone, by id.

        Without `due`, those that are not to be read anyway.
        """
        return self._scan(self._unseen(due))

    async def count_unseen(self, *, due: bool = True) -> int:
        return await self._store.count("mirrored", self._unseen(due))

    def _unseen(self, due: bool) -> dict[str, Any]:
        unseen = {"round": {"$lt": self.document["round"]}, "gone": False}
        return unseen if due else unseen | {"due": False}

    async def mark_missing(self, missing: Sequence[MirroredDoc]) -> None:
        """Mark add-ons that were missing when read as unseen, so that they are looked up once more."""
        before = self.document["round"] - 1
        await self.save_addons(
            [addon | {"round": before, "due": False, "read_listing": ""} for addon in missing]
        )

    async def mark_seen(self, addons: Iterable[MirroredDoc]) -> None:
        """Mark add-ons that exist unchanged as seen; one is due if it was not read as a list showed it."""
        round_ = self.document["round"]
        await self.save_addons(
            [
                addon | {"round": round_, "due": addon["due"] or addon["read_listing"] != addon["listing"]}
                for addon in addons
            ]
        )

    async def faults(self, limit: int) -> list[MirroredDoc]:
        """The first add-ons with a fault, by id."""
        documents = await self._store.find("mirrored", _FAULTY, sort=(("_id", 1),), limit=limit)
        return cast(list[MirroredDoc], documents)

    async def count_faults(self) -> int:
        return await self._store.count("mirrored", _FAULTY)

    async def count(self) -> int:
        """The number of add-ons that are public at the source, as far as is known."""
        return await self._store.count("mirrored", {"gone": False})

    async def page(self, path: str) -> MirroredPageDoc | None:
        """A page of the search, as it was last read."""
        return cast(MirroredPageDoc | None, await self._store.find_one("mirrored_pages", {"_id": path}))

    async def save_page(self, page: MirroredPageDoc) -> None:
        await self._store.bulk_replace("mirrored_pages", [dict(page)])

    async def _scan(self, query: dict[str, Any]) -> AsyncIterator[list[MirroredDoc]]:
        last = 0
        while True:
            documents = await self._store.find(
                "mirrored", {**query, "_id": {"$gt": last}}, sort=(("_id", 1),), limit=BATCH
            )
            if not documents:
                return
            last = documents[-1]["_id"]
            yield cast(list[MirroredDoc], documents)


async def forget(store: Store) -> None:
    """Delete the progress of every mirror; mirrored data stays."""
    for name in _COLLECTIONS:
        await store.delete_all(name, {})


def with_listing(mirrored: MirroredDoc, row: dict[str, Any], round_: int, fault: str | None) -> MirroredDoc:
    """The document after a list showed its add-on as `row`; `fault` is why that could not be stored.

    It is due if anything but figures differs from when it was read whole.
    """
    listing = _digest({key: value for key, value in row.items() if key not in _FIGURES})
    ratings = _digest(row.get("ratings"))
    same = (listing, ratings) == (mirrored["read_listing"], mirrored["read_ratings"])
    return mirrored | {
        "round": round_,
        "listing": listing,
        "ratings": ratings,
        "due": mirrored["due"] or not same or fault is not None,
        "gone": False,
        "disabled": mirrored["disabled"] and fault is not None,
        "fault": mirrored["fault"] if fault is None else fault,
    }


def with_reading(mirrored: MirroredDoc, fault: str | None, *, files: bool) -> MirroredDoc:
    """The document after its add-on was read whole; with a `fault`, it stays due."""
    if fault is not None:
        return mirrored | {"fault": fault, "due": True}
    return mirrored | {
        "files": mirrored["files"] or files,
        "read_listing": mirrored["listing"],
        "read_ratings": mirrored["ratings"],
        "due": False,
        "gone": False,
        "disabled": False,
        "fault": None,
    }


def _digest(value: Any) -> str:
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=12).hexdigest()
