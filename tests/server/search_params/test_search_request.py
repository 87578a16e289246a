"""A search as a whole: q, sort, rescoring; whatever is sent, a query or a documented refusal."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conf.vocabulary import VERSIONS
from index.criteria.search_query import SearchQuery
from index.criteria.sorting import Sort
from server.search_params.errors import ParameterError
from server.search_params.filters import FILTERS, current_hour, parse_search
from server.search_params.parameters import SearchOptions


def search(params: dict[str, str], version: str = "v5", *, autocomplete: bool = False) -> SearchQuery:
    return parse_search(params, version, SearchOptions(), autocomplete=autocomplete)


@pytest.mark.parametrize(
    ("q", "parsed"),
    [
        pytest.param("Tab TREE", "tab tree", id="lower-cased"),
        pytest.param("  a ", "  a ", id="not trimmed"),
        pytest.param("", None, id="empty is absent"),
        pytest.param(" ", " ", id="white space counts"),
        pytest.param("é" * 100, "é" * 100, id="100 characters"),
    ],
)
def test_q(q: str, parsed: str | None) -> None:
    assert search({"q": q}).q == parsed


@pytest.mark.parametrize("autocomplete", [False, True], ids=["search", "autocomplete"])
@pytest.mark.parametrize("q", ["x" * 101, "İ" * 51], ids=["101 characters", "101 and more once lower-cased"])
def test_long_q_is_refused_before_anything_else(q: str, autocomplete: bool) -> None:
    with pytest.raises(ParameterError, match=r"Maximum query length exceeded\."):
        search({"q": q, "app": "nonsense"}, autocomplete=autocomplete)


def test_filters_fail_before_the_sort() -> None:
    with pytest.raises(ParameterError, match="app"):
        search({"app": "x", "sort": "x"})


@pytest.mark.parametrize(
    ("version", "params", "autocomplete", "sort", "rescore"),
    [
        pytest.param("v5", {"q": "x"}, False, ("relevance",), True, id="relevance by default"),
        pytest.param(
            "v5", {"q": "x", "sort": "relevance"}, False, ("relevance",), True, id="relevance by name"
        ),
        pytest.param(
            "v5", {"q": "x", "sort": "recommended"}, False, ("relevance",), False, id="by a dropped list"
        ),
        pytest.param("v5", {"q": "x", "sort": "users"}, False, ("users",), False, id="other sort"),
        pytest.param("v5", {}, False, ("recommended", "users"), False, id="no q"),
        pytest.param("v3", {"q": "x", "sort": "users"}, True, ("users",), False, id="v3 autocomplete sorts"),
        pytest.param(
            "v4", {"sort": "nonsense"}, True, ("recommended", "downloads"), False, id="v4 does not look"
        ),
        pytest.param("v5", {"q": "x", "sort": "users"}, True, ("relevance",), True, id="v5 does not either"),
    ],
)
def test_sort_of_search_and_autocomplete(
    version: str, params: dict[str, str], autocomplete: bool, sort: tuple[str, ...], rescore: bool
) -> None:
    query = search(params, version, autocomplete=autocomplete)
    assert (query.sort, query.rescore) == (sort, rescore)
    assert query.by_relevance == (sort == ("relevance",))


def test_v3_autocomplete_refuses_a_bad_sort() -> None:
    with pytest.raises(ParameterError, match="sort"):
        search({"sort": "nonsense"}, "v3", autocomplete=True)


def test_random_order_changes_with_the_hour_only() -> None:
    params = {"promoted": "line", "sort": "random"}

    def sort_at(hour: int) -> Sort:
        return parse_search(params, "v5", SearchOptions(), hour=lambda: hour).sort

    assert sort_at(5) == sort_at(5) != sort_at(6)
    assert search(params).sort in {(f"random:{current_hour() - passed}",) for passed in (0, 1)}


def test_queries_can_key_a_cache() -> None:
    assert len({search({"app": "firefox", "tag": "a"}), search({"tag": "a", "app": "1"})}) == 1


names = st.sampled_from([row.name for row in FILTERS] + ["q", "sort", "lang"])
pieces = st.sampled_from([
    "firefox", "1", "extension", "0", "tabs", "true", "badged", "line", "random", "relevance", "rta:", "a@b",
    "Zm9vQGJhci5vcmc", "46.0", "*", "-1", "nan", "inf", "1e999", "१२", "１２",
    "\0", "\ud800", "😀", "'", "%", "9" * 5000,
    "2024-02-30", "2024-05-01", "9999-12-31", "0001-01-01", "0000-00-00", "²", "İ", "=", " ", "{", "10" * 200,
])  # fmt: skip
values = st.one_of(
    st.text(), pieces, st.lists(pieces, max_size=4).map(",".join), st.lists(pieces).map("".join)
)


@given(st.sampled_from(VERSIONS), st.dictionaries(names, values), st.booleans(), st.booleans())
@example("v5", {"guid": "," * 60_000}, False, False)
@example("v5", {"guid": "rta:" + "A" * 60_000}, False, False)
@example("v5", {"app": "1", "appversion": "9" * 60_000}, False, False)
@example("v5", {"users": str(10**400), "ratings": str(10**400), "created": str(10**400)}, False, False)
def test_any_parameters_give_a_query_or_a_refusal(
    version: str, params: dict[str, str], autocomplete: bool, rta: bool
) -> None:
    try:
        query = parse_search(params, version, SearchOptions(return_to_amo=rta), autocomplete=autocomplete)
    except ParameterError as error:
        assert str(error)
    else:
        assert hash(query) == hash(query)
