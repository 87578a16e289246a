"""Review notes of a version: list, detail, reply; a reviewer's decision; files (contract/activity.md 1).

Reviewers decide by a write of our own:

    POST /api/vN/addons/addon/(id|slug|guid)/versions/(id)/review/
    {"decision": "approve", "comments": "...", "policies": ["..."]}

`decision` is one of server/services/reviews.py DECISIONS that the version's state
allows; `comments` and `policies` may be left out. Sent as multipart/form-data it
may have a file `attachment`. Who reviews the version's channel and the add-on's
type may do it. 201, the note as its writer sees it.
"""

import base64
from typing import ClassVar, cast
from urllib.parse import quote

import orjson

from conf.model.activity import MAX_ATTACHMENT_BYTES, NoteDoc
from conf.model.addons import AddonDoc, UserDoc, VersionDoc
from conf.numbers import read_number
from handlers.addons.resource import AddonResource
from handlers.http.access import KEYS_AND_SESSIONS, PUBLIC, SESSIONS, Access
from handlers.http.base import ApiHandler
from handlers.http.bodies import Body
from handlers.http.paging import envelope, page_size, requested_page
from handlers.http.reply import Reply
from index.shapes.notes import note_shape
from server.auth import permissions
from server.auth.addon_access import CHANNEL_REVIEWERS, NOTE_READERS, NOTE_WRITERS, REVIEWERS, passes
from server.errors import Forbidden, NotFound
from server.rules.activity import check_attachment, read_judgement, read_reply
from server.services import review_notes
from server.services.reviews import DECISIONS, Attachment, Draft, Posting
from server.services.versions import named


class ActivityResource(AddonResource):
    """What an add-on's authors and reviewers say to each other; no region is kept from them."""

    mechanisms = SESSIONS
    has_regions = False

    @property
    def posting(self) -> Posting:
        return Posting(self.site.store, self.site.changes, self.site.settings)

    @property
    def user(self) -> UserDoc:
        """The caller, where strangers pass no rule."""
        assert self.caller.user is not None
        return self.caller.user


class VersionActivity(ActivityResource):
    """What concerns one version's review."""

    async def load_version(self, identifier: str, name: str) -> tuple[AddonDoc, VersionDoc]:
        """Raises NotFound (also for a version number in place of its id), Forbidden."""
        addon = await self.load(identifier)
        version = named(addon["versions"], name) if read_number(name) is not None else None
        hidden = version is not None and version["deleted"]
        if version is None or (hidden and not permissions.has(self.caller.user, permissions.VIEW_DELETED)):
            raise NotFound
        return addon, version

    async def send_own(self, note: NoteDoc) -> None:
        """201: to its writer nobody is hidden."""
        view = self.ask().view
        thread = await review_notes.read_thread(self.site.store, note["version_id"] or 0)
        name = review_notes.account_name(self.caller.user, view.locale)
        self.send_json(note_shape(note, view, name=name, highlight=thread.is_highlighted(note)), 201)

    async def shapes(self, thread: review_notes.Thread, notes: list[NoteDoc]) -> list[bytes]:
        view = self.ask().view
        writers = await review_notes.read_writers(self.site.store, notes)
        reviews = permissions.is_any_reviewer(self.caller, safe=True)

        def shape(note: NoteDoc) -> bytes:
            name = review_notes.writer_name(note, writers, view.locale, reviews=reviews)
            return orjson.dumps(note_shape(note, view, name=name, highlight=thread.is_highlighted(note)))

        return [shape(note) for note in notes]

    def send_private(self, body: bytes) -> None:
        self.send(Reply(200, body, {"Cache-Control": "s-maxage=0", "Allow": self.allow()}))


