"""The table of collections, with their models and indexes, and the functions that create them.

`_id` is always unique. Read documents are checked against the `model` (documents.py); the secrets have none,
because they cannot be left out (server/auth/keys/keystores.py), and the bytes of files have none.
A collection is `followed` if processes have some of it in memory, and so follow its changes
(server/following/feed.py).
"""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from conf.model import curated, reviewers
from conf.model.activity import ActivityDoc, AttachmentDoc, NoteDoc, ReplyTokenDoc, ReviewDueDoc, SeenMailDoc
from conf.model.addons import AddonDoc, CounterDoc, NotificationsDoc, RatesDoc, SessionDoc, SiteDoc, UserDoc
from conf.model.files import StoredFileDoc
from conf.model.queues import (
    InboundMailDoc,
    MirrorDoc,
    MirroredDoc,
    MirroredPageDoc,
    OutboundMailDoc,
    SyncDoc,
    ValidationDoc,
    WebhookDoc,
    WebhookEventDoc,
)
from conf.model.ratings import RatingDoc
from conf.model.reports import ReportDoc
from conf.model.uploads import UploadDoc
from server.auth.credentials.apikeys import ApiKeyDoc
from server.errors import Duplicate, StoreError
from server.storage.driver import aggregate, calls

log = logging.getLogger(__name__)

FOLDED: Final = {"locale": "en", "strength": 2}  # MongoDB's way of comparing without regard to case


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a field, and after it of the fields in `then`.

    `where` limits the index to documents whose field has this BSON type, `only` to those with this value.
    A `folded` one ignores case, and is unique unless stored values differ in case only.
    """

    field: str
    unique: bool = False
    where: str | None = None
    only: str | None = None
    then: tuple[str, ...] = ()
    folded: bool = False

    @property
    def name(self) -> str:
        return f"{self.field}_folded" if self.folded else self.field

    def spec(self) -> dict[str, Any]:
        """As MongoDB's createIndexes takes it."""
        key = dict.fromkeys((self.field, *self.then), 1)
        spec: dict[str, Any] = {"name": self.name, "key": key, "unique": self.unique}
        if self.folded:
            spec["collation"] = FOLDED
        if self.where:
            spec["partialFilterExpression"] = {self.field: {"$type": self.where}}
        if self.only:
            spec["partialFilterExpression"] = {self.field: self.only}
        return spec


@dataclass(frozen=True, slots=True)
class Collection:
    """A row of COLLECTIONS."""

    model: Any = None  # the TypedDict of conf/ that says its keys and their types
    indexes: tuple[Index, ...] = ()
    followed: bool = False
    files: tuple[str, ...] = ()  # the fields that name files of the store (server/files); each has an index


