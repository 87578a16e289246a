"""Add-on objects as AMO's API gives them, in the shapes of its versions; say only what the case is about."""

from typing import Any


def make_file_object(**fields: Any) -> dict[str, Any]:
    return {
        "id": 100,
        "created": "2020-09-26T04:48:47Z",
        "hash": "sha256:" + "ab" * 32,
        "is_restart_required": False,
        "is_webextension": True,
        "is_mozilla_signed_extension": False,
        "platform": "all",
        "size": 2048,
        "status": "public",
        "url": "https://addons.mozilla.org/firefox/downloads/file/100/tab_tree-1.0-an+fx.xpi?src=",
        "permissions": ["tabs"],
        "optional_permissions": [],
    } | fields


def make_version_object(**fields: Any) -> dict[str, Any]:
    return {
        "id": 10,
        "compatibility": {"firefox": {"min": "57.0", "max": "*"}, "sunbird": {"min": "1.0", "max": "2.0"}},
        "edit_url": "https://addons.mozilla.org/en-US/developers/addon/tab-tree/versions/10",
        "files": [make_file_object()],
        "is_strict_compatibility_enabled": False,
        "license": {
            "id": 22,
            "is_custom": False,
            "name": {"en-US": "The MIT License", "fr": "Licence MIT/X11"},
            "url": "http://www.opensource.org/licenses/mit-license.php",
        },
        "release_notes": {"en-US": "Faster."},
        "reviewed": None,
        "version": "1.0",
    } | fields


def make_v4(**fields: Any) -> dict[str, Any]:
    """As `/api/v4/addons/addon/7/` without `lang`."""
    return {
        "id": 7,
        "authors": [
            {
                "id": 3,
                "name": "Ann",
                "url": "https://addons.mozilla.org/en-US/firefox/user/3/",
                "username": "ann",
                "picture_url": "https://addons.cdn.mozilla.net/user-media/userpics/0/0/3.png?modified=1",
            }
        ],
        "average_daily_users": 5000,
        "categories": {"android": ["experimental"], "firefox": ["tabs"]},
        "contributions_url": "",
        "created": "2017-09-19T07:03:00Z",
        "current_version": make_version_object(),
        "default_locale": "en-US",
        "description": {"en-US": "A <b>tree</b>.", "fr": "Un arbre."},
        "developer_comments": None,
        "edit_url": "https://addons.mozilla.org/en-US/developers/addon/tab-tree/edit",
        "guid": "tab-tree@example.org",
        "has_eula": False,
        "has_privacy_policy": False,
        "homepage": {"en-US": "https://example.org/"},
        "icon_url": "data:image/png;base64,AAAA",
        "icons": {
            size: f"https://addons.cdn.mozilla.net/user-media/addon_icons/0/7-{size}.png?modified=abc"
            for size in ("32", "64", "128")
        },
        "is_disabled": False,
        "is_experimental": False,
        "last_updated": "2020-09-26T05:34:48Z",
        "name": {"en-US": "Tab Tree", "fr": "Arbre"},
        "previews": [
            {
                "id": 55,
                "caption": {"en-US": "The tree"},
                "image_size": [640, 480],
                "image_url": "https://addons.mozilla.org/user-media/previews/full/0/55.png?modified=1",
                "thumbnail_size": [320, 240],
                "thumbnail_url": "https://addons.mozilla.org/user-media/previews/thumbs/0/55.png?modified=1",
            }
        ],
        "promoted": {"apps": ["firefox", "android"], "category": "recommended"},
        "ratings": {"average": 4.5, "bayesian_average": 4.4, "count": 10, "text_count": 3},
        "ratings_url": "https://addons.mozilla.org/en-US/firefox/addon/tab-tree/reviews/",
        "requires_payment": False,
        "review_url": "https://addons.mozilla.org/en-US/reviewers/review/7",
        "slug": "tab-tree",
        "status": "public",
        "summary": {"en-US": "Tabs in a tree."},
        "support_email": None,
        "support_url": None,
        "tags": ["tabs", "tree"],
        "type": "extension",
        "url": "https://addons.mozilla.org/en-US/firefox/addon/tab-tree/",
        "weekly_downloads": 100,
    } | fields


def make_v3(**fields: Any) -> dict[str, Any]:
    """As v3 has it: no `created`, no `promoted`, a licence without `is_custom`."""
    addon = make_v4() | {"is_featured": True, "is_source_public": False}
    del addon["created"], addon["promoted"]
    del addon["current_version"]["license"]["is_custom"]
    return addon | fields


def make_v5(**fields: Any) -> dict[str, Any]:
    """As v5 has it with `lang=fr`: objects with a single locale, links with their outgoing form."""
    addon = make_v4()
    version = addon["current_version"]
    file = version.pop("files")[0]
    version["file"] = {
        key: value for key, value in file.items() if key not in ("platform", "is_webextension")
    }
    version["file"] |= {"host_permissions": ["<all_urls>"], "data_collection_permissions": ["none"]}
    version["license"] |= {"slug": "MIT"}
    outgoing = "https://prod.outgoing.prod.webservices.mozgcp.net/v1/" + "0" * 64 + "/https%3A//example.org/"
    return (
        addon
        | {
            "categories": ["tabs"],
            "homepage": {
                "url": {"en-US": "https://example.org/", "fr": None, "_default": "en-US"},
                "outgoing": {"en-US": outgoing, "fr": None, "_default": "en-US"},
            },
            "promoted": [{"apps": ["firefox"], "category": "recommended"}],
            "name": {"fr": "Arbre"},
            "summary": {"en-US": "Tabs in a tree.", "fr": None, "_default": "en-US"},
            "description": {"fr": "Un arbre."},
            "is_noindexed": False,
        }
        | fields
    )


def make_lang(**fields: Any) -> dict[str, Any]:
    """As v4 has it with `lang`: plain strings."""
    texts = {
        "name": "Tab Tree",
        "summary": "Tabs in a tree.",
        "description": "A <b>tree</b>.",
        "homepage": "https://example.org/",
    }
    return make_v4() | texts | fields


def make_discovery() -> dict[str, Any]:
    """As `/api/v4/discovery/?lang=en-US` of 2018: few fields, and versions without their numbers."""
    keys = ("id", "authors", "guid", "icon_url", "name", "slug", "type", "url")
    addon = {key: value for key, value in make_lang().items() if key in keys}
    version = {key: make_version_object()[key] for key in ("id", "compatibility", "files")}
    nameless = version | {"id": 11, "files": [make_file_object(id=101, url="https://files.example/x.xpi")]}
    other = addon | {"id": 9, "guid": "nine@example.org", "slug": "nine", "name": "Nine"}
    return {
        "count": 2,
        "results": [
            {
                "addon": other | {"current_version": version},
                "heading": "Trees!",
                "heading_text": "Trees!",
                "description": "<blockquote>Tabs &amp; trees.</blockquote>",
                "is_recommendation": False,
            },
            {
                "addon": addon | {"current_version": nameless},
                "heading_text": "Tab Tree",
                "description_text": "Quiet.",
                "is_recommendation": True,
            },
        ],
    }
