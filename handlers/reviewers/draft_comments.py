"""Draft comments and canned responses (contract/reviewers.md 6).

`reviewers/addon/{id}/versions/{version id}/draft_comments/`, `…/{draft id}/`; `reviewers/canned-responses/`.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from conf.model.reviewers import CannedResponseDoc, DraftCommentDoc
from handlers.activity.resource import VersionActivity
from handlers.http.base import SESSIONS, Access, ApiHandler
from server.auth.access.addon_access import INSIDERS
from server.auth.access.permissions import REVIEWERS, VIEWERS
from server.services import versions
from server.services.review import draft_comments
from server.services.review.draft_comments import DraftKey
from server.shapes.ratings import user_shape


def canned_shape(response: CannedResponseDoc) -> dict[str, Any]:
    return {"id": response["_id"], **{name: response[name] for name in ("title", "response", "category")}}


class CannedResponsesHandler(ApiHandler):
    title = "Canned Responses"
    mechanisms = SESSIONS
    access: ClassVar = {"GET": Access(permission=(*REVIEWERS, *VIEWERS))}

    async def get(self) -> None:
        self.send_json(
            [canned_shape(response) for response in await draft_comments.canned_responses(self.site.store)]
        )


class DraftResource(VersionActivity):
    title = "Draft Comments"
    has_long_texts = True

    async def load_key(self, addon_id: str, version_id: str) -> DraftKey:
        """What identifies the caller's drafts about the version. Raises NotFound, Forbidden."""
        addon, version = await self.load_version(addon_id, version_id)
        versions.check_channel(self.caller, addon, version, safe=self.is_safe)
        return DraftKey(addon["_id"], version["id"], self.user_id)

    async def draft_shapes(self, drafts: Sequence[DraftCommentDoc]) -> list[dict[str, Any]]:
        """Drafts as JSON values, with the canned responses that they name."""
        ids = [draft["canned_response"] for draft in drafts if draft["canned_response"] is not None]
        canned = await draft_comments.canned_responses(self.site.store, ids) if ids else []
        by_id = {response["_id"]: canned_shape(response) for response in canned}
        user = user_shape(
            self.site.shapes[self.version],
            self.user_id,
            self.site.catalogue.documents.users,
            self.read_request().view,
        )
        return [
            {
                "id": draft["_id"],
                "version_id": draft["version_id"],
                "user": {name: user[name] for name in ("id", "name", "username", "url")},
                "comment": draft["comment"],
                "filename": draft["filename"],
                "lineno": draft["lineno"],
                "canned_response": by_id.get(draft["canned_response"] or 0),
            }
            for draft in drafts
        ]


class DraftsHandler(DraftResource):
    access: ClassVar = {
        "GET": Access(INSIDERS, signed_in=True),
        "POST": Access(INSIDERS, signed_in=True),
    }

    async def get(self, addon_id: str, version_id: str) -> None:
        key, store = await self.load_key(addon_id, version_id), self.site.store

        async def read(start: int, size: int) -> list[dict[str, Any]]:
            return await self.draft_shapes(await draft_comments.read_page(store, key, start, size))

        await self.send_page(await store.count(draft_comments.COLLECTION, key.query), read)

    async def post(self, addon_id: str, version_id: str) -> None:
        key = await self.load_key(addon_id, version_id)
        site = self.site
        draft = await draft_comments.create(site.changes, site.store, key, self.body().fields)
        self.send_json((await self.draft_shapes([draft]))[0], 201)


class DraftHandler(DraftResource):
    access: ClassVar = {verb: Access(INSIDERS, signed_in=True) for verb in ("GET", "PATCH", "DELETE")}

    async def get(self, addon_id: str, version_id: str, draft_id: str) -> None:
        key = await self.load_key(addon_id, version_id)
        draft = await draft_comments.find(self.site.store, key, self.path_id(draft_id))
        self.send_json((await self.draft_shapes([draft]))[0])

    async def patch(self, addon_id: str, version_id: str, draft_id: str) -> None:
        key, number = await self.load_key(addon_id, version_id), self.path_id(draft_id)
        await draft_comments.find(self.site.store, key, number)
        site = self.site
        draft = await draft_comments.edit(site.changes, site.store, key, number, self.body().fields)
        self.send_json((await self.draft_shapes([draft]))[0])

    async def delete(self, addon_id: str, version_id: str, draft_id: str) -> None:
        key = await self.load_key(addon_id, version_id)
        draft = await draft_comments.find(self.site.store, key, self.path_id(draft_id))
        await draft_comments.delete(self.site.changes, draft)
        self.send_nothing()
