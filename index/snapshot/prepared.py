"""Prepared add-ons: what the catalogue needs of a document, and its form in a snapshot.

    prepared = prepare(addon, documents)
    stored = to_stored(prepared, vocabulary)
    decode_stored(encode(stored)) == stored

To prepare an add-on takes many times as long as to put the result into the catalogue. It depends on the
document, its authors and the featured sets.
"""

import struct
from array import array
from itertools import count
from typing import Final, NamedTuple

import msgspec

from conf.model.addons import AddonDoc
from index import facts
from index.criteria.compatibility import usable_ranges
from index.documents.documents import AddonDocuments, AddonHeader, PackedAddon
from index.documents.language_tools import Tool, make_tool
from index.entry import Entry, make_entry, pack_numbers, unique_terms
from index.shapes.markup import clean_foreign
from index.snapshot.records import TERMS, Damaged, Records

_NUMBER: Final = struct.Struct(">I")
_BLOCK: Final = 256  # terms to a record: a start reads some hundred records of them


class PreparedAddon(NamedTuple):
    """A public add-on, ready for memory and records."""

    id: int
    packed: PackedAddon
    tool: Tool | None
    entry: Entry | None  # None: there is no current version, so listings do not show it


class StoredAddon(NamedTuple):
    """An add-on's entry in a snapshot, under its id."""

    header: AddonHeader
    tool: Tool | None
    name: str | None = None  # None: listings do not show it
    numbers: bytes = b""  # `pack_numbers`
    terms: bytes = b""  # 32-bit numbers of the terms that others may have as well


decode_stored: Final = msgspec.msgpack.Decoder(StoredAddon).decode  # raises msgspec.MsgspecError
encode: Final = msgspec.msgpack.Encoder().encode
_DECODE_TERMS: Final = msgspec.msgpack.Decoder(list[str]).decode


class Vocabulary:
    """Numbers of terms, stored in the records. A term that is unused by now goes with the next full build."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.numbers: dict[str, int] = {}  # by term, 0, 1, 2, ...
        self._recorded = 0  # how many of them the records have

    def restore(self) -> None:
        """Read the terms from the records, unless the image had them. Raises Damaged, MsgspecError."""
        for key, block in () if self.numbers else self._records.scan(TERMS):
            first = len(self.numbers)
            if _NUMBER.unpack_from(key, len(TERMS))[0] * _BLOCK != first:
                raise Damaged("a term is missing")
            self.numbers |= zip(_DECODE_TERMS(block), count(first))
        self._recorded = len(self.numbers)

    def number(self, term: str) -> int:
        return self.numbers.setdefault(term, len(self.numbers))

    def record(self) -> None:
        """Put the new terms into the records."""
        terms = list(self.numbers) if self._recorded < len(self.numbers) else []
        for start in range(self._recorded // _BLOCK * _BLOCK, len(terms), _BLOCK):
            key = TERMS + _NUMBER.pack(start // _BLOCK)
            self._records.put(key, encode(terms[start : start + _BLOCK]))
        self._recorded = len(self.numbers)


def prepare(addon: AddonDoc, documents: AddonDocuments) -> PreparedAddon:
    """`addon` is public; changes nothing in `documents`."""
    addon = clean_foreign(addon)
    versions = facts.public_versions(addon)  # the first is the current one
    usable = usable_ranges(addon, versions)
    places = documents.featured.places(addon["_id"])
    entry = make_entry(addon, documents.users, places, usable) if versions else None
    packed = documents.pack(addon, versions, usable)
    return PreparedAddon(addon["_id"], packed, make_tool(addon), entry)


def to_stored(prepared: PreparedAddon, vocabulary: Vocabulary) -> StoredAddon:
    header, entry = prepared.packed.header, prepared.entry
    stored = StoredAddon(header, prepared.tool)
    if entry is not None:
        unique = len(unique_terms(entry.id, header.slug, header.guid))
        terms = array("I", map(vocabulary.number, entry.terms[unique:]))
        stored = StoredAddon(*stored[:2], entry.name, pack_numbers(entry), terms.tobytes())
    return stored
