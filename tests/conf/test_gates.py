"""What each API version has (contract/versions.md 1).

Rules: contract/addons.md 1; contract/versions.md 3 and 4.
"""

import pytest

from conf.gates import DEFAULT_SORTS, GATES, SORTS, enabled
from conf.vocabulary import VERSIONS
from tests.sweep import sweep

TABLE = [
    ("featured_endpoint", "yes no no"),
    ("compat_override", "yes no no"),
    ("reviews_paths", "yes no no"),
    ("ratings_paths", "no yes yes"),
    ("site", "no yes yes"),
    ("browser_mappings", "no no yes"),
    ("listing_content_review", "no no yes"),
    ("category_needs_app", "yes yes no"),
    ("platform_filter", "yes yes no"),
    ("featured_filter", "yes no no"),
    ("autocomplete_sort", "yes no no"),
    ("wrap_outgoing_links", "yes yes no"),
    ("flat_translations", "yes yes no"),
    ("language_tools_need_app", "yes yes no"),
    ("locale_disambiguation", "yes no no"),
]


@pytest.mark.parametrize(("gate", "row"), TABLE, ids=[gate for gate, _ in TABLE])
def test_gates(gate: str, row: str) -> None:
    assert [enabled(version, gate) for version in VERSIONS] == [word == "yes" for word in row.split()]


def test_gates_name_known_versions_only() -> None:
    assert all(versions <= set(VERSIONS) for versions in GATES.values())


def test_an_unknown_gate_is_an_error() -> None:
    with pytest.raises(KeyError):
        enabled("v5", "no_such_gate")


@sweep("version", VERSIONS)
def test_default_sorts_are_sorts_of_the_version(version: str) -> None:
    assert set(DEFAULT_SORTS[version]) <= SORTS[version]


@pytest.mark.parametrize(
    ("version", "key", "taken"),
    [
        ("v3", "recommended", False),
        ("v4", "recommended", True),
        ("v3", "random", True),
        ("v4", "name", False),
        ("v5", "name", True),
        ("v5", "ratings", True),
    ],
)
def test_sort_keys(version: str, key: str, taken: bool) -> None:
    assert (key in SORTS[version]) is taken
