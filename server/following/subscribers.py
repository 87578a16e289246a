"""Subscribers of the change stream (feed.py), and the ids of changed documents that they are given.

Thread rule: event loop only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ChangedIds:
    """Ids of documents written or deleted, by collection."""

    ids: Mapping[str, frozenset[Any]] = field(default_factory=dict)

    @property
    def addon_ids(self) -> frozenset[int]:
        return self.ids.get("addons", frozenset())

    @property
    def user_ids(self) -> frozenset[int]:
        return self.ids.get("users", frozenset())

    @property
    def site(self) -> bool:
        return "site" in self.ids

    @property
    def others(self) -> dict[str, frozenset[Any]]:
        """Collections without a property of their own."""
        return {name: ids for name, ids in self.ids.items() if name not in ("addons", "users", "site")}

    @property
    def documents(self) -> list[tuple[str, Any]]:
        """Collection and id of each document."""
        return [(name, id_) for name, ids in self.ids.items() for id_ in ids]

    def __or__(self, other: "ChangedIds") -> "ChangedIds":
        merged = {name: ids | other.ids.get(name, frozenset()) for name, ids in self.ids.items()}
        return ChangedIds({**other.ids, **merged})

    @classmethod
    def group(cls, documents: Iterable[tuple[str, Any]]) -> "ChangedIds":
        """Documents by collection and id."""
        ids: dict[str, set[Any]] = {}
        for name, id_ in documents:
            ids.setdefault(name, set()).add(id_)
        return cls({name: frozenset(members) for name, members in ids.items()})


class Subscriber(Protocol):
    """Follows the changes. What it raises is retried, and finally blamed on the document."""

    async def apply(self, changes: ChangedIds) -> None:
        """Read these documents again; one that no longer exists was deleted."""

    async def resync(self) -> None:
        """Read everything again, because changes may have been missed."""
