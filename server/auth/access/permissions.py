"""What a caller may do, from documents alone (contract/auth.md 5 and 5.1).

    caller.has("Addons:Edit")
    is_listed_reviewer(caller, addon, safe=True)

Pure functions; any thread. `safe` is whether the request only reads, because VIEWERS' permissions allow
nothing else. Functions of (caller, addon, safe) are tests for the rules of addon_access.py.
"""

from typing import Final

from conf.model.addons import AddonDoc
from index import facts
from server.auth.callers import Caller

OPERATOR: Final = "Site:Edit"
REVIEWS_ADMIN: Final = "Reviews:Admin"
VIEW: Final = "ReviewerTools:View"
VIEW_UNLISTED: Final = "ReviewerTools:ViewUnlisted"
REVIEW_UNLISTED: Final = "Addons:ReviewUnlisted"
VIEW_DELETED: Final = "Addons:ViewDeleted"
EDIT: Final = "Addons:Edit"

_REVIEW: Final = ("Addons:Review", "Addons:ContentReview", "Addons:PostReview")
_THEMES: Final = ("Addons:ThemeReview",)
# The permissions to review an add-on of a type; _REVIEW for all other types. `Addons:PostReview` and
# `Personas:Review` date from v3 (contract/addons.md 12).
_BY_TYPE: Final = {"statictheme": _THEMES, "persona": (*_THEMES, "Personas:Review")}
REVIEWERS: Final = (*_REVIEW, *_THEMES, "Personas:Review", REVIEW_UNLISTED, "Addons:RecommendedReview")
VIEWERS: Final = (VIEW, VIEW_UNLISTED)


def is_author(caller: Caller, addon: AddonDoc, safe: bool = False) -> bool:
    """An author in any role, listed publicly or not."""
    return any(author["user_id"] == caller.id for author in addon["authors"])


def is_owner(caller: Caller, addon: AddonDoc, safe: bool = False) -> bool:
    """An author whose role is owner."""
    return any(author["user_id"] == caller.id and author["role"] == "owner" for author in addon["authors"])


def is_listed_reviewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """A reviewer of the add-on's type if it ever had a listed version; a viewer for any add-on."""
    if safe and caller.has(VIEW):
        return True
    reviews = _BY_TYPE.get(addon["type"], _REVIEW)
    return caller.has(*reviews) and facts.has_versions(addon, "listed")


def is_unlisted_reviewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """A reviewer or viewer of unlisted versions, if the add-on ever had one or never had a listed one."""
    if not can_see_unlisted(caller, safe=safe):
        return False
    return facts.has_versions(addon, "unlisted") or not facts.has_versions(addon, "listed")


def can_see_unlisted(caller: Caller, *, safe: bool) -> bool:
    """Whether the caller sees unlisted versions of every add-on."""
    return caller.has(REVIEW_UNLISTED) or (safe and caller.has(VIEW_UNLISTED))


def is_any_reviewer(caller: Caller, *, safe: bool) -> bool:
    return caller.has(*REVIEWERS) or (safe and caller.has(*VIEWERS))
