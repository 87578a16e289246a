"""What each key of an add-on object holds, version by version (contract/addons.md 5).

Rules: contract/addons.md 5.1, 5.3, 5.5 and 5.6.
"""

from typing import Any

import pytest

from index.shapes.markup import cleaned
from index.shapes.view import View
from tests.factories import make_addon, make_preview
from tests.index.shapes.shape_context import LINKS, RECOMMENDED, SITE, USERS, VERSIONS, detail, row, shapes
from tests.sweep import sweep


@sweep("version", VERSIONS)
def test_addresses(version: str) -> None:
    shape = detail(version, locale="fr", app="android")
    assert shape["url"] == f"{SITE}/fr/android/addon/tab-tree/"
    assert shape["ratings_url"] == f"{SITE}/fr/android/addon/tab-tree/reviews/"
    assert shape["versions_url"] == f"{SITE}/fr/android/addon/tab-tree/versions/"
    assert shape["edit_url"] == f"{SITE}/fr/developers/addon/tab-tree/edit"
    assert shape["review_url"] == f"{SITE}/fr/reviewers/review/1"
    assert shape["authors"][0]["url"] == f"{SITE}/fr/android/user/7/"


@pytest.mark.parametrize(
    "slug, name",
    [("a_b-c~1", "a_b-c~1"), ("arbre-é", "arbre-%C3%A9"), ("タブ", "%E3%82%BF%E3%83%96"), (None, "1")],
)
def test_slug_in_addresses(slug: str | None, name: str) -> None:
    shape = detail("v5", make_addon(slug=slug))
    assert shape["slug"] == slug
    assert shape["url"] == f"{SITE}/en-US/firefox/addon/{name}/"


@pytest.mark.parametrize(
    "version, sizes", [("v3", ["32", "64"]), ("v4", ["32", "64", "128"]), ("v5", ["32", "64", "128"])]
)
def test_icons(version: str, sizes: list[str]) -> None:
    stored = {size: f"/addon_icons/0/1-{size}.png?modified=ab" for size in ("32", "64", "128")}
    shape = detail(version, make_addon(icons=stored))
    assert shape["icons"] == {size: f"{SITE}/user-media{stored[size]}" for size in sizes}
    assert shape["icon_url"] == f"{SITE}/user-media{stored['64']}"
    nearest = detail(version, make_addon(icons={"32": "https://cdn.example/1-32.png"}))
    assert nearest["icon_url"] == "https://cdn.example/1-32.png"


@sweep("version", VERSIONS)
def test_authors(version: str) -> None:
    authors = [
        {"user_id": 9, "role": "owner", "listed": True, "position": 2},
        {"user_id": 7, "role": "owner", "listed": False, "position": 0},
        {"user_id": 8, "role": "developer", "listed": True, "position": 1},
        {"user_id": 404, "role": "developer", "listed": True, "position": 3},
    ]
    shape = detail(version, make_addon(authors=authors))["authors"]
    assert [author["id"] for author in shape] == [8, 9]
    assert list(shape[0]) == ["id", "name", "url", "username", "picture_url"]
    assert shape[0]["name"] == "Firefox user 8"
    assert shape[0]["picture_url"] == f"{SITE}/user-media/userpics/0/0/8.png?modified=1"
    assert shape[1]["picture_url"] == "https://pictures.example/9.png"
    assert list(row(version, make_addon(authors=authors))["authors"][0]) == ["id", "name", "url", "username"]


@pytest.mark.parametrize(
    "version, picture",
    [
        ("v3", f"{SITE}/static/img/anon_user.png"),
        ("v4", f"{SITE}/static/img/anon_user.png"),
        ("v5", None),
    ],
)
def test_author_without_picture(version: str, picture: str | None) -> None:
    assert detail(version)["authors"][0]["picture_url"] == picture


