"""Listing content review: its state, an author's request, a reviewer's decision.

AMO's API has no call that rejects or approves a listing. Ours is for callers with the permission
Addons:ContentReview who are not authors of the add-on:

    POST /api/v5/addons/addon/(id|slug|guid)/listingcontentreview/decision/
    {"decision": "reject", "policies": ["..."], "comments": "..."}

`decision` is "reject" or "approve"; `policies` (texts) and `comments` are optional. The answer is 200 with
the state, as GET has it. A note is recorded and the authors get mail. Rules: contract/activity.md 2.
"""

from typing import ClassVar

from handlers.activity.resource import ActivityResource
from handlers.http.base import KEYS_AND_SESSIONS, Access
from server.auth.access.addon_access import AUTHORS, CONTENT_REVIEWERS, NOTE_READERS, deleted_addon_writer
from server.services.review import reviews


class ContentReviewHandler(ActivityResource):
    title = "Listing Content Review"
    access: ClassVar = {"GET": Access(NOTE_READERS), "PATCH": Access((*AUTHORS, deleted_addon_writer))}
    has_long_texts = False

    async def get(self, identifier: str) -> None:
        self.send_json(reviews.review_state(await self.load(identifier)))

    async def patch(self, identifier: str) -> None:
        """Answers 202, even if a review was already requested (contract/activity.md 2 leaves that open)."""
        addon, changes = await self.load(identifier), self.site.changes
        addon = await reviews.request_listing_review(changes, addon["_id"], self.user, self.body().fields)
        self.send_json(reviews.review_state(addon), 202)


class ContentDecisionHandler(ActivityResource):
    title = "Listing Content Review Decision"
    access: ClassVar = {"POST": Access(CONTENT_REVIEWERS)}
    mechanisms = KEYS_AND_SESSIONS

    async def post(self, identifier: str) -> None:
        addon = await self.load(identifier)
        addon = await reviews.judge_listing(self.posting, addon["_id"], self.user, self.body().fields)
        self.send_json(reviews.review_state(addon))
