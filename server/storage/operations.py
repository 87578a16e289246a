"""Writes as data: a change and the records it causes are one list, applied in one transaction.

    await store.write([Replace("addons", addon, revision=4), Insert("outbox", record)])

MongoDB's update operators (`{"$set": ...}`) are used as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.errors import StoreError

Document = Mapping[str, Any]

# The time of a committed write in MongoDB's operation log: (seconds, counter). Comparable.
Position = tuple[int, int]
# MongoDB's own resume token of a change stream.
ResumeToken = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Insert:
    """Insert the document; Duplicate if a unique value is in use."""

    collection: str
    document: Document


@dataclass(frozen=True, slots=True)
class Replace:
    """Replace the document with the same `_id`.

    With `revision`, only if the stored one still has that revision (else Conflict);
    with `upsert`, also if there is none yet.
    """

    collection: str
    document: Document
    revision: int | None = None
    upsert: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """Apply operators, or a pipeline of them, to one document; Conflict if it does not exist."""

    collection: str
    id: Any
    changes: Document | Sequence[Document]
    revision: int | None = None
    upsert: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the document; without `revision` it need not exist."""

    collection: str
    id: Any
    revision: int | None = None


Operation = Insert | Replace | Update | Delete


@dataclass(slots=True)
class BulkResult:
    """`changed` documents were new or different; `faults` by index in the list given."""

    changed: int = 0
    faults: dict[int, StoreError] = field(default_factory=dict)
    position: Position | None = None
