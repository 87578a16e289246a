"""What manifests say, and what is said of them (contract/uploads.md 4, 4.2 and 4.3)."""

import json
import struct
from typing import Any

import pytest

from server.packages.manifest.json_comments import read_json
from tests.packages import MANIFEST, package
from tests.server.packages.inspected import look, said

GECKO = MANIFEST["browser_specific_settings"]["gecko"]


def read(**manifest: Any) -> dict[str, Any]:
    found = look(package(**manifest))
    assert found.package is not None, found.result["messages"]
    return found.package


def gecko(**fields: Any) -> dict[str, Any]:
    return {"gecko": {**GECKO, **fields}}


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)


JPEG = b"\xff\xd8\xff\xe0" + struct.pack(">H", 4) + b"xx" + b"\xff\xc2"
REQUIRED = "MANIFEST_FIELD_REQUIRED"
INVALID = "MANIFEST_FIELD_INVALID"
BAD_MANIFESTS: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": None}, REQUIRED),
    "a blank name": ({"name": " "}, INVALID),
    "a name of another type": ({"name": 3}, INVALID),
    "no version": ({"version": None}, REQUIRED),
    "a number as version": ({"version": 1}, INVALID),
    "signs in the version": (
        {"version": "1.0 beta"},
        "Version numbers should only contain letters, numbers, and these punctuation characters: +*.-_.",
    ),
    "a long version": (
        {"version": "1" * 256},
        "Version numbers should have at most 255 characters.",
    ),
    "no manifest version": ({"manifest_version": None}, REQUIRED),
    "another": ({"manifest_version": 1}, INVALID),
    "no number": ({"manifest_version": True}, INVALID),
    "MV3: zeros": ({"manifest_version": 3, "version": "01.0"}, "VERSION_FORMAT_INVALID"),
    "MV3: five numbers": ({"manifest_version": 3, "version": "1.2.3.4.5"}, "VERSION_FORMAT_INVALID"),
    "MV3: ten digits": ({"manifest_version": 3, "version": "1234567890"}, "VERSION_FORMAT_INVALID"),
    "MV3: no id": (
        {"manifest_version": 3, "browser_specific_settings": None},
        "EXTENSION_ID_REQUIRED",
    ),
    "MV3: applications": ({"manifest_version": 3, "applications": {}}, "APPLICATIONS_INVALID"),
    "an id that is none": ({"browser_specific_settings": gecko(id="tree")}, INVALID),
    "a long id": ({"browser_specific_settings": gecko(id="a" * 80 + "@b")}, INVALID),
    "experiments": ({"experiment_apis": {}}, "You cannot submit this type of add-on"),
    "a legacy add-on": ({"legacy": {}}, "You cannot submit this type of add-on"),
    "no background script": (
        {"background": {"scripts": ["b.js"]}},
        "MANIFEST_BACKGROUND_FILE_NOT_FOUND",
    ),
    "no background page": ({"background": {"page": "b.html"}}, "MANIFEST_BACKGROUND_FILE_NOT_FOUND"),
    "no service worker": (
        {"background": {"service_worker": "b.js"}},
        "MANIFEST_BACKGROUND_FILE_NOT_FOUND",
    ),
    "no content style": (
        {"content_scripts": [{"matches": [], "css": ["c.css"]}]},
        "MANIFEST_CONTENT_SCRIPT_FILE_NOT_FOUND",
    ),
    "icons of no size": ({"icons": {"large": "i.png"}}, INVALID),
    "no content script": (
        {"content_scripts": [{"matches": [], "js": ["c.js"]}]},
        "MANIFEST_CONTENT_SCRIPT_FILE_NOT_FOUND",
    ),
    "permissions that are no list": ({"permissions": "tabs"}, "MANIFEST_BAD_PERMISSION"),
    "a permission that is no text": ({"host_permissions": [3]}, "MANIFEST_BAD_PERMISSION"),
    "data of no kind": (
        {"browser_specific_settings": gecko(data_collection_permissions={"required": ["souls"]})},
        INVALID,
    ),
    "none and some": (
        {
            "browser_specific_settings": gecko(
                data_collection_permissions={"required": ["none", "healthInfo"]}
            )
        },
        INVALID,
    ),
    "an address of updates": (
        {"browser_specific_settings": gecko(update_url="https://example.org/")},
        "MANIFEST_UPDATE_URL",
    ),
    "origins that are none": ({"install_origins": ["https://example.org/"]}, "MANIFEST_INSTALL_ORIGINS"),
    "an origin with a path": ({"install_origins": ["https://example.org/a"]}, "MANIFEST_INSTALL_ORIGINS"),
    "an origin for many": ({"install_origins": ["https://*.example.org"]}, "MANIFEST_INSTALL_ORIGINS"),
    "an origin of another kind": ({"install_origins": [3]}, "MANIFEST_INSTALL_ORIGINS"),
    "origins that are no list": ({"install_origins": "https://example.org"}, INVALID),
    "six origins": ({"install_origins": ["https://example.org"] * 6}, INVALID),
    "no messages": ({"default_locale": "fr"}, "NO_MESSAGES_FILE"),
    "no default locale": ({"files": {"_locales/fr/messages.json": "{}"}}, "NO_DEFAULT_LOCALE"),
    "broken messages": (
        {"default_locale": "fr", "files": {"_locales/fr/messages.json": "{"}},
        "INVALID_MESSAGES_FILE",
    ),
    "no dictionary": ({"dictionaries": {}}, "MANIFEST_EMPTY_DICTS"),
    "no file of it": ({"dictionaries": {"fr": "fr.dic"}}, "MANIFEST_DICT_NOT_FOUND"),
    "two": (
        {"dictionaries": {"fr": "a.dic", "de": "a.dic"}, "files": {"a.dic": ""}},
        "MANIFEST_MULTIPLE_DICTS",
    ),
    "a dictionary without id": (
        {"dictionaries": {"fr": "a.dic"}, "files": {"a.dic": ""}, "browser_specific_settings": None},
        "MANIFEST_DICT_MISSING_ID",
    ),
    "a dictionary's maximum": (
        {
            "dictionaries": {"fr": "a.dic"},
            "files": {"a.dic": ""},
            "browser_specific_settings": gecko(strict_max_version="99.0"),
        },
        "STRICT_MAX_VERSION",
    ),
    "a dictionary's old Firefox": (
        {
            "dictionaries": {"fr": "a.dic"},
            "files": {"a.dic": ""},
            "browser_specific_settings": gecko(strict_min_version="41.0"),
        },
        'Lowest supported "strict_min_version" is 42.0.',
    ),
    "a dictionary of another kind": (
        {"dictionaries": {"fr": "a.txt"}, "files": {"a.txt": ""}},
        "MANIFEST_DICT_NOT_FOUND",
    ),
    "a language pack for any release": ({"langpack_id": "fr"}, REQUIRED),
    "a language pack of no language": (
        {"langpack_id": "f" * 51, "browser_specific_settings": gecko(strict_max_version="99.*")},
        INVALID,
    ),
    "an old Firefox": (
        {"browser_specific_settings": gecko(strict_min_version="41.0")},
        'Lowest supported "strict_min_version" is 42.0.',
    ),
    "no Firefox": (
        {"browser_specific_settings": gecko(strict_min_version="*")},
        'Unknown "strict_min_version" * for Firefox',
    ),
    "no Firefox either": (
        {"browser_specific_settings": gecko(strict_max_version="x")},
        'Unknown "strict_max_version" x for Firefox',
    ),
}


