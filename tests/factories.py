"""Valid documents of the model, for tests: say only what the case is about."""

from typing import Any, cast

from conf.model.addons import AddonDoc, FileDoc, UserDoc, VersionDoc


def make_file(**fields: Any) -> FileDoc:
    file = {
        "id": 100,
        "created": "2024-01-02T03:04:05Z",
        "hash": "sha256:" + "ab" * 32,
        "size": 2048,
        "status": "public",
        "url": "/firefox/downloads/file/100/tab_tree-1.0.xpi",
        "platform": "all",
        "is_mozilla_signed_extension": False,
        "is_webextension": True,
        "is_restart_required": False,
        "permissions": ["tabs"],
        "optional_permissions": [],
        "host_permissions": [],
        "data_collection_permissions": [],
        "optional_data_collection_permissions": [],
    }
    return cast(FileDoc, file | fields)


def make_version(**fields: Any) -> VersionDoc:
    version = {
        "id": 10,
        "version": "1.0",
        "channel": "listed",
        "created": "2024-01-02T03:04:05Z",
        "modified": "2024-01-02T03:04:05Z",
        "reviewed": None,
        "deleted": False,
        "is_disabled": False,
        "files": [make_file()],
        "compatibility": {"firefox": {"min": "57.0", "max": "*"}},
        "is_strict_compatibility_enabled": False,
        "license": {"id": 1, "slug": "MPL-2.0", "name": None, "text": None, "url": None},
        "release_notes": None,
        "approval_notes": "",
        "source": None,
        "human_reviewed": False,
        "approvals": None,
    }
    return cast(VersionDoc, version | fields)


def make_addon(**fields: Any) -> AddonDoc:
    addon = {
        "_id": 1,
        "guid": "tab-tree@example.org",
        "slug": "tab-tree",
        "type": "extension",
        "status": "public",
        "disabled_by_user": False,
        "default_locale": "en-US",
        "name": {"en-US": "Tab Tree"},
        "summary": {"en-US": "Tabs in a tree."},
        "description": None,
        "developer_comments": None,
        "homepage": None,
        "support_email": None,
        "support_url": None,
        "eula": None,
        "privacy_policy": None,
        "contributions_url": "",
        "authors": [{"user_id": 7, "role": "owner", "listed": True, "position": 0}],
        "pending_authors": [],
        "categories": {"firefox": ["tabs"]},
        "tags": [],
        "icons": {},
        "previews": [],
        "colors": [],
        "promoted": [],
        "ratings": {
            "average": 4.0,
            "bayesian_average": 3.9,
            "count": 10,
            "text_count": 5,
            "grouped_counts": {"1": 0, "2": 1, "3": 2, "4": 3, "5": 4},
        },
        "average_daily_users": 100,
        "weekly_downloads": 10,
        "hotness": 0.0,
        "is_experimental": False,
        "is_noindexed": False,
        "requires_payment": False,
        "target_locale": None,
        "locale_disambiguation": None,
        "persona": None,
        "region_exclusions": [],
        "content_review": {"state": 0, "policies": [], "comments": None, "reviewed": None},
        "created": "2024-01-02T03:04:05Z",
        "last_updated": "2024-02-03T04:05:06Z",
        "modified": "2024-02-03T04:05:06Z",
        "versions": [make_version()],
        "revision": 1,
    }
    return cast(AddonDoc, addon | fields)


def make_user(**fields: Any) -> UserDoc:
    user = {
        "_id": 7,
        "username": "ann",
        "display_name": "Ann",
        "reviewer_name": None,
        "email": "ann@example.org",
        "homepage": None,
        "location": None,
        "occupation": None,
        "biography": None,
        "picture": None,
        "fxa_id": None,
        "auth_id": "0" * 32,
        "permissions": [],
        "is_public": True,
        "deleted": False,
        "banned": False,
        "read_dev_agreement": "2026-01-01T00:00:00Z",
        "last_login": None,
        "created": "2020-01-01T00:00:00Z",
        "modified": "2020-01-01T00:00:00Z",
        "revision": 1,
    }
    return cast(UserDoc, user | fields)
