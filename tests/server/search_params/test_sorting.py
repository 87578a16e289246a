"""The sort parameter: resolution of contract/search.md 3 and contract/versions.md 5.

Rules: contract/search.md 3.1, 3.2, 3.3 and 3.4.
"""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.gates import SORTS
from index.criteria.sorting import KEYS, Sort, random_seed, random_sort
from index.entry import NUMBERS
from server.search_params.errors import ParameterError
from server.search_params.sorting import SortContext, resolve_sort
from tests.sweep import sweep

INVALID = 'Invalid "sort" parameter.'
NOT_ALONE = 'The "random" "sort" parameter can not be combined.'
NEEDS_PROMOTED = (
    'The "sort" parameter "random" can only be specified when the "featured" or "promoted" parameter is also '
    'present, and the "q" parameter absent.'
)
NEEDS_FEATURED = (
    'The "sort" parameter "random" can only be specified when the "featured" parameter is also present, and '
    'the "q" parameter absent.'
)
DEFAULTS: dict[str, Sort] = {
    "v3": ("downloads",),
    "v4": ("recommended", "downloads"),
    "v5": ("recommended", "users"),
}
SEED = 7
RANDOM = random_sort(SEED)


def resolve(
    value: str | None, version: str = "v5", *, has_q: bool = False, sent: tuple[str, ...] = ()
) -> Sort:
    return resolve_sort(value, SortContext(version, has_q, sent), SEED)


@pytest.mark.parametrize("value", [None, ""], ids=["absent", "empty"])
@sweep("version", DEFAULTS)
def test_default(version: str, value: str | None) -> None:
    assert resolve(value, version) == DEFAULTS[version]
    assert resolve(value, version, has_q=True) == ("relevance",)


@pytest.mark.parametrize("key", ["created", "downloads", "hotness", "rating", "updated", "users"])
@sweep("version", DEFAULTS)
def test_key_of_the_first_table_is_known_to_every_version(version: str, key: str) -> None:
    assert resolve(key, version) == (key,)
    assert resolve(key, version, has_q=True) == (key,)


@pytest.mark.parametrize(
    ("version", "key", "sort"),
    [
        pytest.param("v3", "recommended,users", INVALID, id="v3 has no recommended"),
        pytest.param("v4", "recommended,users", ("recommended", "users"), id="v4 since 2019-05-23"),
        pytest.param("v5", "recommended,users", ("recommended", "users"), id="v5"),
        pytest.param("v3", "name", INVALID, id="v3 has no name"),
        pytest.param("v4", "name", INVALID, id="v4 has no name"),
        pytest.param("v5", "name", ("name",), id="v5 sorts by name"),
        pytest.param("v4", "ratings", INVALID, id="v4 has no ratings"),
        pytest.param("v5", "ratings", ("rating",), id="v5 has the newer alias"),
    ],
)
def test_key_of_some_versions(version: str, key: str, sort: Sort | str) -> None:
    if isinstance(sort, str):
        with pytest.raises(ParameterError, match=sort):
            resolve(key, version)
    else:
        assert resolve(key, version) == sort


@pytest.mark.parametrize(
    ("value", "has_q", "sort"),
    [
        pytest.param("users,created", False, ("users", "created"), id="successive keys"),
        pytest.param("users,relevance", True, ("users", "relevance"), id="relevance among others"),
        pytest.param("users,created,users", False, ("users", "created"), id="a repeated key decides nothing"),
        pytest.param("rating,ratings", False, ("rating",), id="nor does its alias"),
        pytest.param(
            "relevance,users", False, DEFAULTS["v5"], id="rule 5: relevance without q drops the list"
        ),
        pytest.param("relevance,nonsense", False, DEFAULTS["v5"], id="rule 5 before rule 8"),
        pytest.param("recommended", False, DEFAULTS["v5"], id="rule 6: recommended alone"),
        pytest.param("recommended", True, ("relevance",), id="rule 6 with q"),
        pytest.param("recommended,relevance", True, ("relevance",), id="rule 7: both drop the list"),
        pytest.param("relevance,nonsense,recommended", True, ("relevance",), id="rule 7 before rule 8"),
        pytest.param("recommended,users", True, ("recommended", "users"), id="recommended with others"),
    ],
)
def test_resolution(value: str, has_q: bool, sort: Sort) -> None:
    assert resolve(value, has_q=has_q) == sort