@pytest.mark.parametrize(("manifest", "code"), BAD_MANIFESTS.values(), ids=BAD_MANIFESTS)
def test_manifests_that_are_refused(manifest: dict[str, Any], code: str) -> None:
    found = look(package(**manifest))
    assert [one for one in said(found) if one[0] == "error"] == [("error", code)]
    assert found.package is None


ODD_MANIFESTS: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "applications": (
        {"browser_specific_settings": None, "applications": {"gecko": GECKO}},
        ("warning", "APPLICATIONS_DEPRECATED"),
    ),
    "MV2: zeros": ({"version": "01.0"}, ("warning", "VERSION_FORMAT_DEPRECATED")),
    "no icon": ({"icons": {"48": "i.png"}}, ("warning", "MANIFEST_ICON_NOT_FOUND")),
    "a wide PNG": ({"icons": {"48": "i.png"}, "files": {"i.png": png(2, 1)}}, ("warning", "ICON_NOT_SQUARE")),
    "a high GIF": (
        {"icons": {"48": "i.gif"}, "files": {"i.gif": b"GIF89a" + struct.pack("<HH", 1, 2)}},
        ("warning", "ICON_NOT_SQUARE"),
    ),
    "a wide JPEG": (
        {"icons": {"48": "i.jpg"}, "files": {"i.jpg": JPEG + struct.pack(">HBHH", 17, 8, 1, 2)}},
        ("warning", "ICON_NOT_SQUARE"),
    ),
    "an unknown permission": ({"permissions": ["souls"]}, ("warning", "MANIFEST_PERMISSIONS")),
    "a maximum": (
        {"browser_specific_settings": gecko(strict_max_version="99.*")},
        ("notice", "STRICT_MAX_VERSION"),
    ),
    "a theme's maximum": (
        {"theme": {}, "browser_specific_settings": gecko(strict_max_version="99.*")},
        ("notice", "STRICT_MAX_VERSION"),
    ),
    "Android's maximum": (
        {"browser_specific_settings": {"gecko_android": {"strict_max_version": "120.*"}}},
        ("notice", "STRICT_MAX_VERSION"),
    ),
}


