"""The objects of each API version as wholes (contract/addons.md 5 and 10, contract/versions.md 2)."""

from dataclasses import replace

import orjson
import pytest

from conf.model.curated import DiscoveryDoc
from conf.settings.settings import Settings
from index.shapes.api_versions import SHAPES
from index.shapes.urls import context_for
from index.shapes.view import View
from server.shapes.categories import category_shape, listed_categories
from server.shapes.discovery import discovery_item
from tests.factories import make_addon, make_preview, make_version
from tests.index.shapes.shape_context import RECOMMENDED, SITE, USERS, VERSIONS, detail, row, shapes
from tests.sweep import sweep

ADDON_KEYS = """
    id authors average_daily_users categories contributions_url created current_version default_locale
    description developer_comments edit_url guid has_eula has_privacy_policy homepage icon_url icons
    is_disabled is_experimental is_featured is_noindexed is_source_public last_updated name previews
    promoted ratings ratings_url requires_payment review_url slug status summary support_email support_url
    tags type url versions_url weekly_downloads
"""
ABSENT = {
    "v3": {"created", "promoted", "is_noindexed"},
    "v4": {"is_featured", "is_source_public", "is_noindexed"},
    "v5": {"is_featured", "is_source_public"},
}

CURATED: DiscoveryDoc = {
    "_id": 1,
    "addon_id": 7,
    "position": 0,
    "editions": [],
    "heading": {"en-US": "H"},
    "description": {"en-US": "D"},
    "is_recommendation": False,
}


@sweep("version", VERSIONS)
def test_keys_and_their_order(version: str) -> None:
    expected = [key for key in ADDON_KEYS.split() if key not in ABSENT[version]]
    assert list(detail(version)) == expected
    assert list(row(version)) == expected
    assert list(shapes(version).with_unlisted(detail(version), make_addon(), View(version))) == [
        *expected,
        "latest_unlisted_version",
    ]


def test_an_unknown_version_has_no_shapes() -> None:
    assert list(SHAPES) == list(VERSIONS)
    with pytest.raises(KeyError):
        shapes("v6")


@sweep("version", VERSIONS)
def test_every_object_goes_into_json(version: str) -> None:
    view, api = View(version, lang="fr"), shapes(version)
    for shape in (
        api.detail(make_addon(), USERS, replace(view, grouped=True)),
        api.row(make_addon(), USERS, view),
        api.suggestion(make_addon(), view),
        api.language_tool(make_addon(), view),
        api.eula_policy(make_addon(), view),
        [category_shape(category, view) for category in listed_categories(version)],
    ):
        assert orjson.loads(orjson.dumps(shape)) == shape


@sweep("version", VERSIONS)
def test_what_clients_cannot_bear_as_null(version: str) -> None:
    bare = make_addon(previews=[], icons={}, tags=[], authors=[], categories={}, contributions_url="")
    for shape in (detail(version, bare), row(version, bare)):
        for key in ("previews", "ratings", "current_version", "authors", "categories", "tags", "icons"):
            assert shape[key] is not None, key
        assert shape["icon_url"] == f"{SITE}/static/img/addon-icons/default-64.png"
        assert shape["contributions_url"] == ""


@sweep("version", VERSIONS)
def test_another_version_can_take_the_current_ones_place(version: str) -> None:
    older = make_version(id=4, version="0.4")
    shape = shapes(version).detail(make_addon(), USERS, View(version), current=older)
    assert shape["current_version"]["id"] == 4


@sweep("version", VERSIONS)
def test_addon_without_current_version(version: str) -> None:
    assert detail(version, make_addon(status="incomplete", versions=[]))["current_version"] is None


@sweep("version", VERSIONS)
def test_latest_unlisted_version_is_the_last_key(version: str) -> None:
    unlisted = make_version(id=5, channel="unlisted")
    api, view = shapes(version), View(version)
    addon = make_addon(versions=[make_version(), unlisted])
    shape = api.with_unlisted(api.detail(addon, USERS, view), addon, view)
    assert shape["latest_unlisted_version"]["id"] == 5
    assert list(shape["latest_unlisted_version"]) == list(shape["current_version"])
    assert api.with_unlisted({}, make_addon(), view) == {"latest_unlisted_version": None}