@pytest.mark.parametrize(
    "stored, objects, array",
    [
        ({}, {"firefox": []}, []),
        ({"firefox": ["tabs"]}, {"firefox": ["tabs"]}, ["tabs"]),
        (
            {"android": ["other"], "firefox": ["tabs", "appearance", "other"]},
            {"android": ["other"], "firefox": ["appearance", "other", "tabs"]},
            ["other", "appearance", "tabs"],
        ),
        ({"firefox": ["tabs", "accessibility"]}, None, ["accessibility", "tabs"]),
        ({"firefox": ["productivity", "tabs"]}, None, ["tabs", "productivity"]),
    ],
    ids=["none", "one", "by-id-and-once", "accessibility-has-its-id", "unknown-last"],
)
def test_categories(stored: Any, objects: Any, array: list[str]) -> None:
    addon = make_addon(categories=stored)
    assert detail("v5", addon)["categories"] == array
    for version in ("v3", "v4"):
        assert detail(version, addon)["categories"] == objects or objects is None


@sweep("version", VERSIONS)
def test_tags_are_sorted_and_stay_as_they_are_stored(version: str) -> None:
    addon = make_addon(tags=["vpn", "ad blocker", "antivirus"])
    assert detail(version, addon)["tags"] == ["ad blocker", "antivirus", "vpn"]
    assert addon["tags"] == ["vpn", "ad blocker", "antivirus"]


@pytest.mark.parametrize(
    "groups, v4, v5",
    [
        ([], None, []),
        (
            [RECOMMENDED],
            {"apps": ["firefox", "android"], "category": "recommended"},
            [{"apps": ["firefox", "android"], "category": "recommended"}],
        ),
        (
            [{"group": "line", "apps": ["firefox"]}, RECOMMENDED],
            {"apps": ["firefox", "android"], "category": "recommended"},
            [
                {"apps": ["firefox", "android"], "category": "recommended"},
                {"apps": ["firefox"], "category": "line"},
            ],
        ),
    ],
    ids=["none", "one", "two"],
)
def test_promotion(groups: Any, v4: Any, v5: Any) -> None:
    addon = make_addon(promoted=groups)
    for shape in (detail, row):
        assert shape("v4", addon)["promoted"] == v4
        assert shape("v5", addon)["promoted"] == v5
        assert shape("v3", addon)["is_featured"] is bool(groups)


def test_v3_says_featured_as_it_is_told() -> None:
    api, view = shapes("v3"), View("v3")
    assert api.detail(make_addon(), USERS, view, featured=True)["is_featured"] is True
    assert api.row(make_addon(promoted=[RECOMMENDED]), USERS, view, featured=False)["is_featured"] is False
    assert api.row(make_addon(), USERS, view)["is_source_public"] is False


FRENCH = {"en-US": "https://a.example/", "fr": "https://b.example/"}


def test_outgoing_links_of_v3_and_v4() -> None:
    addon = make_addon(homepage=FRENCH, support_url={"en-US": "", "fr": "https://c.example/"})
    wrap = LINKS.wrap
    for version in ("v3", "v4"):
        assert detail(version, addon)["homepage"] == FRENCH
        assert detail(version, addon, lang="fr")["homepage"] == FRENCH["fr"]
        wrapped = detail(version, addon, wrap=True, locale="fr")
        assert wrapped["homepage"] == {locale: wrap(url) for locale, url in FRENCH.items()}
        assert wrapped["support_url"] == {"en-US": "", "fr": wrap("https://c.example/")}
        assert detail(version, addon, wrap=True, lang="fr")["homepage"] == wrap(FRENCH["fr"])
        assert detail(version, wrap=True)["homepage"] is None


def test_outgoing_links_of_v5() -> None:
    addon = make_addon(homepage=FRENCH)
    wrap = LINKS.wrap
    assert detail("v5", addon)["homepage"] == {
        "url": FRENCH,
        "outgoing": {locale: wrap(url) for locale, url in FRENCH.items()},
    }
    assert detail("v5", addon, lang="de", wrap=True)["homepage"] == {
        "url": {"en-US": FRENCH["en-US"], "de": None, "_default": "en-US"},
        "outgoing": {"en-US": wrap(FRENCH["en-US"]), "de": None, "_default": "en-US"},
    }
    assert detail("v5")["homepage"] is None


