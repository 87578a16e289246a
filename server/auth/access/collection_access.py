"""Who may do what with a user's collection (contract/extras.md 4.1).

Pure; any thread.
"""

from typing import Final, NamedTuple

from conf.model.curated import CollectionDoc
from conf.settings.settings import Settings
from server.auth.callers import Caller

CURATE: Final = "Admin:Curation"
CONTRIBUTE: Final = "Collections:Contribute"


class CollectionRights(NamedTuple):
    """What one caller may do. The settings name the curators' account, and the collection that contributors
    may add to.
    """

    caller: Caller
    settings: Settings

    def owns(self, collection: CollectionDoc) -> bool:
        return collection["author_id"] == self.caller.id

    def can_edit(self, collection: CollectionDoc) -> bool:
        """Whether the caller is its author, or a curator if the curators' account owns it."""
        is_curated = collection["author_id"] == self.settings.curators_account
        return self.owns(collection) or (is_curated and self.caller.has(CURATE))

    def can_add_items(self, collection: CollectionDoc) -> bool:
        """Whether the caller may edit it, or is a contributor and it is the contributors' collection."""
        is_contributed = collection["_id"] == self.settings.contributed_collection
        return self.can_edit(collection) or (is_contributed and self.caller.has(CONTRIBUTE))

    def can_see(self, collection: CollectionDoc) -> bool:
        return collection["listed"] or self.can_add_items(collection)
