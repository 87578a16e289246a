"""A user's collection as JSON (contract/extras.md 4.2). Safe from any thread."""

from typing import Final
from urllib.parse import quote
from uuid import UUID, uuid5

from conf.model.curated import CollectionDoc
from index.shapes.parts import UsersById
from index.shapes.shape import Shapes
from index.shapes.translated_fields import resolve
from index.shapes.urls import url_bases
from index.shapes.versions import Shape
from index.shapes.view import View
from server.shapes.ratings import user_shape

# For the UUIDs of collections, which follow from their ids.
_NAMESPACE: Final = UUID("5f6b7a52-0d0e-4a41-9f0f-3f6c9b2f6e11")


# All keys of a collection; it has `addons` only if a request asks for them.
COLLECTION_KEYS: Final = frozenset(
    {
        "id",
        "addon_count",
        "addons",
        "author",
        "default_locale",
        "description",
        "modified",
        "name",
        "public",
        "slug",
        "url",
        "uuid",
    }
)


def collection_shape(shapes: Shapes, collection: CollectionDoc, users: UsersById, view: View) -> Shape:
    """The collection without the key `addons`, because add-ons are read in pages."""
    author_id, default, slug = collection["author_id"], collection["default_locale"], collection["slug"]
    site = url_bases(shapes.context, view).user.removesuffix("user/")
    return {
        "id": collection["_id"],
        "addon_count": len(collection["addons"]),
        "author": user_shape(shapes, author_id, users, view),
        "default_locale": default,
        "description": resolve(collection["description"], view, default),
        "modified": collection["modified"],
        "name": resolve(collection["name"], view, default),
        "public": collection["listed"],
        "slug": slug,
        "url": f"{site}collections/{author_id}/{quote(slug)}/",
        "uuid": uuid5(_NAMESPACE, str(collection["_id"])).hex,
    }
