"""Ratings of add-ons: list, post, read, edit, delete, reply, flag (contract/writes.md 9).

`ratings/rating/` in v4 and v5, `reviews/review/` in v3. A rating belongs to the signed-in caller, whatever
the body names. Developers may reply; every signed-in user may flag.
"""

from typing import ClassVar

from conf.model.ratings import RatingDoc
from handlers.http.base import ANYBODY, Access, PageHandler
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from handlers.ratings.rating_lists import rating_list, read_caller_id
from handlers.ratings.resource import RatingResource
from server.auth.access.addon_access import VISIBLE
from server.auth.access.rating_access import DELETERS, EDITORS, FLAGGERS, REPLIERS, AddonRating
from server.rules import ratings as rules
from server.rules.faults import body_fault
from server.services import ratings
from server.shapes.ratings import FLAGS, user_shape


class RatingListHandler(RatingResource, PageHandler):
    kind = "rating"
    access: ClassVar = {"GET": ANYBODY, "POST": Access(VISIBLE, signed_in=True, throttle="rating_post")}

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        return Answer(await rating_list(self, request))

    async def post(self) -> None:
        data = self.body().fields
        addon = await self.load_addon(rules.read_addon_name(data), self.method_access.rule)
        fields = rules.read_rating(data, self.score_key, addon, self.denied_words)
        rules.check_rater(addon, self.user_id)
        site = self.site
        mails = site.settings.email_sending
        rating = await ratings.post(
            site.changes, site.store, addon, self.user_id, fields, self.address, mails=mails
        )
        await self.send_rating(AddonRating(rating, addon), 201)


class RatingHandler(RatingResource, PageHandler):
    kind = "rating"
    access: ClassVar = {
        "GET": ANYBODY,
        "PATCH": Access(EDITORS, signed_in=True, throttle="rating_edit"),
        "DELETE": Access(DELETERS, signed_in=True, throttle="rating_edit"),
    }

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        flagger_id = read_caller_id(self, request, "show_flags_for")
        rating, addon = await self.load(args[0])
        [shape] = await self.shapes([rating], addon, flagger_id)
        return json_answer(shape)

    async def patch(self, rating_id: str) -> None:
        addon_rating = await self.load(rating_id)
        self.check_object_permissions(addon_rating)
        fields, changes = self._read_edit(addon_rating.rating), self.site.changes
        rating = await ratings.edit(changes, addon_rating.rating["_id"], self.user_id, fields, self.address)
        await self.send_rating(AddonRating(rating, addon_rating.addon))

    def _read_edit(self, rating: RatingDoc) -> rules.RatingFields:
        data = self.body().fields
        if rating["reply_to"] is not None:
            return rules.read_reply(data, self.denied_words, partial=True)
        return rules.read_edit(data, self.score_key, self.denied_words)

    async def delete(self, rating_id: str) -> None:
        addon_rating = await self.load(rating_id)
        self.check_object_permissions(addon_rating)
        await ratings.delete(self.site.changes, addon_rating.rating["_id"], self.user_id)
        self.send_nothing()


class RatingReplyHandler(RatingResource):
    """Creates the reply, or replaces it."""

    access: ClassVar = {"POST": Access(REPLIERS, signed_in=True, throttle="rating_reply")}

    async def post(self, rating_id: str) -> None:
        addon_rating = rating, addon = await self.load(rating_id)
        self.check_object_permissions(addon_rating)
        body = rules.read_reply(self.body().fields, self.denied_words)["body"]
        if rating["reply_to"] is not None:
            raise body_fault("rating_reply_to_reply")
        site = self.site
        mails = site.settings.email_sending
        reply, is_new = await ratings.reply(
            site.changes, site.store, rating, addon, self.user_id, body, self.address, mails=mails
        )
        await self.send_rating(AddonRating(reply, addon), 201 if is_new else 200)


class RatingFlagHandler(RatingResource):
    access: ClassVar = {"POST": Access(FLAGGERS, signed_in=True, throttle="rating_flag")}

    async def post(self, rating_id: str) -> None:
        addon_rating = rating, _ = await self.load(rating_id)
        self.check_object_permissions(addon_rating)
        words = FLAGS[self.version]
        flag, note = rules.read_flag(self.body().fields, words)
        if not rating["body"]:
            raise body_fault("rating_flag_without_text")
        await ratings.flag(self.site.changes, rating["_id"], self.user_id, flag, note)
        users = self.site.catalogue.documents.users
        user = user_shape(self.site.shapes[self.version], self.user_id, users, self.read_request().view)
        self.send_json({"flag": words[flag], "note": note, "rating": rating["_id"], "user": user}, 202)
