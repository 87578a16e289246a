"""The defaults of documents, and the order of their keys.

    completed({"_id": 7, "username": "ann", ...}, UserDoc)

A key without a default here is None if the model allows that, else required.
"""

import copy
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, get_args, get_origin, get_type_hints, is_typeddict

from conf.model.activity import ActivityDoc, AttachmentDoc, NoteDoc
from conf.model.addons import AddonDoc, FileDoc, PreviewDoc, RatingsDoc, UserDoc, VersionDoc
from conf.model.curated import (
    BlockDoc,
    CollectionDoc,
    DiscoveryDoc,
    FeaturedDoc,
    OverrideDoc,
    PrimaryHeroDoc,
    SecondaryHeroDoc,
    ShelfDoc,
)
from conf.model.queues import MirrorDoc, MirroredDoc
from conf.model.ratings import RatingDoc, RatingFlagDoc
from conf.model.reports import ReportDoc
from conf.model.reviewers import CannedResponseDoc, DraftCommentDoc, ScannerResultDoc

_RATINGS: Final[dict[str, Any]] = {
    "average": 0.0,
    "bayesian_average": 0.0,
    "count": 0,
    "text_count": 0,
    "grouped_counts": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0},
}
DEFAULTS: Final[Mapping[Any, Mapping[str, Any]]] = {
    AddonDoc: {
        "type": "extension",
        "status": "public",
        "disabled_by_user": False,
        "default_locale": "en-US",
        "contributions_url": "",
        "authors": [],
        "pending_authors": [],
        "categories": {},
        "tags": [],
        "icons": {},
        "previews": [],
        "colors": [],
        "promoted": [],
        "ratings": _RATINGS,
        "average_daily_users": 0,
        "weekly_downloads": 0,
        "hotness": 0.0,
        "is_experimental": False,
        "is_noindexed": False,
        "requires_payment": False,
        "region_exclusions": [],
        "content_review": {"state": 0, "policies": [], "comments": None, "reviewed": None},
        "versions": [],
        "revision": 1,
    },
    VersionDoc: {
        "channel": "listed",
        "deleted": False,
        "is_disabled": False,
        "files": [],
        "compatibility": {},
        "is_strict_compatibility_enabled": False,
        "approval_notes": "",
        "human_reviewed": False,
    },
    FileDoc: {
        "hash": "",
        "size": 0,
        "status": "public",
        "url": "",
        "platform": "all",
        "is_mozilla_signed_extension": False,
        "is_webextension": True,
        "is_restart_required": False,
        "permissions": [],
        "optional_permissions": [],
        "host_permissions": [],
        "data_collection_permissions": [],
        "optional_data_collection_permissions": [],
    },
    PreviewDoc: {"image_url": "", "image_size": [], "thumbnail_url": "", "thumbnail_size": [], "position": 0},
    RatingsDoc: _RATINGS,
    UserDoc: {"permissions": [], "is_public": True, "deleted": False, "banned": False, "revision": 1},
    RatingDoc: {"is_latest": False, "previous_count": 0, "deleted": False, "flags": []},
    RatingFlagDoc: {},
    NoteDoc: {"comments": "", "policies": []},
    ActivityDoc: {"details": {}},
    AttachmentDoc: {"name": "attachment", "type": "application/octet-stream"},
    FeaturedDoc: {"addons": []},
    OverrideDoc: {"name": "", "version_ranges": []},
    DiscoveryDoc: {"position": 0, "editions": [], "is_recommendation": False},
    CollectionDoc: {"default_locale": "en-US", "listed": True, "addons": []},
    BlockDoc: {"reason": "", "blocked": [], "soft_blocked": []},
    PrimaryHeroDoc: {"gradient": {"start": "color-ink-80", "end": "color-blue-70"}, "enabled": True},
    SecondaryHeroDoc: {"modules": [], "enabled": True},
    ScannerResultDoc: {},
    DraftCommentDoc: {"comment": ""},
    CannedResponseDoc: {"category": "Other"},
    ReportDoc: {"locale": "en-US", "fields": {}},
    MirrorDoc: {"round": 1, "slices": [], "listed": False, "done": False, "cursor": 0, "unreached": []},
    MirroredDoc: {
        "round": 0,
        **dict.fromkeys(("listing", "ratings", "read_listing", "read_ratings"), ""),
        **dict.fromkeys(("due", "gone", "disabled", "files"), False),
    },
    ShelfDoc: {"addon_type": "extension", "count": 4, "position": 0, "enabled": True},
}


@cache
def shape(model: Any) -> tuple[tuple[str, ...], tuple[tuple[str, Any, bool], ...]]:
    """A model's keys in order, and those that hold another model: name, model, whether in a list."""
    hints = get_type_hints(model)
    nested = tuple(
        (name, inner, get_origin(hint) is list)
        for name, hint in hints.items()
        for inner in (hint, *get_args(hint))
        if is_typeddict(inner)
    )
    return tuple(hints), nested


@cache
def _defaults(model: Any) -> dict[str, Any]:
    if model not in DEFAULTS:
        return {}
    hints = get_type_hints(model)
    return {key: None for key in hints if type(None) in get_args(hints[key])} | dict(DEFAULTS[model])


def ordered(document: Mapping[str, Any], model: Any) -> dict[str, Any]:
    """A document with its keys in the model's order, inner documents too.

    Keys the model does not have come last. Nothing is added or changed.
    """
    return _rebuilt(dict(document), model, ordered)


def completed(document: Mapping[str, Any], model: Any) -> dict[str, Any]:
    """A document with defaults for missing keys, in order, inner documents too."""
    lacking = {key: copy.deepcopy(value) for key, value in _defaults(model).items() if key not in document}
    return _rebuilt(lacking | dict(document), model, completed)


def _rebuilt(
    result: dict[str, Any], model: Any, rebuild: Callable[[Mapping[str, Any], Any], dict[str, Any]]
) -> dict[str, Any]:
    keys, nested = shape(model)
    if tuple(result) != keys:
        result = {key: result[key] for key in keys if key in result} | result
    for name, inner, many in nested:
        value = result.get(name)
        if many and isinstance(value, list):
            result[name] = [rebuild(item, inner) if isinstance(item, dict) else item for item in value]
        elif isinstance(value, dict):
            result[name] = rebuild(value, inner)
    return result
