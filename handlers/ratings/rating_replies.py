"""What others do with a rating: developers reply, everybody may flag it (contract/writes.md 9)."""

from typing import ClassVar

from handlers.http.access import Access
from handlers.ratings.resource import RatingResource
from index.shapes.ratings import FLAGS, user_shape
from server.auth.rating_access import FLAGGERS, REPLIERS, AddonRating
from server.rules import ratings as rules
from server.rules.faults import whole
from server.services import ratings


class RatingReplyHandler(RatingResource):
    """The same call writes the reply anew."""

    access: ClassVar = {"POST": Access(REPLIERS, signed_in=True, throttle="rating_reply")}

    async def post(self, rating_id: str) -> None:
        about = rating, addon = await self.load(rating_id)
        self.require(about)
        body = rules.read_reply(self.body().fields, self.denied_words)["body"]
        if rating["reply_to"] is not None:
            raise whole("rating_reply_to_reply")
        site = self.site
        reply, is_new = await ratings.reply(
            site.changes, site.store, rating, addon, self.user_id, body, self.address
        )
        await self.send_rating(AddonRating(reply, addon), 201 if is_new else 200)


class RatingFlagHandler(RatingResource):
    access: ClassVar = {"POST": Access(FLAGGERS, signed_in=True, throttle="rating_flag")}

    async def post(self, rating_id: str) -> None:
        about = rating, _ = await self.load(rating_id)
        self.require(about)
        words = FLAGS[self.version]
        flag, note = rules.read_flag(self.body().fields, words)
        if not rating["body"]:
            raise whole("rating_flag_without_text")
        await ratings.flag(self.site.changes, rating["_id"], self.user_id, flag, note)
        users = self.site.catalogue.documents.users
        user = user_shape(self.site.shapes[self.version], self.user_id, users, self.read_request().view)
        self.send_json({"flag": words[flag], "note": note, "rating": rating["_id"], "user": user}, 202)
