"""Facts that follow from an add-on document alone: status, versions, promotion.

    current_version(addon)          -> the version that everybody gets, or None
    versions(addon, "all_with_unlisted")
    promotions(addon)               -> groups in effect for the current version

Pure functions, safe from any thread. What they return is part of the document:
do not write to it.
"""

from collections.abc import Callable, Iterable
from typing import Final

from conf.model.addons import AddonDoc, PromotionDoc, RatingsDoc, VersionDoc
from conf.vocabulary import APPS, PROMOTED_GROUPS, TYPES_WITHOUT_COMPATIBILITY

RECOMMENDED: Final = "recommended"


def is_public(addon: AddonDoc) -> bool:
    """Visible to anonymous users (contract/addons.md 3.1)."""
    return addon["status"] == "public" and not addon["disabled_by_user"]


def is_searchable(addon: AddonDoc) -> bool:
    """In searches and listings: public, with a current version (contract/addons.md 3.3)."""
    return is_public(addon) and current_version(addon) is not None


def is_disabled(addon: AddonDoc) -> bool:
    """Disabled by its developer or by Mozilla."""
    return addon["disabled_by_user"] or addon["status"] == "disabled"


def is_approved(version: VersionDoc) -> bool:
    """One of its files is approved and its developer has not disabled it."""
    return not version["is_disabled"] and any(file["status"] == "public" for file in version["files"])


def _is_awaiting(version: VersionDoc) -> bool:
    return not version["is_disabled"] and any(
        file["status"] in ("public", "unreviewed") for file in version["files"]
    )


def _is_unlisted_in_use(version: VersionDoc) -> bool:
    if version["channel"] != "unlisted" or version["deleted"] or version["is_disabled"]:
        return False
    return any(file["status"] != "disabled" for file in version["files"])


def is_listed(version: VersionDoc) -> bool:
    """In the listed channel and not deleted, whatever its review status."""
    return version["channel"] == "listed" and not version["deleted"]


def is_public_version(version: VersionDoc) -> bool:
    """Visible to anonymous users, if its add-on is (contract/addons.md 7)."""
    return is_listed(version) and is_approved(version)


def _recency(version: VersionDoc) -> tuple[str, str, int]:
    return version["created"], version["modified"], version["id"]


def newest_first(versions: Iterable[VersionDoc]) -> list[VersionDoc]:
    """By creation, then modification, then id, each descending (contract/addons.md 7)."""
    return sorted(versions, key=_recency, reverse=True)


def _newest(addon: AddonDoc, accepts: Callable[[VersionDoc], bool]) -> VersionDoc | None:
    best = None
    for version in addon["versions"]:
        # Dates first: versions are stored newest first, so one comparison is enough for nearly all of them.
        if (best is None or version["created"] >= best["created"]) and accepts(version):
            best = version if best is None else max(best, version, key=_recency)
    return best


def current_version(addon: AddonDoc) -> VersionDoc | None:
    """The newest listed version with an approved file; if the add-on is not public,
    an unreviewed file counts as well (contract/addons.md 3.4).
    """
    if addon["status"] == "public":
        return _newest(addon, is_public_version)
    if addon["status"] == "deleted":
        return None
    return _newest(addon, lambda version: is_listed(version) and _is_awaiting(version))


def latest_unlisted_version(addon: AddonDoc) -> VersionDoc | None:
    """The newest unlisted version that is not deleted and whose file is not disabled
    (contract/addons.md 3.4).
    """
    return _newest(addon, _is_unlisted_in_use)


# `filter` of the versions list -> the versions in it (contract/addons.md 7.1 to 7.3).
VERSION_FILTERS: Final[dict[str | None, Callable[[VersionDoc], bool]]] = {
    None: is_public_version,
    "all_without_unlisted": is_listed,
    "all_with_unlisted": lambda version: not version["deleted"],
    "all_with_deleted": lambda version: True,
}


def versions(addon: AddonDoc, filter_name: str | None = None) -> list[VersionDoc]:
    """The versions of a `filter`, newest first; KeyError for an unknown one."""
    return newest_first(filter(VERSION_FILTERS[filter_name], addon["versions"]))


def public_versions(addon: AddonDoc) -> list[VersionDoc]:
    """Listed, not deleted, with an approved file; newest first."""
    return versions(addon)


def has_versions(addon: AddonDoc, channel: str) -> bool:
    """In a channel, where deleted ones count (contract/auth.md 5.1)."""
    return any(version["channel"] == channel for version in addon["versions"])


def declares_compatibility(addon: AddonDoc, version: VersionDoc) -> bool:
    """False for types without compatibility, which run everywhere, such as dictionaries
    (contract/addons.md 6.1), unless this version declares some anyway.
    """
    return bool(version["compatibility"]) or addon["type"] not in TYPES_WITHOUT_COMPATIBILITY


def supported_apps(addon: AddonDoc, version: VersionDoc | None = None) -> tuple[str, ...]:
    """The applications that a version (by default the current one) supports.

    Obsolete applications do not count. Types without compatibility support
    every application.
    """
    version = version or current_version(addon)
    if version is None:
        return ()
    if not declares_compatibility(addon, version):
        return tuple(APPS)
    return tuple(app for app in version["compatibility"] if app in APPS)


def _group_id(promotion: PromotionDoc) -> int:
    group = PROMOTED_GROUPS.get(promotion["group"])
    return group.id if group else len(PROMOTED_GROUPS) + 1


def _approved(promoted: PromotionDoc, approvals: list[PromotionDoc]) -> PromotionDoc:
    matching = (approval for approval in approvals if approval["group"] == promoted["group"])
    approved_apps = {app for approval in matching for app in approval["apps"]}
    return {"group": promoted["group"], "apps": [app for app in promoted["apps"] if app in approved_apps]}


def promotions(addon: AddonDoc, version: VersionDoc | None = None) -> list[PromotionDoc]:
    """The promoted groups in effect, by group id, with their applications.

    A promotion is in effect for the applications that the version (by default the
    current one) is approved for (contract/addons.md 5.3).
    """
    if not addon["promoted"]:
        return []
    version = version or current_version(addon)
    if version is None:
        return []
    approvals = version["approvals"]
    if approvals is None:
        effective = addon["promoted"]
    else:
        effective = [_approved(promoted, approvals) for promoted in addon["promoted"]]
    return sorted((promotion for promotion in effective if promotion["apps"]), key=_group_id)


def knows_scores(ratings: RatingsDoc) -> bool:
    """Whether the counts of each score are known: much of AMO's JSON has the total only."""
    return any(ratings["grouped_counts"].values()) or not ratings["count"]


def is_recommended(addon: AddonDoc) -> bool:
    return any(promotion["group"] == RECOMMENDED for promotion in promotions(addon))
