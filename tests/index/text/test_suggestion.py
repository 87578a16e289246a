"""Suggestions: "did you mean" (contract/search.md 7.7)."""

import pytest

from index.criteria.clauses import AnyOf
from index.text.suggestion import MAX_SPELLINGS
from tests.index.text.small_indexes import Listing, named


@pytest.fixture(scope="module")
def listing() -> Listing:
    return Listing(
        named("Ad Blocker", 9_000, "Blocks what annoys."),
        named("Pop Blocker", 800),
        named("Broker", 800),
        named("Dark Reader", 7_000),
        named("Tab Manager", 5_000),
        named("Userscript Manager", 4_000),
        named("Weather Forecast", 3_000),
        named("Éditeur d'images", 200),
        named("Менеджер закладок", 500),
        named("分頁管理員", 300),
        named("Page Counter", 30, type="statictheme"),
    )


@pytest.mark.parametrize(
    ("q", "suggestion"),
    [
        pytest.param("ad blocker", None, id="matched as it stands"),
        pytest.param("blocks annoys", None, id="matched in a text"),
        pytest.param("ad bloker", "ad blocker", id="one word"),
        pytest.param("bloker", "blocker", id="alone, and the frequent of two"),
        pytest.param("wheather forcast", "weather forecast", id="two words"),
        pytest.param("reade r blocker", "reader blocker", id="joined"),
        pytest.param("tabmanager dark", "tab manager dark", id="split"),
        pytest.param("ad-bloker", "ad-blocker", id="words held together by a sign"),
        pytest.param("éditeur d'imgaes", "éditeur d'images", id="accents"),
        pytest.param("менджер закладок", "менеджер закладок", id="Cyrillic"),
        pytest.param("qqqqqq", None, id="like nothing"),
        pytest.param("dark forecast", None, id="all known, in none together"),
        pytest.param("werbung bloker", "werbung blocker", id="a synonym is no mistake"),
        pytest.param("管里", None, id="a script without spaces"),
        pytest.param("   ", None, id="nothing typed"),
        pytest.param("!?", None, id="no word"),
    ],
)
def test_suggestions(listing: Listing, q: str, suggestion: str | None) -> None:
    assert listing.engine.suggest(q, "de" if "werbung" in q else "en-US", ()) == suggestion


def test_the_suggestion_has_matches(listing: Listing) -> None:
    themes = (AnyOf(("type:statictheme",)),)
    assert listing.engine.suggest("page", "en-US", themes) is None
    assert listing.engine.suggest("pge countr", "en-US", themes) == "page counter"


@pytest.mark.parametrize("q", ["ab" * 50, "bloker " * 14, "a" * 100, "x-y-" * 25, "blokr" * 20])
def test_any_text_has_few_spellings(listing: Listing, q: str) -> None:
    spellings = listing.engine._spellings.candidates(q, "en-US")
    assert len(spellings) == len(set(spellings)) <= MAX_SPELLINGS
