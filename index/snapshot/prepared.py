"""Prepared add-ons: what the catalogue makes of a document, and how a snapshot has it.

    prepared, body = prepare(addon, documents)
    decode(encode(prepared)) == prepared

Analysing and packing an add-on takes ten times as long as taking over the result. Everything here
follows from the document alone, but the digest, which is of all that the add-on's objects show.
"""

import sys
from typing import Final, NamedTuple

import msgspec

from conf.model.addons import AddonDoc
from index import facts
from index.documents.documents import AddonDocuments, Body, Kept
from index.documents.language_tools import Tool, make_tool
from index.entry import Entry, listed_authors, own_entry, own_terms
from index.search_params.compatibility import usable_ranges
from index.shapes.markup import made_safe


class Own(NamedTuple):
    """What listings know of an add-on from its document alone."""

    entry: Entry
    authors: tuple[int, ...]  # the listed ones: their names are terms too


class Prepared(NamedTuple):
    """A public add-on, as memory has it."""

    id: int
    kept: Kept
    tool: Tool | None
    own: Own | None  # None: no current version, so listings do not show it


_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder(Prepared).decode


def prepare(addon: AddonDoc, documents: AddonDocuments) -> tuple[Prepared, Body]:
    """Of a public add-on; `documents` only packs."""
    addon = made_safe(addon)
    versions = facts.public_versions(addon)  # of a public add-on the first is the current one
    usable = usable_ranges(addon, versions)
    own = Own(own_entry(addon, usable), listed_authors(addon)) if versions else None
    kept, body = documents.pack(addon, versions, usable)
    return Prepared(addon["_id"], kept, make_tool(addon), own), body


def encode(prepared: Prepared) -> bytes:
    return _ENCODE(prepared)


def decode(record: bytes | memoryview) -> Prepared:
    """Raises msgspec.MsgspecError."""
    prepared = _DECODE(record)
    if prepared.own is None:
        return prepared
    entry, authors = prepared.own
    alone = len(own_terms(entry.id, prepared.kept.slug, prepared.kept.guid))
    # Many add-ons share each of the others.
    terms = (*entry.terms[:alone], *map(sys.intern, entry.terms[alone:]))
    own = Own(Entry(entry.id, terms, entry.numbers, entry.name), authors)
    return Prepared(prepared.id, prepared.kept, prepared.tool, own)
