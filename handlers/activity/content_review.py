"""Listing content review: its state, an author's request, a reviewer's decision.

Listings are rejected and approved by a write of our own, for holders of
Addons:ContentReview who are no authors of the add-on:

    POST /api/v5/addons/addon/(id|slug|guid)/listingcontentreview/decision/
    {"decision": "reject", "policies": ["..."], "comments": "..."}

`decision` is "reject" or "approve"; `policies` (texts) and `comments` may be left
out. 200, the state as GET gives it. A note is recorded and the authors get mail.
Rules: contract/activity.md 2.
"""

from typing import Final

from conf.limits import MAX_TEXTS_BYTES
from conf.model.addons import AddonDoc
from handlers.activity.review_notes import READERS, load_insider_addon
from handlers.addons.access import AUTHORS, Rule, decider
from handlers.http.base import ApiHandler
from server.auth.callers import Caller
from server.auth.permissions import has
from server.rules.activity import check_request, read_judgement
from server.services.listing_review import shown
from server.services.reviews import LISTING_DECISIONS, Posting

_CONTENT_REVIEW: Final = "Addons:ContentReview"


def content_reviewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return has(caller.user, _CONTENT_REVIEW)


_REVIEWERS: Final[Rule] = decider(content_reviewer)


class ContentReviewHandler(ApiHandler):
    title = "Listing Content Review"

    async def get(self, identifier: str) -> None:
        addon = await load_insider_addon(self, self.ask(), identifier, READERS)
        self.send_json(shown(addon))

    async def head(self, identifier: str) -> None:
        await self.get(identifier)

    async def patch(self, identifier: str) -> None:
        """202, also where a review was requested already (contract/activity.md 2 leaves that open)."""
        addon = await load_insider_addon(self, self.ask(), identifier, AUTHORS)
        check_request(self.body().fields)
        assert self.caller.user is not None
        posting = Posting(self.site.store, self.site.changes, self.site.settings)
        self.send_json(shown(await posting.request_listing_review(addon["_id"], self.caller.user)), 202)


class ContentDecisionHandler(ApiHandler):
    title = "Listing Content Review Decision"
    mechanisms = ("jwt", "session")
    max_json_bytes = MAX_TEXTS_BYTES

    async def post(self, identifier: str) -> None:
        addon = await load_insider_addon(self, self.ask(), identifier, _REVIEWERS)
        judgement = read_judgement(self.body().fields, LISTING_DECISIONS)
        assert self.caller.user is not None
        posting = Posting(self.site.store, self.site.changes, self.site.settings)
        judged = await posting.judge_listing(
            addon["_id"], self.caller.user, judgement.decision, judgement.comments, judgement.policies
        )
        self.send_json(shown(judged))
