"""What others do with a rating: developers reply, everybody may flag it (contract/writes.md 9)."""

from typing import ClassVar

from handlers.ratings.rating_lists import may_reply_to
from handlers.ratings.ratings import RatingWrites, load_rating
from index.shapes.ratings import FLAGS, user_shape
from server.rules import ratings as rules
from server.rules.faults import whole
from server.services import ratings


class RatingReplyHandler(RatingWrites):
    """The same call writes the reply anew."""

    signed_in = ("POST",)
    throttle_scopes: ClassVar = {"POST": "rating_reply"}

    async def post(self, rating_id: str) -> None:
        rating, addon = await load_rating(self, self.ask(), rating_id)
        if not may_reply_to(self, addon):
            raise self.denied()
        body = rules.read_reply(self.body().fields, self.denied_words)["body"]
        if rating["reply_to"] is not None:
            raise whole("rating_reply_to_reply")
        site = self.site
        reply, is_new = await ratings.reply(
            site.changes, site.store, rating, addon, self.user_id, body, self.address
        )
        await self.send_rating(reply, addon, 201 if is_new else 200)


class RatingFlagHandler(RatingWrites):
    signed_in = ("POST",)
    throttle_scopes: ClassVar = {"POST": "rating_flag"}

    async def post(self, rating_id: str) -> None:
        rating, _ = await load_rating(self, self.ask(), rating_id)
        if rating["user_id"] == self.user_id:
            raise self.denied()
        words = FLAGS[self.version]
        flag, note = rules.read_flag(self.body().fields, words)
        if not rating["body"]:
            raise whole("rating_flag_without_text")
        await ratings.flag(self.site.changes, rating["_id"], self.user_id, flag, note)
        users = self.site.catalogue.documents.users
        user = user_shape(self.site.shapes[self.version], self.user_id, users, self.ask().view)
        self.send_json({"flag": words[flag], "note": note, "rating": rating["_id"], "user": user}, 202)
