"""Versions, files and licences of each API version (contract/addons.md 6).

Rules: contract/addons.md 6.1 and 6.3.
"""

from typing import Any

import pytest

from index.shapes.api_versions import shapes_for
from index.shapes.markup import cleaned_version
from index.shapes.versions import VersionContext
from index.shapes.view import View
from tests.factories import make_addon, make_file, make_version
from tests.index.shapes.shape_context import CONTEXT, SITE, VERSIONS
from tests.sweep import sweep

BUILT_IN = {"id": 1, "slug": "MPL-2.0", "name": None, "text": None, "url": None}
CUSTOM = {
    "id": 900,
    "slug": None,
    "name": {"en-US": "Mine"},
    "text": {"en-US": "<b>All</b> mine"},
    "url": None,
}


def shaped(
    version: str,
    place: VersionContext = "current",
    *,
    addon: Any = None,
    private: bool = False,
    view: Any = None,
    **fields: Any,
) -> dict[str, Any]:
    version_doc = cleaned_version(make_version(**fields))
    return shapes_for(version, CONTEXT).version(
        addon or make_addon(), version_doc, View(version, **(view or {})), place, private=private
    )


COMPACT = """
    id compatibility edit_url file is_strict_compatibility_enabled license release_notes reviewed version
    files
"""
WHOLE = COMPACT.replace("id compat", "id channel compat")
PRIVATE = """
    id approval_notes channel compatibility edit_url file is_disabled is_strict_compatibility_enabled
    license release_notes reviewed source version
"""


@sweep("version", VERSIONS)
@pytest.mark.parametrize(
    "place, keys",
    [
        ("current", COMPACT),
        ("search", COMPACT),
        ("list", WHOLE),
        ("detail", WHOLE),
        ("tool", "id file reviewed version files"),
    ],
)
def test_keys_and_their_order(version: str, place: VersionContext, keys: str) -> None:
    absent = {"files"} if version == "v5" else {"file"}
    if (version, place) == ("v3", "search"):
        absent |= {"license", "release_notes"}
    expected = [key for key in keys.split() if key not in absent]
    assert list(shaped(version, place)) == expected
    if place in ("current", "search", "tool") or version != "v5":
        assert list(shaped(version, place, private=True)) == expected


@pytest.mark.parametrize("place", ["list", "detail"])
def test_authors_and_reviewers_see_more_in_v5(place: VersionContext) -> None:
    fields = {"approval_notes": "See the manual.", "source": "/source/1.zip", "is_disabled": True}
    shape = shaped("v5", place, private=True, **fields)
    assert list(shape) == PRIVATE.split()
    assert {key: shape[key] for key in fields} == fields


FILE_KEYS = {
    "v3": """
        id created hash is_restart_required is_webextension is_mozilla_signed_extension platform size
        status url permissions
    """,
    "v4": """
        id created hash is_restart_required is_webextension is_mozilla_signed_extension platform size
        status url permissions optional_permissions
    """,
    "v5": """
        id created hash is_mozilla_signed_extension size status url permissions optional_permissions
        host_permissions data_collection_permissions optional_data_collection_permissions
    """,
}


@sweep("version", VERSIONS)
def test_files(version: str) -> None:
    files = [make_file(id=1, platform="mac"), make_file(id=2, platform="windows")]
    shape = shaped(version, files=files)
    if version == "v5":
        assert list(shape["file"]) == FILE_KEYS[version].split()
        assert shape["file"]["id"] == 1
    else:
        assert [list(file) for file in shape["files"]] == [FILE_KEYS[version].split()] * 2
        assert [(file["id"], file["platform"]) for file in shape["files"]] == [(1, "mac"), (2, "windows")]


@pytest.mark.parametrize(
    "stored, expected",
    [
        ("/firefox/downloads/file/1/a-1.0.xpi", f"{SITE}/android/downloads/file/1/a-1.0.xpi"),
        ("https://elsewhere.example/a.xpi", "https://elsewhere.example/a.xpi"),
        ("/files/a.xpi", f"{SITE}/files/a.xpi"),
    ],
    ids=["caller's-app", "foreign", "other-path"],
)
def test_download_address(stored: str, expected: str) -> None:
    shape = shaped("v5", files=[make_file(url=stored)], view={"app": "android"})
    assert shape["file"]["url"] == expected


def test_edit_address() -> None:
    assert (
        shaped("v4", view={"locale": "fr"})["edit_url"] == f"{SITE}/fr/developers/addon/tab-tree/versions/10"
    )


