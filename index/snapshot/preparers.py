"""Raw documents are prepared for a catalogue (prepared.py), in this process or in a pool of others.

    preparer = Preparer(documents, write_text, decode)
    for preparation in preparer.prepare(batch): ...

    pool = ProcessPool(make_worker, 2)
    pool.initialize(PreparerContext(users, places, dictionary, decode))
    for preparation in unpack(pool.submit(batch).result()): ...

There is no preparation of a document that is sound and not public.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

import msgspec

from conf.bson import split_documents
from conf.model.addons import AddonDoc
from conf.model.checks import describe_error, find_addon_fault
from index import facts
from index.criteria.featured import FeaturedPlaces, FeaturedSets
from index.documents.documents import AddonDocuments
from index.documents.users import PublicUser
from index.entry import Entry
from index.snapshot.prepared import PreparedAddon, prepare
from index.snapshot.records import Records
from index.text.schema import DocumentBuilder, IndexDocument

Decode = Callable[[bytes], list[dict[str, Any]]]  # of concatenated BSON documents
WriteText = Callable[[AddonDoc, Entry], IndexDocument]


class Preparation(NamedTuple):
    """The outcome for a document that is public, or that is left out because of a fault."""

    id: int | str  # as text if it is left out, because it may be of any type then
    prepared: PreparedAddon | None = None  # None: it is left out
    text: IndexDocument | None = None  # None: listings do not show it
    fault: str | None = None  # why it is left out


class PreparerContext(NamedTuple):
    """What another process needs."""

    users: Mapping[int, PublicUser]
    places: FeaturedPlaces | None
    dictionary: bytes  # of the compression
    decode: Decode


class Preparer:
    """For one thread."""

    def __init__(self, documents: AddonDocuments, write_text: WriteText, decode: Decode) -> None:
        self._documents = documents
        self._write_text = write_text
        self._decode = decode

    def decoded(self, batch: bytes) -> Iterator[AddonDoc]:
        for document in split_documents(batch):
            yield cast(AddonDoc, self._decode(bytes(document))[0])

    def prepare(self, addons: Iterable[AddonDoc]) -> Iterator[Preparation]:
        """Lazily, because each takes half a millisecond."""
        for addon in addons:
            fault = find_addon_fault(addon)
            if fault is None and facts.is_public(addon):
                try:
                    yield self._prepare(addon)
                except Exception as error:  # one document never stops the others
                    fault = describe_error(error)
            if fault:
                yield Preparation(str(addon["_id"]), fault=fault)

    def _prepare(self, addon: AddonDoc) -> Preparation:
        prepared = prepare(addon, self._documents)
        entry = prepared.entry
        return Preparation(addon["_id"], prepared, entry and self._write_text(addon, entry))


_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder(Preparation).decode


def unpack(answer: list[bytes]) -> Iterator[Preparation]:
    """One by one, so as not to hold up other threads for long."""
    return map(_DECODE, answer)


def make_worker(context: PreparerContext) -> Callable[[bytes], list[bytes]]:
    """What a process of the pool does with a batch; its results are for `unpack`."""
    featured = FeaturedSets()
    featured.replace(context.places)
    documents = AddonDocuments({}, featured, Records(None))
    documents.users.update(context.users)
    documents.use_dictionary(context.dictionary)
    preparer = Preparer(documents, DocumentBuilder().document, context.decode)

    def work(batch: bytes) -> list[bytes]:
        addons = cast(list[AddonDoc], context.decode(batch))
        return list(map(_ENCODE, preparer.prepare(addons)))

    return work