def test_contributions() -> None:
    addon = make_addon(contributions_url="https://paypal.me/x")
    url = (
        "https://paypal.me/x?utm_content=product-page-contribute&utm_medium=referral"
        "&utm_source=addons.mozilla.org"
    )
    wrapped = LINKS.wrap(url)
    for version in ("v3", "v4"):
        assert detail(version, addon)["contributions_url"] == url
        assert detail(version, addon, wrap=True)["contributions_url"] == wrapped
    assert detail("v5", addon)["contributions_url"] == {"url": url, "outgoing": wrapped}


@sweep("version", VERSIONS)
def test_texts_with_markup_are_made_safe_and_others_left_alone(version: str) -> None:
    text = {"en-US": "<b>x</b> <script> https://a.example/"}
    keys = ("description", "developer_comments", "eula", "privacy_policy", "summary", "name", "support_email")
    raw = make_addon(**dict.fromkeys(keys, text))
    addon = cleaned(raw)
    link = f'<a href="{LINKS.wrap("https://a.example/")}" rel="nofollow">https://a.example/</a>'
    prose = {"en-US": f"<b>x</b> &lt;script&gt; {link}"}
    shape = detail(version, addon)
    assert shape["description"] == shape["developer_comments"] == prose
    assert shapes(version).eula_policy(addon, View(version)) == {"eula": prose, "privacy_policy": prose}
    assert shape["summary"] == {"en-US": f"&lt;b&gt;x&lt;/b&gt; &lt;script&gt; {link}"}
    assert shape["name"] == shape["support_email"] == text
    assert (shape["has_eula"], shape["has_privacy_policy"]) == (True, True)


@sweep("version", VERSIONS)
def test_previews_by_position(version: str) -> None:
    previews = [
        make_preview(
            id=id,
            caption={"en-US": f"c{id}"},
            image_url=f"/previews/full/0/{id}.png?modified=1",
            position=position,
        )
        for id, position in ((1, 2), (2, 0))
    ]
    shape = detail(version, make_addon(previews=previews), lang="en-US")["previews"]
    assert [preview["id"] for preview in shape] == [2, 1]
    keys = ["id", "caption", "image_size", "image_url", "thumbnail_size", "thumbnail_url"]
    if version == "v5":
        keys.insert(4, "position")
    assert list(shape[0]) == keys
    assert shape[0]["image_url"] == f"{SITE}/user-media/previews/full/0/2.png?modified=1"
    assert shape[0]["caption"] == ({"en-US": "c2"} if version == "v5" else "c2")


@sweep("version", VERSIONS)
def test_ratings(version: str) -> None:
    assert list(detail(version)["ratings"]) == ["average", "bayesian_average", "count", "text_count"]
    grouped = shapes(version).detail(make_addon(), USERS, View(version, grouped=True))["ratings"]
    assert grouped["grouped_counts"] == {"1": 0, "2": 1, "3": 2, "4": 3, "5": 4}


@sweep("version", VERSIONS)
def test_scores_nobody_told_are_left_out(version: str) -> None:
    unknown = make_addon()["ratings"] | {"grouped_counts": dict.fromkeys("12345", 0)}
    none = unknown | {"count": 0}
    for ratings, is_shown in ((unknown, False), (none, True)):
        addon = make_addon(ratings=ratings)
        grouped = shapes(version).detail(addon, USERS, View(version, grouped=True))["ratings"]
        assert ("grouped_counts" in grouped) == is_shown


def test_search_results_do_not_say_whether_they_are_indexed() -> None:
    addon = make_addon(is_noindexed=True)
    assert (detail("v5", addon)["is_noindexed"], row("v5", addon)["is_noindexed"]) == (True, None)


@sweep("version", VERSIONS)
def test_personas(version: str) -> None:
    addon = make_addon(type="persona", categories={"firefox": ["nature"]}, persona={"accentcolor": "#ffffff"})
    shape = detail(version, addon)
    assert "weekly_downloads" not in shape
    assert ("theme_data" in shape) == (version == "v3")
    if version == "v3":
        data = shape["theme_data"]
        assert (data["id"], data["name"], data["accentcolor"], data["textcolor"]) == (
            "1",
            "Tab Tree",
            "#ffffff",
            None,
        )
        assert (data["category"], data["author"], data["version"]) == ("Nature", "ann", "1.0")
