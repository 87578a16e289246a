"""What a catalogue is made of, and the checkpoints by which a later process finds it again.

    parts = CatalogueParts.open(shapes, featured, site, folder)    # None: in memory alone
    parts.put(prepared); parts.drop(7)              # then columns and engine, as the catalogue does
    parts.seal(position); parts.records.write()     # a checkpoint
    parts.close(leave_image=True)                   # the next start takes less time

    parts = CatalogueParts.open(shapes, featured, site, folder)
    parts.restore(parts.checkpoint())               # as it was at the last one

A checkpoint is one transaction of the records: documents, entries, users and the position in the change
stream. The text index is committed before that, at each change, so it may be further on, and never behind.
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
from index.snapshot.image import has_image, program, read_image, write_image
from index.snapshot.prepared import Prepared, Stored, Vocabulary, decode, encode, store
from index.snapshot.records import (
    ADDONS,
    BODIES,
    CHECKPOINT,
    ID,
    IMAGE,
    RELEASES,
    USERS,
    Damaged,
    Records,
)
from index.text.engine import Engine

log = logging.getLogger(__name__)

# Raised by hand when something else is made of the same documents than before: records, texts for the
# index, compiled objects. A snapshot with another number is not used (tests/index/snapshot/test_schema.py).
SCHEMA: Final = 9
_LIBRARIES: Final = ("lz4", "pystemmer", "tantivy", "zstandard")

_ANY_PLACE: Final = "featured:*:*:*"  # every featured add-on has this term
# What is raised where a snapshot cannot be read or written.
UNUSABLE: Final = (Damaged, OSError, ValueError, LookupError, TypeError, lmdb.Error, msgspec.MsgspecError)
_TEXT: Final = "text"  # the folder of the text index
# Changes after which no image is left: what was counted, interned or left out is made anew from the records.
_RENEWED_AFTER: Final = 1000  # and a fifth of the add-ons
_REST: Final = 0.001  # seconds between two looks at records


class Position(NamedTuple):
    """What of MongoDB a state stands for."""

    database: bytes  # names it
    token: dict[str, Any]  # of the change stream: what came later is not part of it
    faults: dict[str, dict[str, str]]  # by collection and id: documents that were left out, and why


class Checkpoint(NamedTuple):
    """A state that was written whole."""

    made_by: str
    position: Position
    dictionary: bytes  # of the compression
    commit: int  # of the text index, which may be further on: it is written first
    addons: int  # that are public
    featured: Mapping[int, tuple[Featuring, ...]] | None


_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder(Checkpoint).decode
_DECODE_USER: Final = msgspec.msgpack.Decoder(PublicUser).decode


@cache
def maker() -> str:
    """Names what decides what becomes of a document: our schema, and libraries."""
    versions = [f"{name} {metadata.version(name)}" for name in _LIBRARIES]
    return ", ".join((f"schema {SCHEMA}", platform.python_version(), unicodedata.unidata_version, *versions))


@dataclass(slots=True)
class CatalogueParts:
    """What a catalogue is made of."""

    documents: AddonDocuments
    columns: Columns
    engine: Engine
    tools: LanguageTools
    featured: FeaturedSets
    records: Records
    vocabulary: Vocabulary
    folder: Path | None
    image: bytes | None = None  # names the one of all there is; None: no checkpoint has all
    age: dict[str, int] = field(default_factory=lambda: {"changes": 0})  # since the records were read

    @classmethod
    def open(
        cls, shapes: Mapping[str, Shapes], featured: FeaturedSets, site: bytes, folder: Path | None
    ) -> Self:
        """Raises one of UNUSABLE."""
        if folder is not None:
            program()  # named now: by the end the sources may be others
        records, columns = Records(folder), Columns()
        documents = AddonDocuments(shapes, featured, records, site)
        tools = LanguageTools(shapes, documents, columns)
        engine, vocabulary = Engine(folder and folder / _TEXT), Vocabulary(records)
        return cls(documents, columns, engine, tools, featured, records, vocabulary, folder)

    def close(self, *, leave_image: bool = False) -> None:
        """In the thread that it was used in."""
        if leave_image:
            self._leave_image()
        self.engine.close()
        self.records.close()

    def _memory(self) -> list[dict[Any, Any]]:
        """What `restore` fills."""
        own: list[dict[Any, Any]] = [self.age, self.vocabulary.numbers, self.tools.memory]
        return [*own, *self.documents.memory, *self.columns.memory, *self.engine.memory]

    # -- the snapshot

    def seal(self, position: Position) -> None:
        """What is here now is the state of that position: the next `records.write` makes it a checkpoint."""
        commit, dictionary = self.engine.commit_number, self.documents.dictionary
        addons, places = len(self.documents), self.featured.table
        checkpoint = Checkpoint(maker(), position, dictionary, commit, addons, places)
        self.vocabulary.record()
        self.records.put(CHECKPOINT, _ENCODE(checkpoint))
        if self.image is None:
            self.image = secrets.token_bytes()
            self.records.put(IMAGE, self.image)
        self.records.seal()

    def _leave_image(self) -> None:
        """For the next start, if the last checkpoint has all there is. A fault costs it a second."""
        if self.image is None or self.folder is None or has_image(self.folder, self.image):
            return
        if self.age["changes"] > max(_RENEWED_AFTER, len(self.documents) // 5):
            return
        try:
            write_image(self.folder, self.image, self._memory())
        except Exception as fault:  # memory may be short, too
            log.warning("the next start reads the records: %r", fault)

    def checkpoint(self) -> Checkpoint | None:
        """What the snapshot is of; None: it is none. Raises Damaged."""
        stored = self.records.get(CHECKPOINT)
        if stored is None:
            return None
        try:
            checkpoint = _DECODE(stored)
        except msgspec.MsgspecError:
            return None
        return checkpoint if checkpoint.made_by == maker() else None

    def restore(self, checkpoint: Checkpoint) -> set[int]:
        """Take over a snapshot; which add-ons are to be read again, whether they changed since or not.

        The text index knows of changes after the checkpoint. The stream names their add-ons once more, but
        not those that featured sets have had in between. Raises one of UNUSABLE.
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
            for own, stored in zip(self._memory(), image, strict=True):
                own.update(stored)
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
            return {*self.engine.holders(_ANY_PLACE), *(checkpoint.featured or ())}
        if len(self.engine) != len(self.columns):
            raise Damaged("the text index is of other add-ons")
        self.image = name
        return set()

    async def check(self) -> str | None:
        """Look through what `restore` took over unseen, a little at a time; what of it is damaged."""
        for kind in (BODIES, RELEASES):
            key = kind
            while key.startswith(kind):
                try:
                    key = self.records.check(key)
                except Damaged as fault:
                    return str(fault)
                await asyncio.sleep(_REST)
        return None

    def _restore_addons(self) -> None:
        rows = StoredRows()
        for key, value in self.records.scan(ADDONS):
            (addon_id,), stored = ID.unpack(key[len(ADDONS) :]), decode(value)
            self.documents.restore(addon_id, stored.header)
            if stored.tool is not None:
                self.tools.put(addon_id, stored.tool)
            add_row(rows, addon_id, stored)
        self.columns.restore(rows, list(self.vocabulary.numbers))

    # -- changes

    def _change(self) -> None:
        self.image = None
        self.age["changes"] += 1

    def put(self, prepared: Prepared) -> Stored:
        """Take a public add-on; columns and engine hear of it by themselves."""
        self._change()
        stored = store(prepared, self.vocabulary)
        self.documents.put(prepared.id, prepared.packed)
        self.records.put(ADDONS + ID.pack(prepared.id), encode(stored))
        self.tools.put(prepared.id, prepared.tool)
        return stored

    def is_applied(self, user: PublicUser) -> bool:
        """Whether all add-ons show this user so. The text index, which has usernames alone, may be ahead."""
        if self.documents.users.get(user.id) != user:
            return False
        shown = self.documents.by_author(user.id)
        return not (shown and self.engine.holders(f"author:{user.id}", without=f"username:{user.username}"))

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
        """Forget an add-on; columns and engine hear of it by themselves."""
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


def add_row(rows: StoredRows, addon_id: int, stored: Stored) -> None:
    """Where listings may show it."""
    if stored.name is not None:
        rows.ids.append(addon_id)
        rows.names.append(stored.name)
        rows.numbers.append(stored.numbers)
        rows.shared.append(stored.terms)
        rows.unique.append(unique_terms(addon_id, stored.header.slug, stored.header.guid))
