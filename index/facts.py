"""What follows from an add-on document alone: state, versions, promotion.

    current_version(addon)          -> the version shown to everybody, or None
    versions(addon, "all_with_unlisted")
    promotions(addon)               -> groups in force for the current version

Pure functions of their arguments, safe from any thread. They read the document
and never change it; what they return belongs to the document, so do not write
to it either.
"""

from collections.abc import Callable, Iterable
from typing import Final

from conf.model.addons import AddonDoc, PromotionDoc, RatingsDoc, VersionDoc
from conf.vocabulary import APPS, PROMOTED_GROUPS, TYPES_WITHOUT_COMPATIBILITY

RECOMMENDED: Final = "recommended"


def is_public(addon: AddonDoc) -> bool:
    """Whether strangers may see it (contract/addons.md 3.1)."""
    return addon["status"] == "public" and not addon["disabled_by_user"]


def is_searchable(addon: AddonDoc) -> bool:
    """Whether listings may show it: public, with a current version (contract/addons.md 3.3)."""
    return is_public(addon) and current_version(addon) is not None


def is_disabled(addon: AddonDoc) -> bool:
    """Disabled by its developer or by Mozilla."""
    return addon["disabled_by_user"] or addon["status"] == "disabled"


def is_approved(version: VersionDoc) -> bool:
    """Whether one of its files is approved and its developer has not withdrawn it."""
    return not version["is_disabled"] and any(file["status"] == "public" for file in version["files"])


def _is_awaiting(version: VersionDoc) -> bool:
    return not version["is_disabled"] and any(
        file["status"] in ("public", "unreviewed") for file in version["files"]
    )


def _is_in_use(version: VersionDoc) -> bool:
    return not version["is_disabled"] and any(file["status"] != "disabled" for file in version["files"])


def is_listed(version: VersionDoc) -> bool:
    """In the listed channel and not deleted, whatever its review says."""
    return version["channel"] == "listed" and not version["deleted"]


def is_public_version(version: VersionDoc) -> bool:
    """Whether strangers may see this version of a public add-on (contract/addons.md 7)."""
    return is_listed(version) and is_approved(version)


def _age(version: VersionDoc) -> tuple[str, str, int]:
    return version["created"], version["modified"], version["id"]


def newest_first(versions: Iterable[VersionDoc]) -> list[VersionDoc]:
    """By creation, then modification, then id, each descending (contract/addons.md 7)."""
    return sorted(versions, key=_age, reverse=True)


def _newest(addon: AddonDoc, wanted: Callable[[VersionDoc], bool]) -> VersionDoc | None:
    best = None
    for version in addon["versions"]:
        # Dates first: the document is newest first, so one comparison settles nearly every version.
        if (best is None or version["created"] >= best["created"]) and wanted(version):
            best = version if best is None else max(best, version, key=_age)
    return best


def current_version(addon: AddonDoc) -> VersionDoc | None:
    """The newest listed version with an approved file; where the add-on itself
    is not public, one awaiting review will do (contract/addons.md 3.4).
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
    return _newest(addon, lambda version: _is_unlisted(version) and _is_in_use(version))


def _is_unlisted(version: VersionDoc) -> bool:
    return version["channel"] == "unlisted" and not version["deleted"]


# Values of the versions list's `filter` -> the versions it shows (contract/addons.md 7).
VERSION_FILTERS: Final[dict[str | None, Callable[[VersionDoc], bool]]] = {
    None: is_public_version,
    "all_without_unlisted": is_listed,
    "all_with_unlisted": lambda version: not version["deleted"],
    "all_with_deleted": lambda version: True,
}


def versions(addon: AddonDoc, which: str | None = None) -> list[VersionDoc]:
    """The versions one `filter` value shows, newest first; an unknown value is a KeyError."""
    return newest_first(filter(VERSION_FILTERS[which], addon["versions"]))


def public_versions(addon: AddonDoc) -> list[VersionDoc]:
    """Listed, not deleted, with an approved file; newest first."""
    return versions(addon)


def has_listed_versions(addon: AddonDoc) -> bool:
    """Has or ever had a listed version: deleted ones count (contract/auth.md 5.1)."""
    return any(version["channel"] == "listed" for version in addon["versions"])


def has_unlisted_versions(addon: AddonDoc) -> bool:
    """Has or ever had an unlisted version: deleted ones count (contract/auth.md 5.1)."""
    return any(version["channel"] == "unlisted" for version in addon["versions"])


def declares_compatibility(addon: AddonDoc, version: VersionDoc) -> bool:
    """False for the types that store none and run everywhere, such as dictionaries
    (contract/addons.md 6.1), unless this version declares some all the same.
    """
    return bool(version["compatibility"]) or addon["type"] not in TYPES_WITHOUT_COMPATIBILITY


def supported_apps(addon: AddonDoc, version: VersionDoc | None = None) -> tuple[str, ...]:
    """The applications a version (by default the current one) is made for.

    Obsolete applications do not count. Types that store no compatibility
    support every application.
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
    same = (approval for approval in approvals if approval["group"] == promoted["group"])
    covered = {app for approval in same for app in approval["apps"]}
    return {"group": promoted["group"], "apps": [app for app in promoted["apps"] if app in covered]}


def promotions(addon: AddonDoc, version: VersionDoc | None = None) -> list[PromotionDoc]:
    """The promoted groups in force, by group id, with the applications they cover.

    A membership counts for the applications that the version (by default the
    current one) is approved for, and not at all where none is left
    (contract/addons.md 5.3).
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
    """Whether it is known how many ratings have which score: much of AMO's JSON gives but their number."""
    return any(ratings["grouped_counts"].values()) or not ratings["count"]


def is_recommended(addon: AddonDoc) -> bool:
    return any(promotion["group"] == RECOMMENDED for promotion in promotions(addon))
