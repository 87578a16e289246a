"""The base class of collections' resources: finds a collection for the caller."""

from typing import Any, ClassVar

from conf.gates import enabled
from conf.model.curated import CollectionDoc
from handlers.http.base import SESSIONS, ApiHandler
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.auth.access.collection_access import CollectionRights
from server.errors import Forbidden, NotFound
from server.rules.values.translated import TranslationFormat
from server.shapes.collections import collection_shape
from server.site import Site


def find_collection(site: Site, user: str, slug: str) -> CollectionDoc:
    """Raises NotFound."""
    collection = site.curated.find_collection(user, slug)
    if collection is None:
        raise NotFound
    return collection


def collection_value(request: ReadRequest, collection: CollectionDoc) -> dict[str, Any]:
    """As JSON shows it."""
    shapes, users = request.shapes, request.documents.users
    return collection_shape(shapes, collection, users, request.view)


class CollectionResource(ApiHandler):
    """Comes first among the bases of a class that is a PageHandler, too."""

    title: ClassVar[str] = "Collection"
    mechanisms = SESSIONS
    has_long_texts = True

    @property
    def rights(self) -> CollectionRights:
        return CollectionRights(self.caller, self.site.settings)

    @property
    def translation_format(self) -> TranslationFormat:
        return TranslationFormat(enabled(self.version, "flat_translations"), self.locale_name)

    def answer(self, collection: CollectionDoc) -> Answer:
        """The answer to a GET of the collection, without its add-ons."""
        return json_answer(collection_value(self.read_request(), collection))

    def load_seen(self, user: str, slug: str) -> CollectionDoc:
        """A collection that the caller may read. Raises NotFound, Forbidden."""
        collection = find_collection(self.site, user, slug)
        if not self.rights.can_see(collection):
            raise Forbidden
        return collection

    def load_edited(self, user: str, slug: str) -> CollectionDoc:
        """A collection that the caller may edit. Raises NotFound, Forbidden."""
        collection = find_collection(self.site, user, slug)
        if not self.rights.can_edit(collection):
            raise Forbidden
        return collection

    def load_filled(self, user: str, slug: str) -> CollectionDoc:
        """A collection whose add-ons the caller may change. Raises NotFound, Forbidden."""
        collection = find_collection(self.site, user, slug)
        if not self.rights.can_add_items(collection):
            raise Forbidden
        return collection
