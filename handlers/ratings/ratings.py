"""Ratings of add-ons: list, post, read, edit, delete, reply and flag (contract/writes.md 9).

`ratings/rating/` in v4 and v5, `reviews/review/` in v3. A rating belongs to who
is signed in, whatever is sent.
"""

from typing import Any, ClassVar

import orjson

from conf.limits import MAX_GUID, MAX_TEXTS_BYTES
from conf.model.addons import AddonDoc
from conf.model.ratings import RatingDoc
from handlers.http.access import ANYBODY, SESSIONS, Access
from handlers.http.base import SAFE, ApiHandler, PageHandler, from_mongodb
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from handlers.ratings.rating_lists import caller_named, rating_list, rating_shapes
from index.shapes.ratings import FLAGS, SCORE_KEYS, user_shape
from server.auth.addon_access import VISIBLE, Rule
from server.auth.permissions import is_author
from server.auth.rating_access import (
    DELETERS,
    EDITORS,
    FLAGGERS,
    REPLIERS,
    AddonRating,
    is_moderator,
    viewers,
)
from server.rules import ratings as rules
from server.rules.faults import field, whole
from server.services import addons, ratings


class RatingResource(ApiHandler):
    title = "Rating"
    mechanisms = SESSIONS
    max_json_bytes = MAX_TEXTS_BYTES

    async def load(self, rating_id: str) -> AddonRating:
        """A rating or reply and its add-on, if the caller sees both. Raises NotFound, Withheld, Forbidden."""
        site, caller = self.site, self.caller
        sees_deleted = is_moderator(caller) and self.request.method in SAFE
        rating = await ratings.find(site.store, rating_id, with_deleted=sees_deleted)
        return AddonRating(rating, await self.load_addon(str(rating["addon_id"]), viewers(caller, rating)))

    async def load_addon(self, identifier: str, rule: Rule) -> AddonDoc:
        """To rate an add-on it takes what it takes to see it. Raises as addons.find."""
        country = self.ask().country
        return await addons.find(self.site, self.caller, identifier, rule, safe=True, country=country)

    @property
    def score_key(self) -> str:
        return SCORE_KEYS[self.version]

    @property
    def denied_words(self) -> tuple[str, ...]:
        return tuple(self.site.settings.denied_rating_words)

    async def send_rating(self, rating: RatingDoc, addon: AddonDoc, status: int = 200) -> None:
        [shape] = await rating_shapes(self, self.ask(), [rating], addon)
        self.send_json(shape, status)


class RatingListHandler(RatingResource, PageHandler):
    access: ClassVar = {"GET": ANYBODY, "POST": Access(VISIBLE, signed_in=True, throttle="rating_post")}
    page = staticmethod(from_mongodb)

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        return Answer(await rating_list(self, ask))

    async def post(self) -> None:
        sent = self.body().fields
        addon = await self.load_addon(_addon_named(sent), self.verb_access.rule)
        fields = rules.read_rating(sent, self.score_key, addon, self.denied_words)
        if is_author(self.caller, addon):
            raise whole("rating_own_addon")
        site = self.site
        rating = await ratings.post(site.changes, site.store, addon, self.user_id, fields, self.address)
        await self.send_rating(rating, addon, 201)


def _addon_named(sent: Any) -> str:
    """By id, guid or slug; none is longer than MAX_GUID, so nobody need look for the rest."""
    named = sent.get("addon", "")
    if named is None or isinstance(named, bool) or not isinstance(named, str | int) or named == "":
        raise field("addon", "null" if named is None else "required")
    return str(named)[: MAX_GUID + 1]


class RatingHandler(RatingResource, PageHandler):
    access: ClassVar = {
        "GET": ANYBODY,
        "PATCH": Access(EDITORS, signed_in=True, throttle="rating_edit"),
        "DELETE": Access(DELETERS, signed_in=True, throttle="rating_edit"),
    }
    page = staticmethod(from_mongodb)

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        flags_of = caller_named(self, ask, "show_flags_for")
        rating, addon = await self.load(args[0])
        [shape] = await rating_shapes(self, ask, [rating], addon, flags_of)
        return Answer(orjson.dumps(shape))

    async def patch(self, rating_id: str) -> None:
        rating, addon = await self.load(rating_id)
        self.require(AddonRating(rating, addon))
        fields = self._read_edit(rating)
        edited = await ratings.edit(self.site.changes, rating["_id"], self.user_id, fields, self.address)
        await self.send_rating(edited, addon)

    def _read_edit(self, rating: RatingDoc) -> dict[str, Any]:
        sent = self.body().fields
        if rating["reply_to"] is not None:
            return rules.read_reply(sent, self.denied_words, partial=True)
        return rules.read_edit(sent, self.score_key, self.denied_words)

    async def delete(self, rating_id: str) -> None:
        about = await self.load(rating_id)
        self.require(about)
        await ratings.delete(self.site.changes, about.rating["_id"], self.user_id)
        self.send_nothing()


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
        await self.send_rating(reply, addon, 201 if is_new else 200)


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
        user = user_shape(self.site.shapes[self.version], self.user_id, users, self.ask().view)
        self.send_json({"flag": words[flag], "note": note, "rating": rating["_id"], "user": user}, 202)
