"""Featured sets: places, changes, and what counts where there are none (contract/search.md 2.6)."""

import pytest

from conf.vocabulary import APPS
from index.criteria.clauses import AnyOf
from index.criteria.featured import FeaturedSets
from index.entry import Featuring, featured_terms, make_entry
from server.search_params.parameters import SearchOptions, SearchRequest, featured, featured_clause
from tests.factories import make_addon

FIREFOX = Featuring("firefox", None, None)
FRENCH = Featuring("firefox", "fr", None)
BOOKMARKS = Featuring("firefox", None, "bookmarks")


def matches(places: tuple[Featuring, ...], clause: AnyOf) -> bool:
    return not set(make_entry(make_addon(), {}, places).terms).isdisjoint(clause.terms)


@pytest.mark.parametrize(
    ("place", "conditions", "is_match"),
    [
        pytest.param(FIREFOX, (None, None), True, id="anywhere"),
        pytest.param(FIREFOX, ("firefox", None), True, id="application"),
        pytest.param(FIREFOX, ("android", None), False, id="another application"),
        pytest.param(FIREFOX, ("firefox", "de"), True, id="for all languages"),
        pytest.param(FRENCH, ("firefox", "fr"), True, id="language"),
        pytest.param(FRENCH, (None, "fr-FR"), True, id="region of the language"),
        pytest.param(FRENCH, ("firefox", "de"), False, id="another language"),
        pytest.param(FRENCH, ("firefox", "xx"), False, id="an unknown language"),
        pytest.param(FRENCH, ("firefox", None), True, id="no language asked for"),
        pytest.param(BOOKMARKS, ("firefox", None, "bookmarks"), True, id="category"),
        pytest.param(BOOKMARKS, ("firefox", None), True, id="no category asked for"),
        pytest.param(BOOKMARKS, ("firefox", None, "tabs"), False, id="the set's category, not the add-on's"),
        pytest.param(FIREFOX, ("firefox", None, "tabs"), True, id="the add-on's own category"),
        pytest.param(FIREFOX, ("firefox", None, "bookmarks"), False, id="not its category"),
    ],
)
def test_all_conditions_hold_for_one_place(
    place: Featuring, conditions: tuple[str | None, ...], is_match: bool
) -> None:
    assert matches((place,), featured_clause(*conditions)) is is_match


def test_conditions_are_not_gathered_from_several_places() -> None:
    both = (Featuring("android", None, None), FRENCH)
    assert not matches(both, featured_clause("android", None, "bookmarks"))
    assert matches(both, featured_clause("android", "fr"))  # the set for all languages
    assert not matches((Featuring("android", "de", None), FRENCH), featured_clause("android", "fr"))


@pytest.mark.parametrize("app", list(APPS))
def test_terms_are_what_clauses_ask(app: str) -> None:
    terms = set(featured_terms(Featuring(app, "fr", "tabs"), ()))
    assert set(featured_clause(app, "fr", "tabs").terms) & terms
    assert all(term.count(":") == 3 for term in terms)


@pytest.mark.parametrize(
    ("params", "terms"),
    [
        ({}, ("promoted:recommended",)),
        ({"app": "android", "lang": "fr"}, ("promoted:recommended:android",)),
    ],
)
def test_without_sets_the_filter_means_recommended(params: dict[str, str], terms: tuple[str, ...]) -> None:
    request = SearchRequest(params, "v3", SearchOptions(featured_sets=False))
    assert list(featured("true", request)) == [AnyOf(terms)]


class TestSets:
    def test_none_kept(self) -> None:
        sets = FeaturedSets()
        assert not sets
        assert (sets.places(1), sets.is_featured(1)) == ((), None)

    def test_kept(self) -> None:
        sets = FeaturedSets()
        assert sets.replace({1: (FIREFOX,)}) == {1}
        assert sets
        assert (sets.places(1), sets.is_featured(1)) == ((FIREFOX,), True)
        assert (sets.places(2), sets.is_featured(2)) == ((), False)

    def test_a_set_of_nothing_is_a_set(self) -> None:
        sets = FeaturedSets()
        assert sets.replace({}) == set()
        assert sets
        assert sets.is_featured(1) is False

    def test_only_what_differs_has_changed(self) -> None:
        sets = FeaturedSets()
        sets.replace({1: (FIREFOX,), 2: (FRENCH,), 3: (FIREFOX,)})
        assert sets.replace({1: (FIREFOX,), 2: (FRENCH, FIREFOX), 4: (FRENCH,)}) == {2, 3, 4}
        assert sets.replace(None) == {1, 2, 4}
        assert not sets
