"""Ratings of add-ons: list, post, read, edit, delete (contract/writes.md 9).

`ratings/rating/` in v4 and v5, `reviews/review/` in v3; replies and flags are
in rating_replies.py. A rating belongs to who is signed in, whatever is sent.
"""

from typing import Any, ClassVar, cast

import orjson

from conf.limits import MAX_GUID, MAX_TEXTS_BYTES
from conf.model.addons import AddonDoc
from conf.model.ratings import RatingDoc
from conf.numbers import read_number
from handlers.addons.access import VISIBLE, load_addon, passes
from handlers.http import client, throttling
from handlers.http.base import SAFE, ApiHandler, PageHandler, from_mongodb
from handlers.http.errors import not_found
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from handlers.ratings.rating_lists import caller_named, rating_list, shown
from index.shapes.ratings import SCORE_KEYS
from server.auth import permissions
from server.auth.callers import Caller, Mechanism
from server.rules import ratings as rules
from server.rules.faults import field, whole
from server.services import ratings


def _anybody(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return True


def _visible(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """To rate an add-on it takes what it takes to see it."""
    return passes(VISIBLE, caller, addon, safe=True)


async def load_rating(handler: ApiHandler, ask: ReadRequest, rating_id: str) -> tuple[RatingDoc, AddonDoc]:
    """A rating or reply, and its add-on. Raises Refusal 404, 451, 401, 403.

    Deleted ones are moderators' alone, and so are replies to them. What the add-on hides, the rating's writer
    and moderators still see.
    """
    caller = handler.caller
    found = await handler.site.store.find_one(ratings.COLLECTION, {"_id": read_number(rating_id)})
    moderator = permissions.has(caller.user, permissions.EDIT)
    if found is None:
        raise not_found(ask.view.locale)
    rating = cast(RatingDoc, found)
    sees_deleted = moderator and handler.request.method in SAFE
    if not sees_deleted and await ratings.is_gone(handler.site.store, rating):
        raise not_found(ask.view.locale)
    need = _anybody if moderator or caller.id == rating["user_id"] else _visible
    return rating, await load_addon(handler, ask, str(rating["addon_id"]), (need,))


class RatingWrites(ApiHandler):
    """What the resources of ratings share; stands before a page's handler in a class of both."""

    title = "Rating"
    mechanisms: ClassVar[tuple[Mechanism, ...]] = ("session",)
    max_json_bytes = MAX_TEXTS_BYTES
    # Verb -> scope of conf/limits.py THROTTLES.
    throttle_scopes: ClassVar[dict[str, str]] = {}

    def throttle(self) -> None:
        throttling.check(self, self.throttle_scopes)

    @property
    def user_id(self) -> int:
        """Of a verb for those who are signed in."""
        assert self.caller.id is not None
        return self.caller.id

    @property
    def score_key(self) -> str:
        return SCORE_KEYS[self.version]

    @property
    def denied_words(self) -> tuple[str, ...]:
        return tuple(self.site.settings.denied_rating_words)

    @property
    def address(self) -> str:
        return client.address(self.request, self.site.settings)

    async def send_rating(self, rating: RatingDoc, addon: AddonDoc, status: int = 200) -> None:
        [shape] = await shown(self, self.ask(), [rating], addon)
        self.send_json(shape, status)


class RatingListHandler(RatingWrites, PageHandler):
    page = staticmethod(from_mongodb)
    signed_in = ("POST",)
    throttle_scopes: ClassVar = {"POST": "rating_post"}

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        return Answer(await rating_list(self, ask))

    async def post(self) -> None:
        sent = self.body().fields
        addon = await load_addon(self, self.ask(), _addon_named(sent), (_visible,))
        fields = rules.read_rating(sent, self.score_key, addon, self.denied_words)
        if permissions.is_author(self.caller, addon):
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


class RatingHandler(RatingWrites, PageHandler):
    page = staticmethod(from_mongodb)
    signed_in = ("PATCH", "DELETE")
    throttle_scopes: ClassVar = dict.fromkeys(signed_in, "rating_edit")

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        flags_of = caller_named(self, ask, "show_flags_for")
        rating, addon = await load_rating(self, ask, args[0])
        [shape] = await shown(self, ask, [rating], addon, flags_of)
        return Answer(orjson.dumps(shape))

    async def patch(self, rating_id: str) -> None:
        rating, addon = await load_rating(self, self.ask(), rating_id)
        if not (self._is_own(rating) or permissions.has(self.caller.user, permissions.EDIT)):
            raise self.denied()
        fields = self._read_edit(rating)
        edited = await ratings.edit(self.site.changes, rating["_id"], self.user_id, fields, self.address)
        await self.send_rating(edited, addon)

    def _read_edit(self, rating: RatingDoc) -> dict[str, Any]:
        sent = self.body().fields
        if rating["reply_to"] is not None:
            return rules.read_reply(sent, self.denied_words, partial=True)
        return rules.read_edit(sent, self.score_key, self.denied_words)

    async def delete(self, rating_id: str) -> None:
        rating, addon = await load_rating(self, self.ask(), rating_id)
        moderator = permissions.has(self.caller.user, permissions.EDIT)
        if not self._is_own(rating) and (not moderator or permissions.is_author(self.caller, addon)):
            raise self.denied()
        await ratings.delete(self.site.changes, rating["_id"], self.user_id)
        self.send_nothing()

    def _is_own(self, rating: RatingDoc) -> bool:
        return rating["user_id"] == self.caller.id
