"""What a catalogue is made of, and the checkpoints from which a later process restores it.

    parts = CatalogueParts.open(shapes, featured, site, folder)    # None: in memory alone
    parts.put(prepared); parts.drop(7)              # then columns and engine, as the catalogue does
    parts.seal(position); parts.records.write()     # a checkpoint
    parts.close(leave_image=True)                   # the next start takes less time

    parts = CatalogueParts.open(shapes, featured, site, folder)
    parts.restore(parts.checkpoint())               # its state at the last checkpoint

A checkpoint is one transaction of the records: documents, entries, users and the position in the change
stream. The text index is committed before that, at each change, so it may be newer, but never older.
"""

import asyncio
import logging
import platform
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import lmdb
import msgspec

from index.columns.columns import Columns, StoredRows
from index.criteria.featured import FeaturedSets
from index.documents.documents import AddonDocuments
from index.documents.language_tools import LanguageTools
from index.documents.users import PublicUser
from index.entry import Featuring, unique_terms
from index.shapes.shape import Shapes
from index.snapshot.folder import check_text_files
from index.snapshot.image import has_image, program_digest, read_image, write_image
from index.snapshot.prepared import PreparedAddon, StoredAddon, Vocabulary, decode_stored, encode, to_stored
from index.snapshot.records import ADDONS, BODIES, CHECKPOINT, ID, IMAGE, RELEASES, USERS, Damaged, Records
from index.text.engine import Engine

log = logging.getLogger(__name__)

# Raise it when the same documents lead to other records, texts for the index or compiled objects than before
# (tests/index/snapshot/test_schema.py); a snapshot with another number is not used.
SCHEMA: Final = 9
_LIBRARIES: Final = ("lz4", "pystemmer", "tantivy", "zstandard")

_ANY_FEATURED: Final = "featured:*:*:*"  # every featured add-on has this term
# Raised if a snapshot cannot be read or written.
UNUSABLE: Final = (Damaged, OSError, ValueError, LookupError, TypeError, lmdb.Error, msgspec.MsgspecError)
_TEXT: Final = "text"  # the folder of the text index
# After more changes (and more than a fifth of the add-ons) no image is written: the next start makes all
# of it from the records, without the unused terms, strings and counts that changes leave behind.
_MAX_IMAGE_CHANGES: Final = 1000
_PAUSE: Final = 0.001  # seconds between two checks of some records


class Position(NamedTuple):
    """The state of MongoDB that a checkpoint has."""

    database: bytes  # identifies it
    token: dict[str, Any]  # of the change stream: later changes are missing
    faults: dict[str, dict[str, str]]  # by collection and id: documents that were left out, and why


class Checkpoint(NamedTuple):
    """What a snapshot says of its own state."""

    format_id: str
    position: Position
    dictionary: bytes  # of the compression
    commit: int  # of the text index, which may be newer, as it is written first
    addons: int  # that are public
    featured: Mapping[int, tuple[Featuring, ...]] | None


_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder(Checkpoint).decode
_DECODE_USER: Final = msgspec.msgpack.Decoder(PublicUser).decode


@cache
def format_id() -> str:
    """Identifies what decides how a document is stored: SCHEMA, and versions of libraries."""
    versions = [f"{name} {metadata.version(name)}" for name in _LIBRARIES]
    return ", ".join((f"schema {SCHEMA}", platform.python_version(), unicodedata.unidata_version, *versions))


