"""The base classes of reviews' resources: find the version, and show notes as the caller may see them."""

from typing import Any

from conf.model.activity import NoteDoc
from conf.model.addons import AddonDoc, UserDoc, VersionDoc
from handlers.addons.resource import AddonResource
from handlers.http.base import SESSIONS
from server.services import versions
from server.services.posting import Posting
from server.services.review import review_notes
from server.shapes.notes import note_shape


class ActivityResource(AddonResource):
    """Communication between an add-on's authors and reviewers, which is not withheld from any country."""

    mechanisms = SESSIONS
    has_regions = False

    @property
    def posting(self) -> Posting:
        return Posting(self.site.store, self.site.changes, self.site.settings)

    @property
    def user(self) -> UserDoc:
        """The caller's account; only for methods that need a signed-in caller."""
        assert self.caller.user is not None
        return self.caller.user


class VersionActivity(ActivityResource):
    """A resource about the review of a version."""

    async def load_version(self, identifier: str, name: str) -> tuple[AddonDoc, VersionDoc]:
        """The add-on, and its version by id, even if deleted. Raises NotFound, Forbidden."""
        addon = await self.load(identifier)
        return addon, versions.find_by_id(self.caller, addon, name)

    async def send_created_note(self, note: NoteDoc) -> None:
        """Answer 201 with the caller's note and name."""
        view = self.read_request().view
        thread = await review_notes.read_thread(self.site.store, note["version_id"] or 0)
        name = review_notes.account_name(self.caller.user, view.locale)
        self.send_json(note_shape(note, view, name=name, highlight=thread.is_highlighted(note)), 201)

    async def shapes(self, thread: review_notes.Thread, notes: list[NoteDoc]) -> list[dict[str, Any]]:
        """Notes of the thread, as the caller may see them."""
        view = self.read_request().view
        writers = await review_notes.read_writers(self.site.store, notes)

        def shape(note: NoteDoc) -> dict[str, Any]:
            name = review_notes.writer_name(note, writers, self.caller, view.locale)
            return note_shape(note, view, name=name, highlight=thread.is_highlighted(note))

        return [shape(note) for note in notes]
