"""Prepared add-ons: what the catalogue makes of a document, and that as bytes.

    prepared = prepare(addon, documents)        # what documents, filters, sorts and tools need
    known = Known(prepared, text, more)         # text: Engine.text(addon, prepared.own.entry)
    from_bytes(memoryview(to_bytes(known))) == known

Analysing and packing an add-on takes ten times as long as taking over the result, so a start
takes over what an earlier one made of the same document (memory.py). Everything here follows
from the document alone, except `more`, which is compared before it is used.
"""

import struct
import sys
from array import array
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple

import orjson

from conf.model.addons import AddonDoc
from index import facts
from index.documents.documents import AddonDocuments, Packed
from index.documents.language_packs import Pack
from index.documents.language_tools import Tool, make_tool
from index.entry import Entry, listed_authors, own_entry, own_terms
from index.search_params.compatibility import usable_ranges
from index.shapes.markup import made_safe
from index.text.schema import IndexText

# Where the parts of a record end: facts, main, usable, rest, a language pack's versions; index text is last.
_ENDS: Final = struct.Struct("<IIIII")


class Own(NamedTuple):
    """What listings know of an add-on from its document alone."""

    entry: Entry
    authors: tuple[int, ...]  # the listed ones: their names are terms too


class Prepared(NamedTuple):
    """A public add-on; all of it follows from its document alone."""

    id: int
    packed: Packed
    tool: Tool | None
    own: Own | None  # None: no current version, so listings do not show it


class Known(NamedTuple):
    """What is remembered of a public add-on."""

    prepared: Prepared
    text: IndexText | None  # None where `prepared.own` is
    more: tuple[str, ...]  # the terms that users and featured sets gave it when this was written


def prepare(addon: AddonDoc, documents: AddonDocuments) -> Prepared:
    """Of a public add-on; `documents` only packs."""
    addon = made_safe(addon)
    versions = facts.public_versions(addon)  # of a public add-on the first is the current one
    usable = usable_ranges(addon, versions)
    own = Own(own_entry(addon, usable), listed_authors(addon)) if versions else None
    return Prepared(addon["_id"], documents.pack(addon, versions, usable), make_tool(addon), own)


def to_bytes(known: Known) -> bytes:
    addon_id, packed, tool, _ = known.prepared
    versions = tool.pack.versions if tool and tool.pack else ()
    rest = list(map(len, packed.rest))
    head = orjson.dumps([addon_id, rest, *packed[3:], _tool_head(tool), _own_head(known)])
    parts = (head, packed.main, packed.usable, b"".join(packed.rest), b"".join(versions))
    ends = accumulate(map(len, parts), initial=_ENDS.size)
    next(ends)
    text = known.text.fields.encode() if known.text else b""
    return b"".join((_ENDS.pack(*ends), *parts, text))


def from_bytes(record: memoryview) -> Known:
    ends = _ENDS.unpack_from(record)
    addon_id, lengths, guid, slug, authors, exclusions, tool, own = orjson.loads(record[_ENDS.size : ends[0]])
    main, usable = bytes(record[ends[0] : ends[1]]), bytes(record[ends[1] : ends[2]])
    rest = _cut(record[ends[2] : ends[3]], lengths)
    packed = Packed(main, rest, usable, guid, slug, tuple(authors), tuple(exclusions))
    made = _tool(tool, record[ends[3] : ends[4]]) if tool else None
    if own is None:
        return Known(Prepared(addon_id, packed, made, None), None, ())
    shared, numbers, name, listed, joined, words, more = own
    terms = (*own_terms(addon_id, slug, guid), *map(sys.intern, shared))
    listing = Own(Entry(addon_id, terms, tuple(numbers), name), tuple(listed))
    text = IndexText(str(record[ends[4] :], "utf-8"), joined, words)
    return Known(Prepared(addon_id, packed, made, listing), text, tuple(map(sys.intern, more)))


def _own_head(known: Known) -> list[Any] | None:
    prepared, text, more = known
    if prepared.own is None or text is None:
        return None
    entry, authors = prepared.own
    alone = len(own_terms(entry.id, prepared.packed.slug, prepared.packed.guid))
    return [entry.terms[alone:], entry.numbers, entry.name, authors, text.joined, text.words, more]


def _tool_head(tool: Tool | None) -> list[Any] | None:
    """The numbers of its pack."""
    if tool is None:
        return None
    if tool.pack is None:
        return [None, ()]
    ranges = {app: numbers.tolist() for app, numbers in tool.pack.ranges.items()}
    return [ranges, list(map(len, tool.pack.versions))]


def _tool(head: list[Any], packed: memoryview) -> Tool:
    ranges, lengths = head
    if ranges is None:
        return Tool(None)
    by_app = {app: array("q", numbers) for app, numbers in ranges.items()}
    return Tool(Pack(by_app, _cut(packed, lengths)))


def _cut(joined: memoryview, lengths: list[int]) -> tuple[bytes, ...]:
    """The parts that were joined."""
    return tuple(bytes(joined[start:end]) for start, end in pairwise(accumulate(lengths, initial=0)))