@dataclass(slots=True)
class CatalogueParts:
    documents: AddonDocuments
    columns: Columns
    engine: Engine
    tools: LanguageTools
    featured: FeaturedSets
    records: Records
    vocabulary: Vocabulary
    folder: Path | None
    image: bytes | None = None  # the name for one of this state; None: no checkpoint has this state
    age: dict[str, int] = field(default_factory=lambda: {"changes": 0})  # since the records were read

    @classmethod
    def open(
        cls, shapes: Mapping[str, Shapes], featured: FeaturedSets, site: bytes, folder: Path | None
    ) -> Self:
        """Raises one of UNUSABLE."""
        if folder is not None:
            program_digest()  # at once: by the end the sources may have been replaced
        records, columns = Records(folder), Columns()
        documents = AddonDocuments(shapes, featured, records, site)
        tools = LanguageTools(shapes, documents, columns)
        engine, vocabulary = Engine(folder and folder / _TEXT), Vocabulary(records)
        return cls(documents, columns, engine, tools, featured, records, vocabulary, folder)

    def close(self, *, leave_image: bool = False) -> None:
        """In the thread in which they were used."""
        if leave_image:
            self._leave_image()
        self.engine.close()
        self.records.close()

    def _memory(self) -> list[dict[Any, Any]]:
        """Everything in memory that an image has; `restore` fills it."""
        parts: list[dict[Any, Any]] = [self.age, self.vocabulary.numbers, self.tools.memory]
        return [*parts, *self.documents.memory, *self.columns.memory, *self.engine.memory]

    # -- the snapshot

    def seal(self, position: Position) -> None:
        """The present state is that of `position`: the next `records.write` makes a checkpoint of it."""
        commit, dictionary = self.engine.commit_number, self.documents.dictionary
        addons, places = len(self.documents), self.featured.table
        checkpoint = Checkpoint(format_id(), position, dictionary, commit, addons, places)
        self.vocabulary.record()
        self.records.put(CHECKPOINT, _ENCODE(checkpoint))
        if self.image is None:
            self.image = secrets.token_bytes()
            self.records.put(IMAGE, self.image)
        self.records.seal()

    def _leave_image(self) -> None:
        """For the next start, if the last checkpoint has all changes. A start without takes a second more."""
        if self.image is None or self.folder is None or has_image(self.folder, self.image):
            return
        if self.age["changes"] > max(_MAX_IMAGE_CHANGES, len(self.documents) // 5):
            return
        try:
            write_image(self.folder, self.image, self._memory())
        except Exception as fault:  # no memory, for instance
            log.warning("the next start reads the records: %r", fault)

    def checkpoint(self) -> Checkpoint | None:
        """The last one; None: there is none that this program can use. Raises Damaged."""
        stored = self.records.get(CHECKPOINT)
        if stored is None:
            return None
        try:
            checkpoint = _DECODE(stored)
        except msgspec.MsgspecError:
            return None
        return checkpoint if checkpoint.format_id == format_id() else None

    def restore(self, checkpoint: Checkpoint) -> set[int]:
        """Restore the state of a checkpoint; returns add-ons to read again, whether they have changed or not.

        The text index may have changes that are later than the checkpoint. The change stream names their
        add-ons again, except those that were in featured sets meanwhile. Raises one of UNUSABLE.
        """
        assert self.folder is not None
        check_text_files(self.folder / _TEXT)
        self.documents.use_dictionary(checkpoint.dictionary)
        self.featured.replace(checkpoint.featured)
        name = None
        with suppress(Damaged):
            name = self.records.get(IMAGE)
        image = read_image(self.folder, name) if name else None
        if image is not None:
            for target, stored in zip(self._memory(), image, strict=True):
                target.update(stored)
        self.vocabulary.restore()
        if image is None:
            self.documents.users.update(read_users(self.records))
            self._restore_addons()
            self.engine.restore()
        for kind in (BODIES, RELEASES):
            if self.records.count(kind) != len(self.documents):
                raise Damaged("some records are missing")
        if checkpoint.addons != len(self.documents):
            raise Damaged("some add-ons are missing")
        if self.engine.commit_number < checkpoint.commit:
            raise Damaged("the text index is older than its checkpoint")
        if self.engine.commit_number > checkpoint.commit:
            return {*self.engine.ids_with_term(_ANY_FEATURED), *(checkpoint.featured or ())}
        if len(self.engine) != len(self.columns):
            raise Damaged("the text index is of other add-ons")
        self.image = name
        return set()

    async def check(self) -> str | None:
        """Check the records that `restore` did not read, a few at a time; returns what is damaged."""
        for kind in (BODIES, RELEASES):
            key = kind
            while key.startswith(kind):
                try:
                    key = self.records.check(key)
                except Damaged as fault:
                    return str(fault)
                await asyncio.sleep(_PAUSE)
        return None

    def _restore_addons(self) -> None:
        rows = StoredRows()
        for key, value in self.records.scan(ADDONS):
            (addon_id,), stored = ID.unpack(key[len(ADDONS) :]), decode_stored(value)
            self.documents.restore(addon_id, stored.header)
            if stored.tool is not None:
                self.tools.put(addon_id, stored.tool)
            add_row(rows, addon_id, stored)
        self.columns.restore(rows, list(self.vocabulary.numbers))

    # -- changes

    def _change(self) -> None:
        self.image = None
        self.age["changes"] += 1

    def put(self, prepared: PreparedAddon) -> StoredAddon:
        """Insert or replace a public add-on, except in columns and engine, which the caller changes."""
        self._change()
        stored = to_stored(prepared, self.vocabulary)
        self.documents.put(prepared.id, prepared.packed)
        self.records.put(ADDONS + ID.pack(prepared.id), encode(stored))
        self.tools.put(prepared.id, prepared.tool)
        return stored

    def is_applied(self, user: PublicUser) -> bool:
        """Whether all add-ons show the user so. The text index, which may be newer, has only the username."""
        if self.documents.users.get(user.id) != user:
            return False
        addon_ids = self.documents.by_author(user.id)
        return not (
            addon_ids and self.engine.ids_with_term(f"author:{user.id}", without=f"username:{user.username}")
        )

    def put_users(self, users: Iterable[PublicUser]) -> None:
        self._change()
        for user in users:
            self.records.put(USERS + ID.pack(user.id), _ENCODE(user))
            self.documents.put_user(user)

    def drop_user(self, user_id: int) -> None:
        self._change()
        self.records.drop(USERS + ID.pack(user_id))
        self.documents.drop_user(user_id)

    def drop(self, addon_id: int) -> None:
        """Remove an add-on, except from columns and engine, which the caller changes."""
        if self.documents.get(addon_id) is None:
            return
        self._change()
        self.records.drop(ADDONS + ID.pack(addon_id))
        self.documents.forget(addon_id)
        self.tools.drop(addon_id)


def read_users(records: Records) -> dict[int, PublicUser]:
    """Raises Damaged, msgspec.MsgspecError."""
    users = (_DECODE_USER(value) for _, value in records.scan(USERS))
    return {user.id: user for user in users}


def add_row(rows: StoredRows, addon_id: int, stored: StoredAddon) -> None:
    """Add the row of an add-on, if listings may show it."""
    if stored.name is not None:
        rows.ids.append(addon_id)
        rows.names.append(stored.name)
        rows.numbers.append(stored.numbers)
        rows.shared.append(stored.terms)
        rows.unique.append(unique_terms(addon_id, stored.header.slug, stored.header.guid))
