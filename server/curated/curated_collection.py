"""Small collections of documents in memory, which curated.py keeps current.

Thread rule: event loop only.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from conf.model.curated import CollectionDoc
from index.shapes.parts import UsersById
from server.storage.store import Store

Doc = TypeVar("Doc")
View = TypeVar("View")


async def _stored(store: Store, collection: str, ids: Iterable[Any] | None) -> list[Any]:
    query = {} if ids is None else {"_id": {"$in": list(ids)}}
    return [document async for batch in store.scan(collection, query=query) for document in batch]


class CuratedCollection(Generic[Doc, View]):
    """The documents of one collection, and a view of them."""

    def __init__(self, collection: str, make: Callable[[Sequence[Doc]], View]) -> None:
        self.collection = collection
        self._make = make
        self._documents: dict[Any, Doc] = {}
        self.view = make(())

    async def read(self, store: Store, ids: Iterable[Any] | None = None) -> None:
        """Read the stored documents with these ids (None: all)."""
        documents = {} if ids is None else dict(self._documents)
        for id_ in ids or ():
            documents.pop(id_, None)
        documents.update(
            (document["_id"], document) for document in await _stored(store, self.collection, ids)
        )
        self._documents = documents
        self.view = self._make([documents[id_] for id_ in sorted(documents)])


class UserCollections(CuratedCollection[CollectionDoc, None]):
    """The collections of all users. They may be many, so that a change updates only its own."""

    def __init__(self) -> None:
        super().__init__("collections", lambda documents: None)
        self._by_slug: dict[str, dict[int, CollectionDoc]] = {}  # in lower case
        self._by_author: dict[int, dict[int, CollectionDoc]] = {}

    async def read(self, store: Store, ids: Iterable[Any] | None = None) -> None:
        """As CuratedCollection.read."""
        stored = await _stored(store, self.collection, ids)
        for id_ in list(self._documents) if ids is None else ids:
            self._drop(id_)
        for document in stored:
            self._documents[document["_id"]] = document
            for table, key in self._index_keys(document):
                table.setdefault(key, {})[document["_id"]] = document

    def _drop(self, id_: Any) -> None:
        document = self._documents.pop(id_, None)
        for table, key in self._index_keys(document) if document else ():
            del table[key][id_]
            if not table[key]:
                del table[key]

    def _index_keys(self, document: CollectionDoc) -> tuple[tuple[Any, Any], ...]:
        return (self._by_slug, document["slug"].lower()), (self._by_author, document["author_id"])

    def by_author(self, author_id: int) -> list[CollectionDoc]:
        """The collections of a user, last changed first."""
        collections = self._by_author.get(author_id, {}).values()
        return sorted(
            collections, key=lambda collection: (collection["modified"], collection["_id"]), reverse=True
        )

    def find(self, user: str, slug: str, users: UsersById) -> CollectionDoc | None:
        """The collection by its author's id or name and its slug; of several the one with the highest id."""
        candidates = self._by_slug.get(slug.lower(), {})
        for id_ in sorted(candidates, reverse=True):
            author_id = candidates[id_]["author_id"]
            author = users.get(author_id)
            if user == str(author_id) or (author and author.username.lower() == user.lower()):
                return candidates[id_]
        return None
