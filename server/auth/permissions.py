"""What a caller may do, from documents alone (contract/auth.md 5 and 5.1).

    has(user, "Addons:Edit")
    is_listed_reviewer(caller, addon, safe=True)

Pure functions; any thread. A permission is `App:Action`; a user may hold
`App:*`, `*:Action` and `*:*` as well. `safe` is whether the request only reads:
the two permissions of viewers count for nothing else.
"""

from typing import Final

from conf.model.addons import AddonDoc, UserDoc
from index import facts
from server.auth.callers import Caller

VIEW: Final = "ReviewerTools:View"
VIEW_UNLISTED: Final = "ReviewerTools:ViewUnlisted"
REVIEW_UNLISTED: Final = "Addons:ReviewUnlisted"
VIEW_DELETED: Final = "Addons:ViewDeleted"
EDIT: Final = "Addons:Edit"

_REVIEW: Final = ("Addons:Review", "Addons:ContentReview", "Addons:PostReview")
_THEMES: Final = ("Addons:ThemeReview",)
# Who reviews a type; every other type is reviewed by _REVIEW. `Addons:PostReview`
# and `Personas:Review` are of the v3 era (contract/addons.md 12).
_BY_TYPE: Final = {"statictheme": _THEMES, "persona": (*_THEMES, "Personas:Review")}
_ANY_REVIEW: Final = (*_REVIEW, *_THEMES, "Personas:Review", REVIEW_UNLISTED, "Addons:RecommendedReview")


def has(user: UserDoc | None, permission: str) -> bool:
    """Whether the user holds the permission, by name or by wildcard."""
    if user is None:
        return False
    granted = user["permissions"]
    if not granted:
        return False
    app, _, action = permission.partition(":")
    return any(name in granted for name in (permission, f"{app}:*", f"*:{action}", "*:*"))


def _has_any(user: UserDoc | None, permissions: tuple[str, ...]) -> bool:
    return any(has(user, permission) for permission in permissions)


def is_author(caller: Caller, addon: AddonDoc) -> bool:
    """Any author of any role, shown publicly or not."""
    return any(author["user_id"] == caller.id for author in addon["authors"])


def is_owner(caller: Caller, addon: AddonDoc) -> bool:
    return any(author["user_id"] == caller.id and author["role"] == "owner" for author in addon["authors"])


def is_listed_reviewer(caller: Caller, addon: AddonDoc, *, safe: bool) -> bool:
    """A reviewer of the add-on's type where it ever had a listed version; a viewer on any add-on."""
    if safe and has(caller.user, VIEW):
        return True
    reviews = _BY_TYPE.get(addon["type"], _REVIEW)
    return _has_any(caller.user, reviews) and facts.has_listed_versions(addon)


def is_unlisted_reviewer(caller: Caller, addon: AddonDoc, *, safe: bool) -> bool:
    """Only where it ever had an unlisted version, or never a listed one."""
    if not may_see_unlisted(caller, safe=safe):
        return False
    return facts.has_unlisted_versions(addon) or not facts.has_listed_versions(addon)


def may_see_unlisted(caller: Caller, *, safe: bool) -> bool:
    """Whether unlisted versions are the caller's business, whatever the add-on."""
    return has(caller.user, REVIEW_UNLISTED) or (safe and has(caller.user, VIEW_UNLISTED))


def is_any_reviewer(caller: Caller, *, safe: bool) -> bool:
    return _has_any(caller.user, _ANY_REVIEW) or (safe and _has_any(caller.user, (VIEW, VIEW_UNLISTED)))