@pytest.mark.parametrize(
    ("value", "has_q"),
    [
        pytest.param("nonsense", False, id="rule 8: unknown key"),
        pytest.param("users,nonsense", False, id="unknown among known"),
        pytest.param("Users", False, id="keys are case-sensitive"),
        pytest.param("users, created", False, id="keys are not trimmed"),
        pytest.param("users,", False, id="empty item"),
        pytest.param(",", False, id="only empty items"),
        pytest.param("-users", False, id="no direction prefix"),
        pytest.param("relevance,nonsense", True, id="unknown beside relevance with q"),
        pytest.param("random:7", False, id="the inner spelling of random"),
    ],
)
def test_unknown_key(value: str, has_q: bool) -> None:
    with pytest.raises(ParameterError, match=INVALID):
        resolve(value, has_q=has_q)


@pytest.mark.parametrize(
    ("version", "value", "has_q", "sent", "outcome"),
    [
        pytest.param("v3", "random", False, ("featured",), RANDOM, id="v3 with featured"),
        pytest.param("v3", "random", False, ("promoted",), NEEDS_FEATURED, id="v3 with promoted"),
        pytest.param("v3", "random", False, (), NEEDS_FEATURED, id="v3 with neither"),
        pytest.param("v3", "random", True, ("featured",), NEEDS_FEATURED, id="v3 with q"),
        pytest.param("v4", "random", False, ("promoted",), RANDOM, id="v4 with promoted"),
        pytest.param("v4", "random", False, ("featured",), RANDOM, id="v4 with featured"),
        pytest.param("v4", "random", False, (), NEEDS_PROMOTED, id="v4 with neither"),
        pytest.param("v5", "random", False, ("promoted",), RANDOM, id="v5 with promoted"),
        pytest.param("v5", "random", False, ("featured",), RANDOM, id="v5 with featured"),
        pytest.param("v5", "random", True, ("promoted",), NEEDS_PROMOTED, id="v5 with q"),
        pytest.param("v5", "random", False, (), NEEDS_PROMOTED, id="v5 with neither"),
        pytest.param("v5", "random,users", False, ("promoted",), NOT_ALONE, id="rule 2: combined"),
        pytest.param("v5", "nonsense,random", False, (), NOT_ALONE, id="rule 2 comes first"),
        pytest.param("v5", "random,random", False, ("promoted",), NOT_ALONE, id="combined with itself"),
    ],
)
def test_random(version: str, value: str, has_q: bool, sent: tuple[str, ...], outcome: Sort | str) -> None:
    if isinstance(outcome, str):
        with pytest.raises(ParameterError) as caught:
            resolve(value, version, has_q=has_q, sent=sent)
        assert str(caught.value) == outcome
    else:
        assert resolve(value, version, has_q=has_q, sent=sent) == outcome


def test_seed_is_read_back_from_the_sort() -> None:
    assert random_seed(RANDOM[0]) == SEED
    assert random_seed("users") is None


def test_every_key_of_every_version_has_its_column() -> None:
    keys = set(itertools.chain(*SORTS.values())) - {"random", "relevance", "ratings"}
    assert keys <= KEYS.keys()
    assert {key.column for key in KEYS.values()} <= NUMBERS.keys() | {"name"}


words = st.sampled_from(["users", "relevance", "recommended", "random", "name", "", "x"])


@given(st.sampled_from(sorted(DEFAULTS)), st.lists(words).map(",".join) | st.text(), st.booleans())
def test_any_text_gives_known_keys_or_a_refusal(version: str, value: str, has_q: bool) -> None:
    try:
        sort = resolve(value, version, has_q=has_q)
    except ParameterError as error:
        assert str(error) in (INVALID, NOT_ALONE, NEEDS_PROMOTED, NEEDS_FEATURED)
        return
    assert sort
    assert set(sort) <= KEYS.keys() | {"relevance"}
    assert len(set(sort)) == len(sort)
    assert has_q or "relevance" not in sort
