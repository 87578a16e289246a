"""What a document holds where its source says nothing, and the model's key order.

The tables have every key of conf/model/addons.py, in its order; None where it must be given.
"""

import copy
import difflib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, Final, get_args, get_origin, get_type_hints, is_typeddict

from conf.model.addons import AddonDoc, FileDoc, PreviewDoc, RatingsDoc, UserDoc, VersionDoc
from server.intake import activity, curated, ratings
from server.intake.json_values import BadRecord

FILE: Final[dict[str, Any]] = {
    "id": None,
    "created": None,
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
}
VERSION: Final[dict[str, Any]] = {
    "id": None,
    "version": None,
    "channel": "listed",
    "created": None,
    "modified": None,
    "reviewed": None,
    "deleted": False,
    "is_disabled": False,
    "files": [],
    "compatibility": {},
    "is_strict_compatibility_enabled": False,
    "license": None,
    "release_notes": None,
    "approval_notes": "",
    "source": None,
    "human_reviewed": False,
    "approvals": None,
}
PREVIEW: Final[dict[str, Any]] = {
    "id": None,
    "caption": None,
    "image_url": "",
    "image_size": [],
    "thumbnail_url": "",
    "thumbnail_size": [],
    "position": 0,
}
RATINGS: Final[dict[str, Any]] = {
    "average": 0.0,
    "bayesian_average": 0.0,
    "count": 0,
    "text_count": 0,
    "grouped_counts": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0},
}
ADDON: Final[dict[str, Any]] = {
    "_id": None,
    "guid": None,
    "slug": None,
    "type": "extension",
    "status": "public",
    "disabled_by_user": False,
    "default_locale": "en-US",
    "name": None,
    "summary": None,
    "description": None,
    "developer_comments": None,
    "homepage": None,
    "support_email": None,
    "support_url": None,
    "eula": None,
    "privacy_policy": None,
    "contributions_url": "",
    "authors": [],
    "pending_authors": [],
    "categories": {},
    "tags": [],
    "icons": {},
    "previews": [],
    "colors": [],
    "promoted": [],
    "ratings": RATINGS,
    "average_daily_users": 0,
    "weekly_downloads": 0,
    "hotness": 0.0,
    "is_experimental": False,
    "is_noindexed": False,
    "requires_payment": False,
    "target_locale": None,
    "locale_disambiguation": None,
    "persona": None,
    "region_exclusions": [],
    "content_review": {"state": 0, "policies": [], "comments": None, "reviewed": None},
    "created": None,
    "last_updated": None,
    "modified": None,
    "versions": [],
    "revision": 1,
}
USER: Final[dict[str, Any]] = {
    "_id": None,
    "username": None,
    "display_name": None,
    "reviewer_name": None,
    "email": None,
    "homepage": None,
    "location": None,
    "occupation": None,
    "biography": None,
    "picture": None,
    "fxa_id": None,
    "auth_id": None,
    "permissions": [],
    "is_public": True,
    "deleted": False,
    "banned": False,
    "read_dev_agreement": None,
    "last_login": None,
    "created": None,
    "modified": None,
    "revision": 1,
}
_DEFAULTS: Final[dict[Any, dict[str, Any]]] = {
    AddonDoc: ADDON,
    VersionDoc: VERSION,
    FileDoc: FILE,
    PreviewDoc: PREVIEW,
    RatingsDoc: RATINGS,
    UserDoc: USER,
    **curated.DEFAULTS,
    **activity.DEFAULTS,
    **ratings.DEFAULTS,
}


@cache
def _shape(model: Any) -> tuple[tuple[str, ...], tuple[tuple[str, Any, bool], ...]]:
    """A model's keys in order, and those that hold another model: name, model, whether in a list."""
    hints = get_type_hints(model)
    nested = tuple(
        (name, inner, get_origin(hint) is list)
        for name, hint in hints.items()
        for inner in (hint, *get_args(hint))
        if is_typeddict(inner)
    )
    return tuple(hints), nested


def ordered(document: Mapping[str, Any], model: Any) -> dict[str, Any]:
    """A document with its keys in the model's order, inner documents too.

    Keys the model does not have come last. Nothing is added, changed or shared
    wrongly: parts already in order are the given objects.
    """
    keys, nested = _shape(model)
    result = dict(document)
    if tuple(result) != keys:
        known = {key: result[key] for key in keys if key in result}
        result = known | result
    for name, inner, many in nested:
        value = result.get(name)
        if many and isinstance(value, list):
            result[name] = [ordered(item, inner) if isinstance(item, dict) else item for item in value]
        elif isinstance(value, dict):
            result[name] = ordered(value, inner)
    return result


def check_keys(document: Mapping[str, Any], model: Any, where: str = "") -> None:
    """Raises BadRecord for a key that the model does not have, inner documents' too."""
    keys, nested = _shape(model)
    if not document.keys() <= set(keys):
        check_key_names(document, keys, where)
    for name, inner, many in nested:
        value = document.get(name)
        for place, item in enumerate(value if many and isinstance(value, list) else [value]):
            if isinstance(item, dict):
                check_keys(item, inner, f"{where}{name}[{place}]." if many else f"{where}{name}.")


def check_key_names(names: Iterable[str], known: Collection[str], where: str = "") -> None:
    """Raises BadRecord for the first that is not known."""
    for name in names:
        if name not in known:
            near = "".join(f", did you mean {key}?" for key in difflib.get_close_matches(name, known, n=1))
            raise BadRecord(f"unknown key: {where}{name:.80}{near}")


@cache
def _fillings(model: Any) -> dict[str, Any]:
    """The defaults, without those that stand for "must be given": a None that the model does not allow."""
    hints = get_type_hints(model)
    return {
        key: value
        for key, value in _DEFAULTS.get(model, {}).items()
        if value is not None or type(None) in get_args(hints[key])
    }


def completed(document: Mapping[str, Any], model: Any) -> dict[str, Any]:
    """A document with the model's defaults for what it lacks, inner documents too, in order."""
    result = ordered(copy.deepcopy(_fillings(model)) | dict(document), model)
    for name, inner, many in _shape(model)[1]:
        value = result.get(name)
        if many and isinstance(value, list):
            result[name] = [completed(item, inner) if isinstance(item, dict) else item for item in value]
        elif isinstance(value, dict):
            result[name] = completed(value, inner)
    return result
