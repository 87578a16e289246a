"""Ratings of add-ons: list, post, read, edit, delete (contract/writes.md 9).

`ratings/rating/` in v4 and v5, `reviews/review/` in v3; replies and flags are in
rating_replies.py. A rating belongs to who is signed in, whatever is sent.
"""

from typing import ClassVar

import orjson

from conf.model.ratings import RatingDoc
from handlers.http.access import ANYBODY, Access
from handlers.http.base import PageHandler, never_from_memory
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from handlers.ratings.rating_lists import caller_named, rating_list
from handlers.ratings.resource import RatingResource
from server.auth.addon_access import VISIBLE
from server.auth.rating_access import DELETERS, EDITORS, AddonRating
from server.rules import ratings as rules
from server.services import ratings


class RatingListHandler(RatingResource, PageHandler):
    access: ClassVar = {"GET": ANYBODY, "POST": Access(VISIBLE, signed_in=True, throttle="rating_post")}
    page = staticmethod(never_from_memory)

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        return Answer(await rating_list(self, request))

    async def post(self) -> None:
        sent = self.body().fields
        addon = await self.load_addon(rules.addon_named(sent), self.verb_access.rule)
        fields = rules.read_rating(sent, self.score_key, addon, self.denied_words)
        rules.check_rater(addon, self.user_id)
        site = self.site
        rating = await ratings.post(site.changes, site.store, addon, self.user_id, fields, self.address)
        await self.send_rating(AddonRating(rating, addon), 201)


class RatingHandler(RatingResource, PageHandler):
    access: ClassVar = {
        "GET": ANYBODY,
        "PATCH": Access(EDITORS, signed_in=True, throttle="rating_edit"),
        "DELETE": Access(DELETERS, signed_in=True, throttle="rating_edit"),
    }
    page = staticmethod(never_from_memory)

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        flags_of = caller_named(self, request, "show_flags_for")
        rating, addon = await self.load(args[0])
        [shape] = await self.shapes([rating], addon, flags_of)
        return Answer(orjson.dumps(shape))

    async def patch(self, rating_id: str) -> None:
        about = await self.load(rating_id)
        self.require(about)
        fields, changes = self._read_edit(about.rating), self.site.changes
        rating = await ratings.edit(changes, about.rating["_id"], self.user_id, fields, self.address)
        await self.send_rating(AddonRating(rating, about.addon))

    def _read_edit(self, rating: RatingDoc) -> rules.RatingFields:
        sent = self.body().fields
        if rating["reply_to"] is not None:
            return rules.read_reply(sent, self.denied_words, partial=True)
        return rules.read_edit(sent, self.score_key, self.denied_words)

    async def delete(self, rating_id: str) -> None:
        about = await self.load(rating_id)
        self.require(about)
        await ratings.delete(self.site.changes, about.rating["_id"], self.user_id)
        self.send_nothing()