_PICTURES: Final = (Index("pictures.stored", where="string"), Index("pictures.path", where="string"))
COLLECTIONS: Mapping[str, Collection] = {
    "addons": Collection(
        AddonDoc,
        indexes=(
            Index("guid", unique=True, where="string"),
            Index("slug", unique=True, where="string"),
            Index("guid", unique=True, where="string", folded=True),
            Index("slug", unique=True, where="string", folded=True),
            Index("versions.id"),
            Index("authors.user_id"),
            Index("status", then=("disabled_by_user",)),
            Index("versions.files.id"),
            Index("versions.files.status", only="unreviewed", then=("_id",)),
            Index("versions.files.stored", where="string"),
            Index("versions.source_stored", where="string"),
            Index("reviewer_flags.auto_approval_delayed_until", where="string"),
            Index("reviewer_flags.auto_approval_delayed_until_unlisted", where="string"),
            *_PICTURES,
        ),
        followed=True,
        files=("versions.files.stored", "versions.source_stored", "pictures.stored"),
    ),
    "users": Collection(
        UserDoc,
        indexes=(Index("username", unique=True), Index("fxa_id"), Index("email"), *_PICTURES),
        followed=True,
        files=("pictures.stored",),
    ),
    "sessions": Collection(SessionDoc, indexes=(Index("user_id"),), followed=True),
    "secrets": Collection(followed=True),
    "apikeys": Collection(ApiKeyDoc, indexes=(Index("user_id"),), followed=True),
    "ratings": Collection(
        RatingDoc,
        indexes=(
            Index("addon_id", then=("is_latest", "created", "_id")),
            Index("user_id", then=("created", "_id")),
            Index("reply_to", where="number"),
            Index("place", unique=True, where="string"),
        ),
        followed=True,
    ),
    "activity": Collection(
        ActivityDoc,
        indexes=(
            Index("addon_id", then=("_id",)),
            Index("user_id", then=("_id",)),
            Index("action", then=("_id",)),
        ),
    ),
    "notes": Collection(NoteDoc, indexes=(Index("addon_id"), Index("version_id"))),
    "attachments": Collection(AttachmentDoc),
    "review_due": Collection(ReviewDueDoc, indexes=(Index("due"),)),
    "outbox": Collection(SyncDoc, indexes=(Index("due"),)),
    "webhooks": Collection(WebhookDoc),
    "webhook_outbox": Collection(WebhookEventDoc, indexes=(Index("due"), Index("endpoint", then=("due",)))),
    "reply_tokens": Collection(ReplyTokenDoc, indexes=(Index("place", unique=True),)),
    "mail_seen": Collection(SeenMailDoc),
    "mail_inbox": Collection(InboundMailDoc, indexes=(Index("due"),)),
    "mail_outbox": Collection(OutboundMailDoc, indexes=(Index("due"),)),
    "site": Collection(SiteDoc, followed=True),
    "counters": Collection(CounterDoc),
    "rates": Collection(RatesDoc, indexes=(Index("at"),)),
    "featured": Collection(curated.FeaturedDoc, followed=True),
    "replacements": Collection(curated.ReplacementDoc, followed=True),
    "overrides": Collection(curated.OverrideDoc, indexes=(Index("addon_guid", unique=True),), followed=True),
    "mappings": Collection(curated.MappingDoc, followed=True),
    "curated": Collection(curated.CuratedDoc, followed=True),
    "discovery": Collection(curated.DiscoveryDoc, followed=True),
    "collections": Collection(
        curated.CollectionDoc,
        indexes=(Index("author_id", unique=True, then=("slug",), folded=True),),
        followed=True,
    ),
    "app_versions": Collection(curated.AppVersionsDoc, followed=True),
    "blocks": Collection(
        curated.BlockDoc,
        indexes=(Index("guid", unique=True), Index("guid", unique=True, folded=True)),
        followed=True,
    ),
    "primary_heroes": Collection(curated.PrimaryHeroDoc, followed=True),
    "secondary_heroes": Collection(curated.SecondaryHeroDoc, followed=True),
    "shelves": Collection(curated.ShelfDoc, followed=True),
    "scanner_results": Collection(
        reviewers.ScannerResultDoc,
        indexes=(
            Index("scanner", then=("label", "_id")),
            Index("label", then=("_id",)),
            Index("version_id"),
        ),
    ),
    "notifications": Collection(NotificationsDoc),
    "resubmissions": Collection(reviewers.ResubmissionDoc),
    "subscriptions": Collection(
        reviewers.SubscriptionDoc, indexes=(Index("addon_id", then=("channel",)), Index("user_id"))
    ),
    "canned_responses": Collection(reviewers.CannedResponseDoc),
    "draft_comments": Collection(
        reviewers.DraftCommentDoc,
        indexes=(Index("version_id", then=("user_id", "_id")), Index("user_id")),
    ),
    "reports": Collection(
        ReportDoc,
        indexes=(Index("created"), Index("guid", then=("_id",)), Index("reporter_id", where="number")),
    ),
    "uploads": Collection(
        UploadDoc,
        indexes=(
            Index("user_id", then=("created",)),
            Index("created"),
            Index("stored", where="string"),
            Index("signing.folded", then=("signing.version",)),
        ),
        files=("stored",),
    ),
    "validations": Collection(ValidationDoc, indexes=(Index("due"),)),
    "mirror": Collection(MirrorDoc),
    "mirrored": Collection(MirroredDoc, indexes=(Index("due", then=("_id",)), Index("round"))),
    "mirrored_pages": Collection(MirroredPageDoc),
    "fs.files": Collection(StoredFileDoc, indexes=(Index("filename"),)),
    "fs.chunks": Collection(indexes=(Index("files_id", unique=True, then=("n",)),)),
}

