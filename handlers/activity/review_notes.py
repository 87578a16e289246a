"""Review notes of a version: list, detail, reply; a reviewer's decision; files (contract/activity.md 1).

AMO's API has no call for a reviewer's decision. Ours is:

    POST /api/vN/addons/addon/(id|slug|guid)/versions/(id)/review/
    {"decision": "approve", "comments": "...", "policies": ["..."]}

`decision` is one of server/rules/review/reviews.py DECISIONS that the version's state allows; `comments` and
`policies` are optional, and a form may have a file `attachment`. Callers who may review the version's channel
and the add-on's type may send it. The answer is 201 with the note as its writer sees it.
"""

import base64
from typing import Any, ClassVar
from urllib.parse import quote

from tornado.httputil import HTTPFile

from handlers.activity.resource import VersionActivity
from handlers.http.base import KEYS_AND_SESSIONS, PUBLIC, Access, ApiHandler
from server.auth.access.addon_access import NOTE_READERS, NOTE_WRITERS, REVIEWERS
from server.rules.review.reviews import read_reply
from server.services import versions
from server.services.posting import Attachment
from server.services.review import review_notes, reviews


class NoteListHandler(VersionActivity):
    title = "Review Notes"
    access: ClassVar = {"GET": Access(NOTE_READERS), "POST": Access(NOTE_WRITERS)}

    async def get(self, identifier: str, name: str) -> None:
        _, version = await self.load_version(identifier, name)
        thread = await review_notes.read_thread(self.site.store, version["id"])

        async def read(start: int, size: int) -> list[dict[str, Any]]:
            return await self.shapes(thread, await thread.read(self.site.store, start, start + size))

        await self.send_page(len(thread.positions), read)

    async def post(self, identifier: str, name: str) -> None:
        addon, version = await self.load_version(identifier, name)
        comments = read_reply(self.body().fields)
        note = await self.posting.reply(addon["_id"], version["id"], self.user, comments)
        await self.send_created_note(note)


class NoteHandler(VersionActivity):
    title = "Review Notes"
    access: ClassVar = {"GET": Access(NOTE_READERS)}

    async def get(self, identifier: str, name: str, note_id: str) -> None:
        _, version = await self.load_version(identifier, name)
        note = await review_notes.read_note(self.site.store, version["id"], self.path_id(note_id))
        thread = await review_notes.read_thread(self.site.store, version["id"])
        self.send_json((await self.shapes(thread, [note]))[0])


class ReviewHandler(VersionActivity):
    """A reviewer's decision about a version; authors may not decide. AMO's API has no such call."""

    title = "Review"
    access: ClassVar = {"POST": Access(REVIEWERS)}
    mechanisms = KEYS_AND_SESSIONS

    async def post(self, identifier: str, name: str) -> None:
        addon, version = await self.load_version(identifier, name)
        versions.check_reviewer(self.caller, addon, version)
        body = self.body()
        attachment = _attachment(body.files.get("attachment"))
        note = await reviews.review(
            self.posting, addon["_id"], version["id"], self.user, body.fields, attachment
        )
        await self.send_created_note(note)


def _attachment(file: HTTPFile | None) -> Attachment | None:
    if file is None:
        return None
    return Attachment(file["filename"][:200] or "attachment", file["content_type"], file["body"])


class AttachmentHandler(ApiHandler):
    """Downloads the file of a note (contract/activity.md 1.8); 404 for callers who may not see it."""

    title = "Attachment"
    access = PUBLIC
    mechanisms = ("session", "jwt")

    def check_request(self) -> None:
        """Does nothing, because `Accept` and `lang` have no effect on a file."""

    async def get(self, note_id: str) -> None:
        file = await review_notes.read_attachment(self.site.store, self.caller, self.path_id(note_id))
        headers = {
            # So that browsers never show an attached page as one of the site's.
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file['name'], safe='')}",
            "Access-Control-Allow-Origin": "*",
            "Cache-Control": "s-maxage=0",
        }
        self.send_body(base64.b64decode(file["content"]), headers)
