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
from typing import Final, cast
from urllib.parse import quote

import orjson

from conf.limits import MAX_TEXTS_BYTES
from conf.model.activity import MAX_ATTACHMENT_BYTES, NoteDoc
from conf.model.addons import AddonDoc, VersionDoc
from conf.numbers import read_number
from handlers.addons.access import (
    INSIDERS,
    Rule,
    decider,
    deleted_addon_viewer,
    find_version,
    listed_reviewer,
    load_addon,
    passes,
    unlisted_reviewer,
)
from handlers.http.base import SAFE, ApiHandler
from handlers.http.bodies import Body
from handlers.http.errors import not_found
from handlers.http.paging import envelope, page_size, requested_page
from handlers.http.reply import Reply
from handlers.http.request import ReadRequest
from index.shapes.notes import note_shape
from server.auth import permissions
from server.rules.activity import check_attachment, read_judgement, read_reply
from server.services import review_notes
from server.services.reviews import DECISIONS, Attachment, Draft, Posting

READERS: Final[Rule] = (*INSIDERS, deleted_addon_viewer)
REVIEWERS: Final[Rule] = decider(listed_reviewer, unlisted_reviewer)
_OF_CHANNEL: Final[dict[str, Rule]] = {
    "listed": decider(listed_reviewer),
    "unlisted": decider(unlisted_reviewer),
}


async def load_insider_addon(handler: ApiHandler, ask: ReadRequest, identifier: str, need: Rule) -> AddonDoc:
    """The add-on, for its people; no region is kept from them, and nothing deleted is written to.

    Raises Refusal 404, 401, 403.
    """
    safe = handler.request.method in SAFE

    def gone(caller: object, addon: AddonDoc, safe: bool) -> bool:
        return not safe and addon["status"] == "deleted"

    addon = await load_addon(handler, ask, identifier, (gone, *need), region=False)
    if not safe and addon["status"] == "deleted":
        raise not_found(ask.view.locale)
    return addon


class VersionActivity(ApiHandler):
    """What concerns one version's review."""

    max_json_bytes = MAX_TEXTS_BYTES

    async def load(
        self, ask: ReadRequest, args: tuple[str, ...], need: Rule = READERS
    ) -> tuple[AddonDoc, VersionDoc]:
        """Raises Refusal 404 (also for a version number in place of its id), 401, 403."""
        addon = await load_insider_addon(self, ask, args[0], need)
        version = find_version(addon["versions"], args[1]) if read_number(args[1]) is not None else None
        hidden = version is not None and version["deleted"]
        if version is None or (hidden and not permissions.has(self.caller.user, permissions.VIEW_DELETED)):
            raise not_found(ask.view.locale)
        return addon, version

    @property
    def posting(self) -> Posting:
        return Posting(self.site.store, self.site.changes, self.site.settings)

    async def send_own(self, ask: ReadRequest, note: NoteDoc) -> None:
        """201: to its writer nobody is hidden."""
        thread = await review_notes.read_thread(self.site.store, note["version_id"] or 0)
        name = review_notes.account_name(self.caller.user, ask.view.locale)
        shape = note_shape(note, ask.view, name=name, highlight=thread.is_highlighted(note))
        self.send_json(shape, 201)

    async def shapes(
        self, ask: ReadRequest, thread: review_notes.Thread, found: list[NoteDoc]
    ) -> list[bytes]:
        writers = await review_notes.read_writers(self.site.store, found)
        reviews = permissions.is_any_reviewer(self.caller, safe=True)
        return [
            orjson.dumps(
                note_shape(
                    note,
                    ask.view,
                    name=review_notes.writer_name(note, writers, ask.view.locale, reviews=reviews),
                    highlight=thread.is_highlighted(note),
                )
            )
            for note in found
        ]

    def send_private(self, body: bytes) -> None:
        self.send(Reply(200, body, {"Cache-Control": "s-maxage=0", "Allow": self.allow()}))


class NoteListHandler(VersionActivity):
    title = "Review Notes"

    async def get(self, *args: str) -> None:
        ask = self.ask()
        _, version = await self.load(ask, args)
        thread = await review_notes.read_thread(self.site.store, version["id"])
        count = len(thread.places)
        page = requested_page(ask, page_size(ask), lambda: count)
        found = await thread.read(self.site.store, page.start, page.stop)
        self.send_private(envelope(ask, page, count, await self.shapes(ask, thread, found)))

    async def head(self, *args: str) -> None:
        await self.get(*args)

    async def post(self, *args: str) -> None:
        ask = self.ask()
        addon, version = await self.load(ask, args)
        comments = read_reply(self.body().fields)
        assert self.caller.user is not None
        note = await self.posting.reply(addon["_id"], version["id"], self.caller.user, comments)
        await self.send_own(ask, note)


class NoteHandler(VersionActivity):
    title = "Review Notes"

    async def get(self, *args: str) -> None:
        ask = self.ask()
        _, version = await self.load(ask, args)
        note_id = read_number(args[2])
        note = (
            None if note_id is None else await review_notes.read_note(self.site.store, version["id"], note_id)
        )
        if note is None:
            raise not_found(ask.view.locale)
        thread = await review_notes.read_thread(self.site.store, version["id"])
        self.send_private((await self.shapes(ask, thread, [note]))[0])

    async def head(self, *args: str) -> None:
        await self.get(*args)


class ReviewHandler(VersionActivity):
    """A decision about one version by a reviewer, but no author; our own, as AMO has no such call."""

    title = "Review"
    mechanisms = ("jwt", "session")

    async def post(self, *args: str) -> None:
        ask = self.ask()
        addon, version = await self.load(ask, args, REVIEWERS)
        if not passes(_OF_CHANNEL[version["channel"]], self.caller, addon, safe=False):
            raise self.denied()
        body = self.body()
        judgement = read_judgement(body.fields, DECISIONS)
        action = DECISIONS[judgement.decision].action
        draft = Draft(action, judgement.comments, judgement.policies, _attachment(body))
        assert self.caller.user is not None
        note = await self.posting.review(
            addon["_id"], version["id"], self.caller.user, judgement.decision, draft
        )
        await self.send_own(ask, note)


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
    mechanisms = ("session", "jwt")

    def check_asked(self) -> None:
        """A file is what it is."""

    async def get(self, note_id: str) -> None:
        note = cast(NoteDoc | None, await self.site.store.find_one("notes", {"_id": read_number(note_id)}))
        if note is None or not await self._is_open(note):
            raise not_found(self.locale_name)
        file = await self.site.store.find_one("attachments", {"_id": note["_id"]})
        if file is None:
            raise not_found(self.locale_name)
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
