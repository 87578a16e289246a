"""The base class of collections' resources: finds a collection for the caller."""

from collections.abc import Callable
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


def shape_collection(request: ReadRequest, collection: CollectionDoc) -> dict[str, Any]:
    """The collection as a JSON value."""
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
        return json_answer(shape_collection(self.read_request(), collection))

    def load_visible(self, user: str, slug: str) -> CollectionDoc:
        """A collection that the caller may read. Raises NotFound, Forbidden."""
        return self._load(user, slug, self.rights.can_see)

    def load_editable(self, user: str, slug: str) -> CollectionDoc:
        """A collection that the caller may edit. Raises NotFound, Forbidden."""
        return self._load(user, slug, self.rights.can_edit)

    def load_fillable(self, user: str, slug: str) -> CollectionDoc:
        """A collection whose add-ons the caller may change. Raises NotFound, Forbidden."""
        return self._load(user, slug, self.rights.can_add_items)

    def _load(self, user: str, slug: str, is_allowed: Callable[[CollectionDoc], bool]) -> CollectionDoc:
        collection = find_collection(self.site, user, slug)
        if not is_allowed(collection):
            raise Forbidden
        return collection
