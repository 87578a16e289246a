"""How far a mirror is, in MongoDB beside what it has stored: what is stored comes first, so nothing is lost.

    state = await MirrorState.open(store, "https://addons.example.org")    # raises OtherSource
    state.document["cursor"] = 7
    await state.save()
    await state.put([seen(known, row)])

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
# What changes every day and says nothing of versions, texts or authors.
_FIGURES: Final = ("average_daily_users", "weekly_downloads", "ratings", "_score")
_FAULTY: Final = {"fault": {"$type": "string"}}
TOGETHER: Final = 200  # documents read at a time


class OtherSource(OperatorFault):
    """What is stored was mirrored from elsewhere: ids of two servers do not mix."""


class MirrorState:
    """`document` is changed in place, and stored by `save`."""

    def __init__(self, store: Store, document: MirrorDoc) -> None:
        self._store = store
        self.document = document

    @classmethod
    async def open(cls, store: Store, url: str) -> Self:
        """As it was left, or at the very beginning. Raises OtherSource."""
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
        """Where the last one is at its end and no changes are followed, the next; else it goes on."""
        document = self.document
        if document["done"] and document["since"] is None:
            document["round"] += 1
            document |= {"slices": [], "listed": False, "done": False, "cursor": 0, "unreached": []}
            await self.save()

    async def find(self, ids: Iterable[int]) -> dict[int, MirroredDoc]:
        """What is known of these add-ons, of unknown ones that they are."""
        addon_ids = list(ids)
        query = {"_id": {"$in": addon_ids}}
        documents = await self._store.find("mirrored", query, limit=len(addon_ids)) if addon_ids else []
        stored = {document["_id"]: cast(MirroredDoc, document) for document in documents}
        return {
            id_: stored.get(id_) or cast(MirroredDoc, completed({"_id": id_}, MirroredDoc))
            for id_ in addon_ids
        }

    async def put(self, documents: Sequence[MirroredDoc]) -> None:
        await self._store.bulk_replace("mirrored", [dict(document) for document in documents])

    def due(self, *, files: bool) -> AsyncIterator[list[MirroredDoc]]:
        """What is to be read whole, or has no `files` yet, by id, some at a time; it may change meanwhile."""
        return self._pick(_due(files))

    async def count_due(self, *, files: bool) -> int:
        return await self._store.count("mirrored", _due(files))

    def unseen(self) -> AsyncIterator[list[MirroredDoc]]:
        """What was not in any list of this round, by id, and is not known to be gone."""
        return self._pick(self._unseen)

    async def count_unseen(self) -> int:
        return await self._store.count("mirrored", self._unseen)

    @property
    def _unseen(self) -> dict[str, Any]:
        return {"round": {"$lt": self.document["round"]}, "gone": False}

    async def lose(self, missing: Sequence[MirroredDoc]) -> None:
        """They were not there when they were to be read: unseen, until it is judged what is gone."""
        before = self.document["round"] - 1
        await self.put([addon | {"round": before, "due": False, "read_listing": ""} for addon in missing])

    async def recover(self, mirrored: MirroredDoc) -> None:
        """It was unseen, and is there; due if it was to be read."""
        due = mirrored["due"] or mirrored["read_listing"] != mirrored["listing"]
        await self.put([mirrored | {"round": self.document["round"], "due": due}])

    async def faults(self, limit: int) -> list[MirroredDoc]:
        """The first of those that could not be taken, by id."""
        documents = await self._store.find("mirrored", _FAULTY, sort=(("_id", 1),), limit=limit)
        return cast(list[MirroredDoc], documents)

    async def count_faults(self) -> int:
        return await self._store.count("mirrored", _FAULTY)

    async def count(self) -> int:
        """Add-ons that are public at the source, as far as is known."""
        return await self._store.count("mirrored", {"gone": False})

    async def page(self, path: str) -> MirroredPageDoc | None:
        """Of the search, as it was last."""
        return cast(MirroredPageDoc | None, await self._store.find_one("mirrored_pages", {"_id": path}))

    async def put_page(self, page: MirroredPageDoc) -> None:
        await self._store.bulk_replace("mirrored_pages", [dict(page)])

    async def _pick(self, query: dict[str, Any]) -> AsyncIterator[list[MirroredDoc]]:
        last = 0
        while True:
            documents = await self._store.find(
                "mirrored", {**query, "_id": {"$gt": last}}, sort=(("_id", 1),), limit=TOGETHER
            )
            if not documents:
                return
            last = documents[-1]["_id"]
            yield cast(list[MirroredDoc], documents)


async def forget(store: Store) -> None:
    """How far any mirror was; what it has stored stays."""
    for name in _COLLECTIONS:
        await store.delete_all(name, {})


def seen(mirrored: MirroredDoc, row: dict[str, Any], round_: int, fault: str | None) -> MirroredDoc:
    """The same, seen in a list as `row`, and stored so, or not for that reason.

    It is due if anything but its figures differs from when it was read.
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


def read(mirrored: MirroredDoc, fault: str | None, *, files: bool) -> MirroredDoc:
    """The same, read whole, or not for that reason: then it is tried again with the next round."""
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


def _due(files: bool) -> dict[str, Any]:
    return {"$or": [{"due": True}, {"files": False, "gone": False}]} if files else {"due": True}


def _digest(value: Any) -> str:
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=12).hexdigest()
