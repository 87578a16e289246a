"""Payloads for Basket, and which changes cause a sync (contract/basket.md 3 to 6).

Pure functions; any thread. A payload has all its keys always: a missing value
is null, {}, [] or 0. There is no `email` in it, nor is there a way to ask for one.
"""

from collections.abc import Mapping
from typing import Any, Final

from conf.model.addons import AddonDoc, UserDoc, VersionDoc
from conf.vocabulary import APPS, DEFAULT_MAX
from index import facts
from index.shapes.translated_fields import best

Payload = dict[str, Any]

USER_KEYS: Final = ("deleted", "display_name", "homepage", "fxa_id", "last_login", "location")
# Sent with the next sync, but no reason for one, because they change all the time (contract/basket.md 6.2).
COUNTS: Final = ("last_updated", "ratings", "average_daily_users")


def user_payload(user: UserDoc) -> Payload:
    """The seven keys, as stored: `""` stays `""`, null stays null."""
    return {"id": user["_id"], **{key: user.get(key) for key in USER_KEYS}}


def addon_payload(addon: AddonDoc, users: Mapping[int, UserDoc]) -> Payload:
    """The sixteen keys; `users` has the authors by id, and missing ones are left out."""
    authors = sorted(addon["authors"], key=lambda author: author["position"])
    ids = [author["user_id"] for author in authors]
    ratings = addon["ratings"]
    return {
        **_synced_facts(addon),
        "authors": [user_payload(users[user_id]) for user_id in ids if user_id in users],
        "average_daily_users": addon["average_daily_users"],
        "last_updated": addon["last_updated"],
        "ratings": {
            "average": ratings["average"],
            "bayesian_average": ratings["bayesian_average"],
            "count": ratings["count"],
            "text_count": ratings["text_count"],
        },
    }


def _synced_facts(addon: AddonDoc) -> Payload:
    """The keys whose change causes a sync, except authors."""
    default = addon["default_locale"]
    return {
        "id": addon["_id"],
        "categories": addon["categories"],
        "current_version": _version(addon, _current(addon)),
        "default_locale": default,
        "guid": addon["guid"],
        "is_disabled": facts.is_disabled(addon),
        "is_recommended": addon["status"] != "deleted" and facts.is_recommended(addon),
        "latest_unlisted_version": _version(addon, _latest_unlisted(addon)),
        # The receiver ignores an empty name (contract/basket.md 4).
        "name": best(addon["name"], default, default) or "",
        "slug": addon["slug"],
        "status": addon["status"],
        "type": addon["type"],
    }


def _current(addon: AddonDoc) -> VersionDoc | None:
    """The newest approved listed version, whatever the add-on's status; None for a deleted add-on."""
    versions = facts.public_versions(addon) if addon["status"] != "deleted" else []
    return versions[0] if versions else None


def _latest_unlisted(addon: AddonDoc) -> VersionDoc | None:
    """The newest unlisted version in any state of review, unlike the API's."""
    if addon["status"] == "deleted":
        return None
    unlisted = (
        version
        for version in addon["versions"]
        if version["channel"] == "unlisted" and not version["deleted"]
    )
    return next(iter(facts.newest_first(unlisted)), None)


def _version(addon: AddonDoc, version: VersionDoc | None) -> Payload | None:
    if version is None:
        return None
    return {
        "id": version["id"],
        "compatibility": _compatibility(addon, version),
        "is_strict_compatibility_enabled": version["is_strict_compatibility_enabled"],
        "version": version["version"],
    }


def _compatibility(addon: AddonDoc, version: VersionDoc) -> dict[str, dict[str, str]]:
    """As declared; kinds that declare none run everywhere (contract/basket.md 4)."""
    if facts.declares_compatibility(addon, version):
        return version["compatibility"]
    return {app: {"min": APPS[app].default_min, "max": DEFAULT_MAX} for app in ("firefox", "android")}


def addon_synced(old: AddonDoc | None, new: AddonDoc, *, counts: bool = False) -> bool:
    """Whether a change of an add-on goes to Basket (contract/basket.md 6.2).

    A new add-on does; `counts` is the setting that lets COUNTS cause a sync too.
    """
    if old is None:
        return True
    if old["status"] == "deleted" == new["status"]:
        return False  # removals of authors that follow the deletion
    if _synced_facts(old) != _synced_facts(new) or _authors(old) != _authors(new):
        return True
    # Any translation of the name counts, and any promotion (contract/basket.md 6.1), though only one is sent.
    if old["name"] != new["name"] or facts.promotions(old) != facts.promotions(new):
        return True
    return counts and any(old[key] != new[key] for key in COUNTS)


def _authors(addon: AddonDoc) -> set[int]:
    """The authors' ids, because roles, listing and positions cause no sync."""
    return {author["user_id"] for author in addon["authors"]}


def user_synced(old: UserDoc | None, new: UserDoc) -> bool:
    return old is None or user_payload(old) != user_payload(new)
