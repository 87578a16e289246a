"""Who may do what with a rating (contract/writes.md 9). Pure; any thread."""

from typing import Final, NamedTuple

from conf.model.addons import AddonDoc
from conf.model.ratings import RatingDoc
from server.auth.access.addon_access import VISIBLE, Rule, passes
from server.auth.access.permissions import EDIT, is_author
from server.auth.callers import Caller


class AddonRating(NamedTuple):
    """A rating, or a reply, and the add-on it is about."""

    rating: RatingDoc
    addon: AddonDoc


def is_moderator(caller: Caller, document: object = None, safe: bool = False) -> bool:
    """Who may edit all add-ons may edit every rating."""
    return caller.has(EDIT)


def viewers(caller: Caller, rating: RatingDoc) -> Rule:
    """The rule for seeing the rating: to see its add-on, unless the caller wrote it or is a moderator."""
    return (_everybody,) if is_moderator(caller) or caller.id == rating["user_id"] else VISIBLE


def can_reply(caller: Caller, addon: AddonDoc) -> bool:
    return is_author(caller, addon) or is_moderator(caller)


def sees_addon(caller: Caller, addon: AddonDoc) -> bool:
    """Whether the caller sees the add-on that a rating is about."""
    return is_moderator(caller) or passes(VISIBLE, caller, addon, safe=True)


def _everybody(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return True


def _writer(caller: Caller, about: AddonRating, safe: bool) -> bool:
    return about.rating["user_id"] == caller.id


def _impartial_moderator(caller: Caller, about: AddonRating, safe: bool) -> bool:
    return is_moderator(caller) and not is_author(caller, about.addon)


def _replier(caller: Caller, about: AddonRating, safe: bool) -> bool:
    return can_reply(caller, about.addon)


def _other_user(caller: Caller, about: AddonRating, safe: bool) -> bool:
    return about.rating["user_id"] != caller.id


EDITORS: Final[Rule] = (_writer, is_moderator)
DELETERS: Final[Rule] = (_writer, _impartial_moderator)
REPLIERS: Final[Rule] = (_replier,)
FLAGGERS: Final[Rule] = (_other_user,)