@pytest.mark.parametrize(("manifest", "message"), ODD_MANIFESTS.values(), ids=ODD_MANIFESTS)
def test_manifests_that_are_remarked_on(manifest: dict[str, Any], message: tuple[str, str]) -> None:
    found = look(package(**manifest))
    assert said(found) == [message]
    assert found.package is not None


@pytest.mark.parametrize("text", ["", "[]", "null", "{", b'{"name": "\xff"}', '{"a": 1} x', "[" * 100_000])
def test_what_is_no_manifest(text: str | bytes) -> None:
    content = package(text or " ")
    assert said(look(content)) == [("error", "Could not parse the manifest file.")]


def test_what_is_quoted_is_short() -> None:
    """A list where a text belongs can have any size, and would be most of a message."""
    long = ["x" * 1000] * 1000
    settings = gecko(strict_min_version=long, strict_max_version={"x": long})
    found = look(package(background={"scripts": [long]}, browser_specific_settings=settings))
    assert max(len(str(message)) for message in found.result["messages"]) < 600
    assert ("error", 'Unknown "strict_min_version" list for Firefox') in said(found)


def test_icons_that_are_square_or_of_unknown_size_and_good_origins() -> None:
    for image in (png(2, 2), b"<svg/>", b"", b"\x89PNG\r\n\x1a\n", JPEG, b"\xff\xd8\xff" * 5000):
        origins = ["https://example.org", "http://localhost:8000", "https://[::1]:8000"]
        manifest = {"icons": {"48": "i"}, "install_origins": origins}
        assert said(look(package(files={"i": image}, **manifest))) == []


def test_marks_and_comments_are_read_over() -> None:
    text = '\ufeff// one\n{"a": "// no /* comment", /* two\n */ "b": "\\"//"} // three'
    assert read_json(text.encode()) == {"a": "// no /* comment", "b": '"//'}


def test_what_a_package_says() -> None:
    scripts = [{"matches": ["*://*/*", "tabs"], "js": ["c.js"]}]
    found = read(
        files={"c.js": "", "d.html": "", "i.png": png(1, 1), "j.png": png(2, 2), "k.svg": b"<svg/>"},
        permissions=["tabs", "https://example.org/*"],
        optional_permissions=["bookmarks"],
        content_scripts=scripts,
        devtools_page="d.html",
        icons={"16": "i.png", "48": "/j.png", "96": "k.svg"},
        homepage_url="https://example.org/",
        developer={"name": "Ann", "url": "https://ann.example.org/"},
    )
    assert found["file"]["permissions"] == ["tabs", "https://example.org/*", "*://*/*", "devtools"]
    assert found["file"]["optional_permissions"] == ["bookmarks"]
    assert found["homepage"] == {"en-US": "https://ann.example.org/"}
    assert (found["icon"], found["guid"], found["type"]) == ("j.png", "tree@example.org", "extension")
    assert (found["name"], found["summary"]) == ({"en-US": "Tab Tree"}, {"en-US": "Tabs in a tree."})


def test_texts_in_the_languages_of_the_package() -> None:
    messages = {
        "Name": {"message": "$what$ tree", "placeholders": {"WHAT": {"content": "Tab"}}},
        "about": {"message": "In a tree."},
    }
    files = {f"_locales/{folder}/messages.json": json.dumps(messages) for folder in ("en", "de", "xx_XX")}
    files["_locales/pt_BR/messages.json"] = json.dumps({"name": {"message": "Árvore"}})
    found = read(files=files, name="__MSG_NAME__", description="1: __MSG_about__", default_locale="en")
    assert found["name"] == {"en-US": "Tab tree", "de": "Tab tree", "pt-BR": "Árvore"}
    assert found["summary"] == dict.fromkeys(("en-US", "de", "pt-BR"), "1: In a tree.")
    assert found["default_locale"] == "en-US"


