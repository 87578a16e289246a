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
    """Of one caller; the account that curators look after and the collection that others contribute to are
    settings.
    """

    caller: Caller
    settings: Settings

    def owns(self, collection: CollectionDoc) -> bool:
        return collection["author_id"] == self.caller.id

    def may_edit(self, collection: CollectionDoc) -> bool:
        """Its author, and curators where it is of their account."""
        is_theirs = collection["author_id"] == self.settings.curators_account
        return self.owns(collection) or (is_theirs and self.caller.has(CURATE))

    def may_fill(self, collection: CollectionDoc) -> bool:
        """As `may_edit`, and contributors of the one that is for them."""
        is_theirs = collection["_id"] == self.settings.contributed_collection
        return self.may_edit(collection) or (is_theirs and self.caller.has(CONTRIBUTE))

    def may_see(self, collection: CollectionDoc) -> bool:
        return collection["listed"] or self.may_fill(collection)