@pytest.mark.parametrize(
    "version, keys",
    [
        ("v3", ["id", "icon_url", "name", "type", "url"]),
        ("v4", ["id", "icon_url", "name", "promoted", "type", "url"]),
        ("v5", ["id", "icon_url", "icons", "name", "promoted", "type", "url"]),
    ],
)
def test_suggestion(version: str, keys: list[str]) -> None:
    shape = shapes(version).suggestion(make_addon(), View(version, lang="en-US"))
    assert list(shape) == keys
    assert shape["name"] == ({"en-US": "Tab Tree"} if version == "v5" else "Tab Tree")


@sweep("version", VERSIONS)
def test_language_tool(version: str) -> None:
    addon = make_addon(type="language", target_locale="fr", locale_disambiguation="classic")
    api, view = shapes(version), View(version)
    keys = ["id", "default_locale", "guid", "name", "slug", "target_locale", "type", "url"]
    keys += ["locale_disambiguation"] * (version == "v3")
    plain = api.language_tool(addon, view)
    assert list(plain) == keys
    assert plain.get("locale_disambiguation", "classic") == "classic"
    files = "file" if version == "v5" else "files"
    compatible = api.compatible_version(addon["versions"][0], view)
    assert set(compatible) == {"id", files, "reviewed", "version"}


def test_discovery_shows_of_a_theme_the_preview_made_for_it() -> None:
    previews = [make_preview(id=1, image_size=[720, 92]), make_preview(id=2, image_size=[680, 92])]
    api, view = shapes("v4"), View("v4")
    theme = make_addon(type="statictheme", previews=previews)
    item = discovery_item(api, CURATED, theme, USERS, view)
    assert list(item) == ["addon", "description_text", "heading_text", "is_recommendation"]
    assert [preview["id"] for preview in item["addon"]["previews"]] == [2]
    extension = discovery_item(api, CURATED, make_addon(previews=previews), USERS, view)
    assert [preview["id"] for preview in extension["addon"]["previews"]] == [1, 2]


def test_categories_endpoint() -> None:
    shape = [category_shape(category, View("v4", locale="en-US")) for category in listed_categories("v4")]
    assert list(shape[0]) == ["id", "name", "slug", "application", "misc", "type", "weight", "description"]
    assert [category["id"] for category in shape] == sorted(category["id"] for category in shape)
    apps = {version: {category.app for category in listed_categories(version)} for version in VERSIONS}
    assert apps == {
        "v3": {"firefox", "android", "thunderbird", "seamonkey"},
        "v4": {"firefox", "android"},
        "v5": {"firefox"},
    }


@sweep("version", VERSIONS)
def test_shapes_leave_the_document_as_it_is(version: str) -> None:
    addon = make_addon(homepage={"en-US": "https://a.example/"}, promoted=[RECOMMENDED])
    before = orjson.dumps(addon)
    api, view = shapes(version), View(version, wrap=True)
    api.with_unlisted(api.detail(addon, USERS, replace(view, grouped=True)), addon, view)
    discovery_item(api, CURATED, addon, USERS, view)
    assert orjson.dumps(addon) == before


def test_context_from_settings() -> None:
    bound = context_for(Settings(), "http://127.0.0.1:8000/")
    assert (bound.site_url, bound.media_url, bound.static_url) == (
        "http://127.0.0.1:8000",
        "http://127.0.0.1:8000/user-media",
        "http://127.0.0.1:8000/static",
    )
    settings = replace(Settings(), media_url="https://m.example/")
    named = context_for(settings, "https://a.example")
    assert (named.site_url, named.media_url, named.static_url) == (
        "https://a.example",
        "https://m.example",
        "https://a.example/static",
    )