# MongoDB has an index of that name, or of that field, with other options, from an earlier release.
_STALE = {85, 86}
_EXISTS = 48
_LOGGED: Final = 20  # collisions at a start; a command names all


async def create_collections(
    database: Any, timeout: float, collections: Mapping[str, Collection] = COLLECTIONS
) -> list[tuple[str, str]]:
    """Create what is missing; an index of an earlier release is replaced.

    Returns collections and fields that have values which differ in case only. Raises Duplicate.
    """
    with calls(timeout):
        existing = set(await database.list_collection_names())
        return [
            (name, field)
            for name, collection in collections.items()
            for field in await _create(database, name, collection, name in existing, timeout)
        ]


async def _create(
    database: Any, name: str, collection: Collection, exists: bool, timeout: float
) -> list[str]:
    """Returns the fields that cannot be unique. Creating an index creates its collection as well."""
    indexes = collection.indexes
    if not indexes:
        if not exists:
            await _create_plain(database, name, timeout)
        return []
    try:  # all in one call, because at most starts they exist
        await _create_indexes(database, name, indexes, timeout)
    except StoreError as fault:
        if isinstance(fault, Duplicate) or fault.code in _STALE:
            return [
                index.field for index in indexes if not await _create_index(database, name, index, timeout)
            ]
        raise
    return []


async def _create_plain(database: Any, name: str, timeout: float) -> None:
    try:
        with calls(timeout):
            await database.command({"create": name})
    except StoreError as fault:
        if fault.code != _EXISTS:  # another process was first
            raise


async def _create_indexes(database: Any, name: str, indexes: Sequence[Index], timeout: float) -> None:
    with calls(timeout):
        await database.command({"createIndexes": name, "indexes": [index.spec() for index in indexes]})


async def _create_index(database: Any, name: str, index: Index, timeout: float) -> bool:
    """Create an index; False if it cannot be unique, because values differ in case only."""
    try:
        await _create_indexes(database, name, [index], timeout)
    except Duplicate:
        if not (index.folded and index.unique):
            raise
        await _create_index(database, name, replace(index, unique=False), timeout)
        return False
    except StoreError as fault:
        if fault.code not in _STALE:
            raise
        with calls(timeout):
            await database.command({"dropIndexes": name, "index": index.name})
        return await _create_index(database, name, index, timeout)
    return True


class Collision(NamedTuple):
    """Stored values that differ in case only.

    They are older than the rule, or loaded. All of them stay, and the name finds only the oldest document
    until an operator renames the others.
    """

    collection: str
    field: str
    value: str  # as the oldest spells it
    ids: list[Any]  # the oldest first


async def find_collisions(database: Any) -> AsyncIterator[Collision]:
    """The collisions of every collection."""
    for name, collection in COLLECTIONS.items():
        for index in collection.indexes:
            if index.folded:
                async for collision in _find_collisions(database, name, index.field):
                    yield collision


async def _find_collisions(database: Any, collection: str, field: str) -> AsyncIterator[Collision]:
    stages: list[dict[str, Any]] = [
        {"$match": {field: {"$type": "string"}}},
        {"$sort": {"_id": 1}},
        {"$group": {"_id": f"${field}", "value": {"$first": f"${field}"}, "ids": {"$push": "$_id"}}},
        {"$match": {"ids.1": {"$exists": True}}},
        {"$sort": {"ids.0": 1}},
    ]
    with calls(None):
        async for group in await aggregate(database[collection], stages, collation=FOLDED, allowDiskUse=True):
            yield Collision(collection, field, group["value"], group["ids"])


async def log_collisions(database: Any, collection: str, field: str) -> None:
    """Called at every start, so that each logs the collisions."""
    count = 0
    async for collision in _find_collisions(database, collection, field):
        count += 1
        if count <= _LOGGED:
            ids, value = collision.ids, collision.value
            log.error("%s %s have the same %s %r but for its case", collection, ids, field, value)
    log.error(
        "%d times %s of %s differ in case alone, and all stay: run.py check names them, rename all but one",
        count,
        field,
        collection,
    )
