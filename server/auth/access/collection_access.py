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
    """One caller's; settings name the curators' account and the collection that contributors may fill."""

    caller: Caller
    settings: Settings

    def owns(self, collection: CollectionDoc) -> bool:
        return collection["author_id"] == self.caller.id

    def may_edit(self, collection: CollectionDoc) -> bool:
        """Its author; curators, where the curators' account owns it."""
        is_theirs = collection["author_id"] == self.settings.curators_account
        return self.owns(collection) or (is_theirs and self.caller.has(CURATE))

    def may_fill(self, collection: CollectionDoc) -> bool:
        """Who may edit it, and contributors where it is the collection for them."""
        is_theirs = collection["_id"] == self.settings.contributed_collection
        return self.may_edit(collection) or (is_theirs and self.caller.has(CONTRIBUTE))

    def may_see(self, collection: CollectionDoc) -> bool:
        return collection["listed"] or self.may_fill(collection)