@sweep("version", VERSIONS)
@pytest.mark.parametrize(
    "type, declared, expected",
    [
        ("extension", {"firefox": {"min": "48.0", "max": "*"}}, {"firefox": {"min": "48.0", "max": "*"}}),
        ("extension", {"sunbird": {"min": "1.0", "max": "1.0"}}, {}),
        ("extension", {}, {}),
        ("dictionary", {"firefox": {"min": "61.0", "max": "*"}}, {"firefox": {"min": "61.0", "max": "*"}}),
    ],
    ids=["declared", "obsolete-app", "none", "declaring-dictionary"],
)
def test_compatibility(version: str, type: str, declared: Any, expected: Any) -> None:
    assert shaped(version, addon=make_addon(type=type), compatibility=declared)["compatibility"] == expected


EVERYWHERE = {
    "firefox": {"min": "4.0", "max": "65535"},
    "thunderbird": {"min": "5.0", "max": "65535"},
    "seamonkey": {"min": "2.1", "max": "65535"},
    "android": {"min": "11.0", "max": "65535"},
}


@pytest.mark.parametrize("type", ["dictionary", "search", "persona"])
@pytest.mark.parametrize(
    "version, apps", [("v3", list(EVERYWHERE)), ("v4", list(EVERYWHERE)), ("v5", ["firefox", "android"])]
)
def test_types_that_store_no_compatibility_show_the_defaults(
    version: str, apps: list[str], type: str
) -> None:
    shape = shaped(version, addon=make_addon(type=type), compatibility={})
    assert shape["compatibility"] == {app: EVERYWHERE[app] for app in apps}


LICENSE_KEYS = {
    "v3": ["id", "name", "text", "url"],
    "v4": ["id", "is_custom", "name", "text", "url"],
    "v5": ["id", "is_custom", "name", "slug", "text", "url"],
}


@sweep("version", VERSIONS)
@pytest.mark.parametrize("license", [BUILT_IN, CUSTOM], ids=["built-in", "custom"])
@pytest.mark.parametrize("place", ["current", "search", "list", "detail"])
def test_licence_keys(version: str, license: Any, place: VersionContext) -> None:
    shape = shaped(version, place, license=license)
    if (version, place) == ("v3", "search"):
        assert "license" not in shape
        return
    with_text = place == "detail" or (place == "list" and version != "v5")
    assert list(shape["license"]) == [key for key in LICENSE_KEYS[version] if with_text or key != "text"]


def test_built_in_licence() -> None:
    assert shaped("v5", "detail", license=BUILT_IN)["license"] == {
        "id": 1,
        "is_custom": False,
        "name": {"en-US": "Mozilla Public License 2.0"},
        "slug": "MPL-2.0",
        "text": None,
        "url": "https://www.mozilla.org/MPL/2.0/",
    }
    german = make_addon(default_locale="de")
    assert shaped("v4", addon=german, view={"lang": "de"})["license"]["name"] == "Mozilla Public License 2.0"


def test_custom_licence() -> None:
    assert shaped("v5", "detail", license=CUSTOM)["license"] == {
        "id": 900,
        "is_custom": True,
        "name": {"en-US": "Mine"},
        "slug": None,
        "text": {"en-US": "&lt;b&gt;All&lt;/b&gt; mine"},
        "url": f"{SITE}/en-US/firefox/addon/tab-tree/license/",
    }
    named = CUSTOM | {"url": "https://mine.example/"}
    assert shaped("v4", license=named)["license"]["url"] == "https://mine.example/"
    german = make_addon(default_locale="de")
    assert shaped("v4", addon=german, license=CUSTOM, view={"lang": "fr"})["license"]["name"] == "Mine"


@sweep("version", VERSIONS)
def test_a_version_may_have_no_licence(version: str) -> None:
    assert shaped(version, license=None)["license"] is None


@sweep("version", VERSIONS)
def test_release_notes(version: str) -> None:
    notes = {"en-US": "<b>x</b> <i", "fr": ""}
    assert shaped(version, release_notes=notes)["release_notes"] == {
        "en-US": "<b>x</b> &lt;i",
        "fr": "",
    }
    assert shaped(version, release_notes=None)["release_notes"] is None
    if version != "v3":
        assert shaped(version, "search", release_notes=notes)["release_notes"] == {"en-US": "<b>x</b> &lt;i"}
    german = make_addon(default_locale="de")
    french = shaped(version, addon=german, release_notes={"en-US": "x"}, view={"lang": "fr"})["release_notes"]
    assert french == ({"en-US": "x", "fr": None, "_default": "en-US"} if version == "v5" else "x")
