"""Which versions of an application a version is for, and which of an add-on's versions one can use."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.appversion import search_range, version_number
from conf.model.addons import VersionDoc
from index.columns.postings import Postings
from index.criteria.clauses import Fits
from index.criteria.compatibility import (
    RangeTerms,
    Usable,
    choose,
    pack_usable,
    range_terms,
    ranges,
    usable_ranges,
)
from server.search_params.compatibility import newest_compatible
from tests.factories import make_addon, make_version

ENDLESS = version_number("*")


def version(low: str, high: str, *, strict: bool = False, app: str = "firefox", **fields: Any) -> VersionDoc:
    return make_version(
        compatibility={app: {"min": low, "max": high}}, is_strict_compatibility_enabled=strict, **fields
    )


def fits(appversion: str, app: str = "firefox") -> Fits:
    span = search_range(appversion)
    assert span is not None
    return Fits(app, *span)


def chosen(versions: list[VersionDoc], fits_filter: Fits) -> int:
    return choose(pack_usable(usable_ranges(make_addon(), versions)), fits_filter)


@pytest.mark.parametrize(
    ("addon", "declared", "expected"),
    [
        pytest.param({}, version("57.0", "60.*"), {"firefox": ("57.0", "*")}, id="no upper bound"),
        pytest.param({}, version("57.0", "60.*", strict=True), {"firefox": ("57.0", "60.*")}, id="strict"),
        pytest.param({}, version("1.0", "2.0", app="sunbird"), {}, id="an application nobody knows"),
        pytest.param(
            {"type": "dictionary"},
            make_version(compatibility={}),
            {
                "firefox": ("4.0", "65535"),
                "thunderbird": ("5.0", "65535"),
                "seamonkey": ("2.1", "65535"),
                "android": ("11.0", "65535"),
            },
            id="a type that declares none",
        ),
        pytest.param({}, make_version(compatibility={}), {}, id="none declared"),
    ],
)
def test_ranges(addon: Any, declared: VersionDoc, expected: dict[str, tuple[str, str]]) -> None:
    by_app = ranges(make_addon(**addon), declared)
    assert by_app == {
        app: (version_number(low), version_number(high)) for app, (low, high) in expected.items()
    }


def test_ranges_that_a_newer_version_covers_are_dropped() -> None:
    versions = [
        version("100.0", "110.*", strict=True),  # 0: the current one
        version("102.0", "109.*", strict=True),  # 1: never, the current one does
        version("90.0", "99.*", strict=True),  # 2
        version("60.0", "80.*"),  # 3: without an end
        version("68.0", "70.*", strict=True),  # 4: never
    ]
    usable = usable_ranges(make_addon(), versions)
    assert [one.position for one in usable] == [0, 2, 3]
    assert usable[2] == Usable(1, version_number("60.0"), ENDLESS, 3)
    for appversion, position in (("105.0", 0), ("95.0", 2), ("115.0", 3), ("70.0", 3), ("59.0", 0)):
        assert chosen(versions, fits(appversion)) == position
    assert chosen(versions, fits("95.0", "thunderbird")) == 0


releases = st.sampled_from(["10.0", "45.0", "52.0", "52.9.0", "60.0", "60.*", "68.0a1", "68.0", "68.*", "*"])
stored = st.lists(st.tuples(releases, releases, st.booleans(), st.sampled_from(["firefox", "thunderbird"])))


@given(stored, releases)
def test_the_newest_that_fits_is_chosen(declared: list[tuple[str, str, bool, str]], appversion: str) -> None:
    versions = [version(low, high, strict=strict, app=app) for low, high, strict, app in declared]
    for app in ("firefox", "thunderbird"):
        fits_filter = fits(appversion, app)
        fitting = [
            position
            for position, (low, high, strict, other) in enumerate(declared)
            if other == app
            and version_number(low) <= fits_filter.low
            and (not strict or version_number(high) >= fits_filter.high)
        ]
        assert chosen(versions, fits_filter) == (fitting[0] if fitting else 0)
        newest = newest_compatible(versions, app, appversion)
        assert newest is (versions[fitting[0]] if fitting else None)
        terms = RangeTerms()
        for term in set(range_terms(usable_ranges(make_addon(), versions))):
            terms.add(term)
        assert bool(terms.fitting(fits_filter).terms) == bool(fitting)


def test_thousands_of_ranges_are_fast() -> None:
    """A language pack has hundreds; all that a document has room for must not hold anybody up."""
    numbers = random.Random(1).sample(range(10, 30_000), 6000)
    versions = [version(f"{number}.0", f"{number}.*", strict=True) for number in numbers]
    usable = usable_ranges(make_addon(), versions)
    assert len(usable) == 6000
    assert choose(pack_usable(usable), fits(f"{numbers[-1]}.0")) == 5999


def test_postings_have_the_ranges_in_use() -> None:
    postings = Postings()
    shared, other_app = "fits:firefox:10:20", "fits:thunderbird:10:20"
    postings.put(0, ("id:1", shared))
    postings.put(1, ("id:2", shared, other_app))
    assert postings.ranges.fitting(Fits("firefox", 15, 15)).terms == (shared,)
    assert postings.ranges.fitting(Fits("firefox", 21, 21)).terms == ()
    postings.put(1, ("id:2", "fits:firefox:30:40"))
    assert postings.ranges.fitting(Fits("thunderbird", 15, 15)).terms == ()
    assert postings.ranges.fitting(Fits("firefox", 35, 35)).terms == ("fits:firefox:30:40",)
    postings.drop(0)
    assert postings.ranges.fitting(Fits("firefox", 15, 15)).terms == ()
