"""Valid documents of the model, for tests: say only what the case is about."""

from functools import cache
from typing import Any, cast

import orjson

from conf.model.addons import AddonDoc, FileDoc, PreviewDoc, UserDoc, VersionDoc
from conf.model.defaults import completed
from conf.model.ratings import RatingDoc


def make_file(**fields: Any) -> FileDoc:
    file = {
        "id": 100,
        "created": "2024-01-02T03:04:05Z",
        "hash": "sha256:" + "ab" * 32,
        "size": 2048,
        "url": "/firefox/downloads/file/100/tab_tree-1.0.xpi",
        "permissions": ["tabs"],
    }
    return cast(FileDoc, _completed(file, FileDoc) | fields)


def make_version(**fields: Any) -> VersionDoc:
    version = {
        "id": 10,
        "version": "1.0",
        "created": "2024-01-02T03:04:05Z",
        "modified": "2024-01-02T03:04:05Z",
        "files": [make_file()],
        "compatibility": {"firefox": {"min": "57.0", "max": "*"}},
        "license": {"id": 1, "slug": "MPL-2.0", "name": None, "text": None, "url": None},
    }
    return cast(VersionDoc, _completed(version, VersionDoc) | fields)


def make_addon(**fields: Any) -> AddonDoc:
    addon = {
        "_id": 1,
        "guid": "tab-tree@example.org",
        "slug": "tab-tree",
        "name": {"en-US": "Tab Tree"},
        "summary": {"en-US": "Tabs in a tree."},
        "authors": [{"user_id": 7, "role": "owner", "listed": True, "position": 0}],
        "categories": {"firefox": ["tabs"]},
        "ratings": {
            "average": 4.0,
            "bayesian_average": 3.9,
            "count": 10,
            "text_count": 5,
            "grouped_counts": {"1": 0, "2": 1, "3": 2, "4": 3, "5": 4},
        },
        "average_daily_users": 100,
        "weekly_downloads": 10,
        "created": "2024-01-02T03:04:05Z",
        "last_updated": "2024-02-03T04:05:06Z",
        "modified": "2024-02-03T04:05:06Z",
        "versions": [make_version()],
    }
    return cast(AddonDoc, _completed(addon, AddonDoc) | fields)


def make_language_pack(**fields: Any) -> AddonDoc:
    pack: dict[str, Any] = {
        "_id": 2,
        "guid": "langpack-fr@firefox.mozilla.org",
        "slug": "french",
        "type": "language",
        "target_locale": "fr",
        "name": {"en-US": "French Language Pack", "fr": "Français"},
        "categories": {},
    }
    return make_addon(**pack | fields)


def make_preview(**fields: Any) -> PreviewDoc:
    preview = {
        "id": 5,
        "caption": None,
        "image_url": "/previews/full/5.png",
        "image_size": [640, 480],
        "thumbnail_url": "/previews/thumbs/5.png",
        "thumbnail_size": [320, 240],
        "position": 0,
    }
    return cast(PreviewDoc, preview | fields)


def make_user(**fields: Any) -> UserDoc:
    user = {
        "_id": 7,
        "username": "ann",
        "display_name": "Ann",
        "email": "ann@example.org",
        "auth_id": "0" * 32,
        "read_dev_agreement": "2026-01-01T00:00:00Z",
        "created": "2020-01-01T00:00:00Z",
        "modified": "2020-01-01T00:00:00Z",
    }
    return cast(UserDoc, _completed(user, UserDoc) | fields)


def make_rating(**fields: Any) -> dict[str, Any]:
    rating = {
        "_id": 1,
        "addon_id": 1,
        "version_id": 10,
        "version": "1.0",
        "user_id": 7,
        "score": 5,
        "body": "Good.",
        "is_latest": True,
        "previous_count": 0,
        "place": f"place of {fields.get('_id', 1)}",
        "created": "2024-01-02T03:04:05Z",
        "modified": "2024-01-02T03:04:05Z",
    }
    return _completed(rating, RatingDoc) | fields


def _completed(document: dict[str, Any], model: Any) -> dict[str, Any]:
    return orjson.loads(_as_json(orjson.dumps(document), model))


@cache
def _as_json(document: bytes, model: Any) -> bytes:
    """Made once: tests make thousands."""
    return orjson.dumps(completed(orjson.loads(document), model))
