"""The base class of ratings' resources: finds a rating for the caller, and shows what the caller may see."""

from typing import Any

from conf.model.addons import AddonDoc
from conf.model.ratings import RatingDoc
from handlers.http.base import SESSIONS, ApiHandler
from server.auth.access.addon_access import Rule
from server.auth.access.rating_access import AddonRating, is_moderator, sees_addon, viewers
from server.services import addons, ratings
from server.shapes.ratings import SCORE_KEYS, Rated, rating_shape


class RatingResource(ApiHandler):
    """A resource of ratings."""

    title = "Rating"
    mechanisms = SESSIONS
    has_long_texts = True

    async def load(self, rating_id: str) -> AddonRating:
        """A rating or reply and its add-on, if the caller sees both. Raises NotFound, Withheld, Forbidden."""
        site, caller = self.site, self.caller
        sees_deleted = is_moderator(caller) and self.is_safe
        rating = await ratings.find(site.store, rating_id, with_deleted=sees_deleted)
        return AddonRating(rating, await self.load_addon(str(rating["addon_id"]), viewers(caller, rating)))

    async def load_addon(self, identifier: str, rule: Rule) -> AddonDoc:
        """Callers may rate any add-on they may see. Raises as addons.find."""
        country = self.read_request().country
        return await addons.find(self.site, self.caller, identifier, rule, safe=True, country=country)

    @property
    def score_key(self) -> str:
        return SCORE_KEYS[self.version]

    @property
    def denied_words(self) -> tuple[str, ...]:
        return tuple(self.site.settings.denied_rating_words)

    async def send_rating(self, addon_rating: AddonRating, status: int = 200) -> None:
        [shape] = await self.shapes([addon_rating.rating], addon_rating.addon)
        self.send_json(shape, status)

    async def shapes(
        self, rated: list[RatingDoc], addon: AddonDoc | None = None, flagger_id: int | None = None
    ) -> list[dict[str, Any]]:
        """Ratings with their replies; without `addon`, they are of public add-ons.

        Who sees a deleted rating sees the reply that went with it. A rater learns
        nothing of an add-on that has been hidden since. `flagger_id`: the user whose flags are shown.
        """
        replies = await ratings.replies_to(self.site.store, rated)
        documents, shapes = self.site.catalogue.documents, self.site.shapes[self.version]
        hidden = addon is not None and not sees_addon(self.caller, addon)

        def parts(rating: RatingDoc) -> Rated:
            rated_addon = addon or documents.addon(rating["addon_id"])
            reply = replies.get(rating["_id"])
            is_hidden = reply is not None and reply["deleted"] and not rating["deleted"]
            return Rated(rating, None if hidden else rated_addon, None if is_hidden else reply)

        view = self.read_request().view
        return [rating_shape(shapes, parts(rating), documents.users, view, flagger_id) for rating in rated]