@pytest.mark.parametrize(
    ("manifest", "kind", "limits"),
    [
        ({"browser_specific_settings": None}, "extension", {"firefox": ("42.0", "*")}),
        ({}, "extension", {"firefox": ("42.0", "*"), "android": ("48.0", "*")}),
        (
            {"browser_specific_settings": gecko(strict_min_version="60.0", strict_max_version="50.0")},
            "extension",
            {"firefox": ("60.0", "60.0"), "android": ("48.0", "*")},
        ),
        (
            {"browser_specific_settings": {"gecko_android": {}}},
            "extension",
            {"firefox": ("42.0", "*"), "android": ("113.0", "*")},
        ),
        (
            {"browser_specific_settings": {"gecko_android": {"strict_min_version": "120.0"}}},
            "extension",
            {"firefox": ("42.0", "*"), "android": ("120.0", "*")},
        ),
        ({"manifest_version": 3}, "extension", {"firefox": ("109.0a1", "*"), "android": ("48.0", "*")}),
        (
            {"manifest_version": 3, "browser_specific_settings": gecko(strict_min_version="90.0")},
            "extension",
            {"firefox": ("109.0a1", "*"), "android": ("48.0", "*")},
        ),
        ({"theme": {}}, "statictheme", {"firefox": ("53.0", "*")}),
        ({"dictionaries": {"fr": "a.dic"}, "files": {"a.dic": ""}}, "dictionary", {}),
        (
            {"langpack_id": "fr", "browser_specific_settings": gecko(strict_max_version="99.*")},
            "language",
            {"firefox": ("42.0", "99.*")},
        ),
    ],
    ids=[
        "nothing",
        "gecko",
        "upside down",
        "Android",
        "its own",
        "MV3",
        "MV3 in vain",
        "theme",
        "dictionary",
        "language",
    ],
)
def test_types_and_applications(manifest: Any, kind: str, limits: dict[str, tuple[str, str]]) -> None:
    found = read(**manifest)
    assert found["type"] == kind
    assert found["compatibility"] == {app: {"min": low, "max": high} for app, (low, high) in limits.items()}
    assert found["target_locale"] == ("fr" if kind in ("dictionary", "language") else None)


def test_releases_are_known_where_there_is_a_list_of_them() -> None:
    """contract/uploads.md 4.3"""
    app_versions = {"firefox": ("57.0", "58.*"), "android": ("120.0",)}

    def messages(gecko_android: dict[str, str], **fields: str) -> list[tuple[str, str]]:
        manifest = {"gecko": {**GECKO, **fields}, "gecko_android": gecko_android}
        found = look(package(browser_specific_settings=manifest), app_versions=app_versions)
        return [one for one in said(found) if one[0] == "error"]

    assert messages({"strict_min_version": "120.0"}, strict_min_version="57.0") == []
    assert messages({}, strict_min_version="57.0", strict_max_version="58.*") == []
    assert messages({"strict_max_version": "*"}, strict_max_version="*") == []
    assert messages(
        {"strict_min_version": "121.0"}, strict_min_version="58.0", strict_max_version="59.*"
    ) == [
        ("error", 'Unknown "strict_min_version" 58.0 for Firefox'),
        ("error", 'Unknown "strict_max_version" 59.* for Firefox'),
        ("error", 'Unknown "strict_min_version" 121.0 for Firefox for Android'),
    ]
    found = look(
        package(browser_specific_settings=gecko(strict_min_version="58.0")), app_versions=app_versions
    )
    [message] = [one for one in found.result["messages"] if one["type"] == "error"]
    del message["uid"]
    assert message == {
        "id": ["validation", "messages", ""],
        "type": "error",
        "message": 'Unknown "strict_min_version" 58.0 for Firefox',
        "description": [],
        "file": "manifest.json",
        "line": None,
        "column": None,
        "tier": 1,
        "compatibility_type": None,
    }
    other = look(
        package(browser_specific_settings=gecko(strict_min_version="58.0")),
        app_versions={"android": ("1.0",)},
    )
    assert said(other) == [], "of other applications there is a list"


def test_an_address_of_updates_is_for_unlisted_packages() -> None:
    manifest = {"browser_specific_settings": gecko(update_url="https://example.org/")}
    assert said(look(package(**manifest), listed=False)) == [("notice", "MANIFEST_UNUSED_UPDATE")]
