"""Heroes and shelves (contract/extras.md 3)."""

from typing import Any

import pytest

from tests.handlers.curated_server import Lists

FR_ONLY = {"fr": "Sombre."}


def results(lists: Lists, path: str) -> list[dict[str, Any]]:
    answer = lists.get(f"/api/{path}")
    assert answer.status == 200, path
    assert list(answer.json) == ["results"]
    found: list[dict[str, Any]] = answer.json["results"]
    return found


def test_primary_heroes_are_the_enabled_ones_whose_add_on_is_public(lists: Lists) -> None:
    """contract/extras.md 3.1"""
    for version in ("v4", "v5"):
        ours, external = results(lists, f"{version}/hero/primary/?lang=en-US")
        assert list(ours) == ["addon", "description", "featured_image", "gradient"]
        assert ours["addon"]["slug"] == "tab-tree"
        assert "promoted" in ours["addon"] and "summary" not in ours["addon"]
        assert ours["featured_image"] == f"{lists.base}/user-media/hero/tree.jpg"
        assert ours["gradient"] == {"start": "color-ink-80", "end": "color-blue-70"}
        assert list(external) == ["external", "description", "featured_image", "gradient"]
        assert external["external"]["id"] == 9001 and external["featured_image"] is None
    assert len(results(lists, "v5/hero/primary/?all=true")) == 3


def test_texts_of_heroes_are_plain_in_v4_and_objects_in_v5(lists: Lists) -> None:
    for query, descriptions in {
        "v4/hero/primary/?all=true": ["Tabs in a tree.", "Dark.", "Elsewhere."],
        "v4/hero/primary/?all=true&lang=fr": ["Tabs in a tree.", "Sombre.", "Elsewhere."],
        "v4/hero/primary/?all=true&raw": ["", "Dark.", "Elsewhere."],
        "v5/hero/primary/?all=true": [
            {"en-US": "Tabs in a tree."},
            {"en-US": "Dark.", "fr": "Sombre."},
            {"en-US": "Elsewhere."},
        ],
        "v5/hero/primary/?all=true&raw=": ["", "Dark.", "Elsewhere."],
    }.items():
        assert [hero["description"] for hero in results(lists, query)] == descriptions, query
    german = results(lists, "v5/hero/primary/?lang=de")[0]["description"]
    assert german == {"de": None, "en-US": "Tabs in a tree.", "_default": "en-US"}
    homepages = {
        "v4/hero/primary/?lang=fr": "https://away.example/",
        "v5/hero/primary/?lang=en-US": {
            "url": {"en-US": "https://away.example/"},
            "outgoing": {"en-US": "https://away.example/"},
        },
    }
    for query, homepage in homepages.items():
        assert results(lists, query)[1]["external"]["homepage"] == homepage


def test_secondary_heroes_have_three_modules_and_links(lists: Lists) -> None:
    [hero] = results(lists, "v5/hero/secondary/?lang=fr")
    assert hero["headline"] == {"fr": "À vous"}
    blog = f"{lists.base}/blog/"
    assert hero["cta"] == {
        "url": blog,
        "outgoing": blog,
        "text": {"fr": None, "en-US": "Read on", "_default": "en-US"},
    }
    assert [module["icon"] for module in hero["modules"]] == [
        f"{lists.base}/user-media/hero/a.svg",
        "https://elsewhere.example/b.svg",
        f"{lists.base}/user-media/hero/c.svg",
    ]
    assert [module["cta"] is None for module in hero["modules"]] == [True, False, True]
    [hero] = results(lists, "v4/hero/secondary/")
    assert hero["headline"] == "Yours"
    assert hero["cta"] == {"url": blog, "text": "Read on"}
    assert len(results(lists, "v5/hero/secondary/?all=true")) == 2


def test_draws_are_random_and_never_kept_by_the_server(lists: Lists) -> None:
    """Repeated requests get different answers, which caches may store as any public read."""
    for path in ("v4/hero/", "v5/hero/", "v5/shelves/"):
        answers = [lists.get(f"/api/{path}?lang=en-US") for _ in range(40)]
        assert {"addon" in answer.json["primary"] for answer in answers} == {True, False}
        assert len({answer.headers["ETag"] for answer in answers}) > 1
        assert {answer.headers["Cache-Control"] for answer in answers} == {"max-age=360"}
        assert answers[0].json["secondary"]["headline"]


def test_shelves(lists: Lists) -> None:
    """contract/extras.md 3.2"""
    answer = lists.get("/api/v5/shelves/?lang=en-US").json
    assert list(answer) == ["results", "primary", "secondary"]
    first, second, tagged, secret = answer["results"]
    assert list(first) == ["title", "url", "endpoint", "addon_type", "footer", "addons"]
    api, site = f"{lists.base}/api/v5", f"{lists.base}/en-US/firefox"
    query = "guid=ext-5@example.org,ext-7@example.org,ext-6@example.org&sort=downloads"
    assert first["title"] == {"en-US": "First"}
    assert first["url"] == f"{api}/addons/search/?{query}"
    assert [addon["id"] for addon in first["addons"]] == [7, 6]
    assert first["addons"] == lists.get(f"{first['url']}&lang=en-US").json["results"][:2]
    assert first["footer"]["url"] == f"{site}/search/?{query}" and first["footer"]["text"] is None
    assert second["url"] == f"{api}/accounts/account/mozilla/collections/picks/addons/"
    items = lists.get(f"{second['url']}?lang=en-US").json["results"]
    assert second["addons"] == [item["addon"] for item in items]
    assert second["footer"] == {
        "url": "https://elsewhere.example/",
        "outgoing": "https://elsewhere.example/",
        "text": {"en-US": "All picks"},
    }
    assert tagged["title"] == {"en-US": "For privacy"}  # the one tag that has an add-on
    assert tagged["url"] == f"{api}/addons/search/?tag=privacy"
    assert [addon["id"] for addon in tagged["addons"]] == [8]
    assert (tagged["footer"]["url"], tagged["footer"]["text"]) == (
        f"{site}/tag/privacy/",
        {"en-US": "More privacy"},
    )
    assert secret["addons"] == []


def test_editorial_shelves_are_all_texts_in_english(lists: Lists) -> None:
    titles = [(shelf["title"], shelf["footer_text"]) for shelf in results(lists, "v5/shelves/editorial/")]
    assert titles == [
        ("Off", ""),
        ("First", ""),
        ("Second", "All picks"),
        ("For {tag}", "More {tag}"),
        ("Secret", ""),
    ]


@pytest.mark.parametrize("path", ["v3/hero/", "v3/hero/primary/", "v3/shelves/", "v4/shelves/"])
def test_versions_without(lists: Lists, path: str) -> None:
    assert lists.get(f"/api/{path}").status == 404


def test_what_is_left_out_on_purpose_is_404(lists: Lists) -> None:
    """handlers/README.md says why."""
    for path in ("v5/shelves/sponsored/", "v5/accounts/super-create/", "v4dev/addons/search/"):
        assert lists.get(f"/api/{path}").status == 404
        assert lists.request("POST", f"/api/{path}").status == 404


def test_nobody_writes_them(lists: Lists) -> None:
    for path in ("hero/", "hero/primary/", "hero/secondary/", "shelves/", "shelves/editorial/"):
        assert lists.request("POST", f"/api/v5/{path}").status == 405