class NoteListHandler(VersionActivity):
    title = "Review Notes"
    access: ClassVar = {"GET": Access(NOTE_READERS), "POST": Access(NOTE_WRITERS)}

    async def get(self, identifier: str, name: str) -> None:
        ask = self.ask()
        _, version = await self.load_version(identifier, name)
        thread = await review_notes.read_thread(self.site.store, version["id"])
        count = len(thread.places)
        page = requested_page(ask, page_size(ask), lambda: count)
        notes = await thread.read(self.site.store, page.start, page.stop)
        self.send_private(envelope(ask, page, count, await self.shapes(thread, notes)))

    async def head(self, *args: str) -> None:
        await self.get(*args)

    async def post(self, identifier: str, name: str) -> None:
        addon, version = await self.load_version(identifier, name)
        comments = read_reply(self.body().fields)
        note = await self.posting.reply(addon["_id"], version["id"], self.user, comments)
        await self.send_own(note)


class NoteHandler(VersionActivity):
    title = "Review Notes"
    access: ClassVar = {"GET": Access(NOTE_READERS)}

    async def get(self, identifier: str, name: str, note: str) -> None:
        _, version = await self.load_version(identifier, name)
        stored = await review_notes.read_note(self.site.store, version["id"], read_number(note))
        thread = await review_notes.read_thread(self.site.store, version["id"])
        self.send_private((await self.shapes(thread, [stored]))[0])

    async def head(self, *args: str) -> None:
        await self.get(*args)


class ReviewHandler(VersionActivity):
    """A decision about one version by a reviewer, but no author; our own, as AMO has no such call."""

    title = "Review"
    access: ClassVar = {"POST": Access(REVIEWERS)}
    mechanisms = KEYS_AND_SESSIONS

    async def post(self, identifier: str, name: str) -> None:
        addon, version = await self.load_version(identifier, name)
        if not passes(CHANNEL_REVIEWERS[version["channel"]], self.caller, addon, safe=False):
            raise Forbidden
        body = self.body()
        judgement = read_judgement(body.fields, DECISIONS)
        action = DECISIONS[judgement.decision].action
        draft = Draft(action, judgement.comments, judgement.policies, _attachment(body))
        note = await self.posting.review(addon["_id"], version["id"], self.user, judgement.decision, draft)
        await self.send_own(note)


def _attachment(body: Body) -> Attachment | None:
    file = body.files.get("attachment")
    if file is None:
        return None
    check_attachment(len(file["body"]), MAX_ATTACHMENT_BYTES)
    return Attachment(file["filename"][:200] or "attachment", file["content_type"], file["body"])


class AttachmentHandler(ApiHandler):
    """A note's file, as a download outside the API (contract/activity.md 1.8): 404 to whom it does not
    concern.
    """

    title = "Attachment"
    access = PUBLIC
    mechanisms = ("session", "jwt")

    def check_asked(self) -> None:
        """A file is what it is."""

    async def get(self, note_id: str) -> None:
        note = cast(NoteDoc | None, await self.site.store.find_one("notes", {"_id": read_number(note_id)}))
        if note is None or not await self._is_open(note):
            raise NotFound
        file = await self.site.store.find_one("attachments", {"_id": note["_id"]})
        if file is None:
            raise NotFound
        headers = {
            # Never a page of the site, whatever was attached.
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file['name'], safe='')}",
            "Access-Control-Allow-Origin": "*",
            "Cache-Control": "s-maxage=0",
        }
        self.send(Reply(200, base64.b64decode(file["content"]), headers))

    async def head(self, note_id: str) -> None:
        await self.get(note_id)

    async def _is_open(self, note: NoteDoc) -> bool:
        """For whom the note itself is: what it is about may be deleted."""
        addon = await self.site.store.find_addon("id", note["addon_id"])
        if addon is None or not review_notes.has_open_attachment(note):
            return False
        if addon["status"] == "deleted" or _is_of_deleted_version(note, addon):
            return permissions.has(self.caller.user, permissions.VIEW_DELETED)
        caller = self.caller
        return permissions.is_any_reviewer(caller, safe=True) or permissions.is_author(caller, addon)


def _is_of_deleted_version(note: NoteDoc, addon: AddonDoc) -> bool:
    return any(version["deleted"] for version in addon["versions"] if version["id"] == note["version_id"])
