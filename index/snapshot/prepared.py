"""Prepared add-ons: what the catalogue makes of a document, and how a snapshot has it.

    prepared = prepare(addon, documents)
    stored = store(prepared, vocabulary)
    decode(encode(stored)) == stored

Analysing and packing an add-on takes many times as long as taking over the result, which follows from its
document, from what its authors are called and from the featured sets.
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
from index.shapes.markup import made_safe
from index.snapshot.records import TERMS, Damaged, Records

_NUMBER: Final = struct.Struct(">I")
_BLOCK: Final = 256  # terms to a record: a start reads some hundred records of them


class Prepared(NamedTuple):
    """A public add-on, as memory and the records have it."""

    id: int
    packed: PackedAddon
    tool: Tool | None
    entry: Entry | None  # None: no current version, so listings do not show it


class Stored(NamedTuple):
    """The same in a snapshot, under its id."""

    header: AddonHeader
    tool: Tool | None
    name: str | None = None  # None: listings do not show it
    numbers: bytes = b""  # `pack_numbers`
    terms: bytes = b""  # 32-bit numbers of the terms that others may have as well


decode: Final = msgspec.msgpack.Decoder(Stored).decode  # raises msgspec.MsgspecError
encode: Final = msgspec.msgpack.Encoder().encode
_DECODE_TERMS: Final = msgspec.msgpack.Decoder(list[str]).decode


class Vocabulary:
    """Terms as numbers, kept with the records. One that nobody has any more goes with the next full build."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.numbers: dict[str, int] = {}  # by term, 0, 1, 2, ...
        self._recorded = 0  # terms that the records have

    def restore(self) -> None:
        """Know the terms that the records have, if they are not known yet.

        Raises Damaged and msgspec.MsgspecError.
        """
        for key, block in () if self.numbers else self._records.scan(TERMS):
            first = len(self.numbers)
            if _NUMBER.unpack_from(key, len(TERMS))[0] * _BLOCK != first:
                raise Damaged("a term is missing")
            self.numbers |= zip(_DECODE_TERMS(block), count(first))
        self._recorded = len(self.numbers)

    def number(self, term: str) -> int:
        return self.numbers.setdefault(term, len(self.numbers))

    def record(self) -> None:
        """Put the terms that are new into the records."""
        terms = list(self.numbers) if self._recorded < len(self.numbers) else []
        for start in range(self._recorded // _BLOCK * _BLOCK, len(terms), _BLOCK):
            key = TERMS + _NUMBER.pack(start // _BLOCK)
            self._records.put(key, encode(terms[start : start + _BLOCK]))
        self._recorded = len(self.numbers)


def prepare(addon: AddonDoc, documents: AddonDocuments) -> Prepared:
    """Of a public add-on; changes nothing in `documents`."""
    addon = made_safe(addon)
    versions = facts.public_versions(addon)  # of a public add-on the first is the current one
    usable = usable_ranges(addon, versions)
    places = documents.featured.places(addon["_id"])
    entry = make_entry(addon, documents.users, places, usable) if versions else None
    packed = documents.pack(addon, versions, usable)
    return Prepared(addon["_id"], packed, make_tool(addon), entry)


def store(prepared: Prepared, vocabulary: Vocabulary) -> Stored:
    header, entry = prepared.packed.header, prepared.entry
    stored = Stored(header, prepared.tool)
    if entry is not None:
        unique = len(unique_terms(entry.id, header.slug, header.guid))
        terms = array("I", map(vocabulary.number, entry.terms[unique:]))
        stored = Stored(*stored[:2], entry.name, pack_numbers(entry), terms.tobytes())
    return stored
