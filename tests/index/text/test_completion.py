"""Autocomplete (contract/search.md 7.6)."""

import pytest

from index.criteria.clauses import AnyOf
from index.entry import make_entry
from tests.index.text.small_indexes import Listing, named, numbered

MILLION = 1_000_000


@pytest.fixture(scope="module")
def listing() -> Listing:
    return Listing(
        named("uBlock Origin", 8 * MILLION),
        named("Adblock Plus", 5 * MILLION),
        named("Ad Limiter", 2_800),
        named("Webmail Ad Blocker", 100_000),
        named("Video DownloadHelper", 4 * MILLION),
        named("Todoist", 16_000, "A list of what to do."),
        named("Do", 3),
        named("Tree Style Tab", 100_000),
        named("Style Sheets", 90_000),
        named("Stationery", 30),
        named("Plain", 50, "A start page."),
        named("Éditeur de thèmes", 700),
        named("Größenänderung", 60),
        named("Менеджер закладок", 500),
        named("مدير التبويبات", 400),
        named("分頁管理員", 300),
        named("ブックマーク・マネージャー", 200),
        named("탭 관리자", 100),
        named("Bookmark Manager", 70_000),
    )


def complete(listing: Listing, q: str, limit: int = 10) -> list[str]:
    ids = listing.engine.complete(q, "en-US", (), limit).ids
    assert len(ids) == len(set(ids)) <= limit
    return [next(iter((listing.addons[id_ - 1]["name"] or {}).values())) for id_ in ids]


@pytest.mark.parametrize(
    ("q", "first"),
    [
        pytest.param(
            "ad", ["Adblock Plus", "Webmail Ad Blocker", "Ad Limiter"], id="any word, by popularity"
        ),
        pytest.param("dow", ["Video DownloadHelper"], id="a word in the middle"),
        pytest.param("hel", ["Video DownloadHelper"], id="a part of a word"),
        pytest.param("do", ["Do", "Video DownloadHelper", "Todoist"], id="equal to a name; texts last"),
        pytest.param("st", ["Style Sheets", "Tree Style Tab", "Stationery"], id="a name's first word"),
        pytest.param("lock", ["uBlock Origin", "Adblock Plus"], id="inside a word, where none begins so"),
        pytest.param("adblockp", ["Adblock Plus"], id="beyond the end of a word"),
        pytest.param("tree st", ["Tree Style Tab"], id="several words"),
        pytest.param("video d", ["Video DownloadHelper"], id="several words, the last of one letter"),
        pytest.param("ubolck", ["uBlock Origin"], id="mistyped"),
        pytest.param("éd", ["Éditeur de thèmes"], id="accents"),
        pytest.param("ed", ["Éditeur de thèmes"], id="no accents"),
        pytest.param("the", ["Éditeur de thèmes"], id="accents in the middle"),
        pytest.param("grö", ["Größenänderung"], id="German"),
        pytest.param("за", ["Менеджер закладок"], id="Cyrillic"),
        pytest.param("ЗАК", ["Менеджер закладок"], id="Cyrillic capitals"),
        pytest.param("الت", ["مدير التبويبات"], id="Arabic"),
        pytest.param("تبو", ["مدير التبويبات"], id="Arabic without the article"),
        pytest.param("管理", ["分頁管理員"], id="Chinese, in the middle"),
        pytest.param("管", ["分頁管理員"], id="one Chinese character"),
        pytest.param("分頁管", ["分頁管理員"], id="three Chinese characters"),
        pytest.param("マネ", ["ブックマーク・マネージャー"], id="Japanese"),
        pytest.param("관리", ["탭 관리자"], id="Korean"),
    ],
)
def test_top_completions(listing: Listing, q: str, first: list[str]) -> None:
    assert complete(listing, q)[: len(first)] == first


@pytest.mark.parametrize("q", ["s", "st", "sty", "ad", "b", "bo", "xyzzy", "マ", " ", "!!", "a" * 100])
def test_a_greater_limit_only_appends(listing: Listing, q: str) -> None:
    all_names = complete(listing, q)
    for limit in range(1, len(all_names)):
        assert complete(listing, q, limit) == all_names[:limit]


def test_one_letter_is_a_prefix_in_autocomplete_only(listing: Listing) -> None:
    assert complete(listing, "d")
    assert not set(complete(listing, "d")) & set(listing.find("d"))


def test_filters_apply(listing: Listing) -> None:
    assert listing.engine.complete("ad", "en-US", (AnyOf(("type:statictheme",)),), 10).ids == []


def test_a_change_clears_cached_completions() -> None:
    index = Listing(named("Tab Tree", 50), named("Tabby", 10))
    for locale in ("en-US", "de", "ja"):
        assert index.engine.complete("tab", locale, (), 10).ids == [1, 2]
    more = numbered([named("One"), named("Two"), named("Tab Tree", 9_000)])[2]
    index.engine.apply([(more, make_entry(more, {}))], [2])
    index.engine.refresh()
    assert index.engine.complete("tab", "de", (), 10).ids == [3, 1]
