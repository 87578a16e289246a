"""Which version of a language pack an application can use (contract/search.md 4.4)."""

import pytest

from conf.appversion import search_range
from conf.model.addons import VersionDoc
from index.documents.compression import Compressor
from index.documents.language_packs import make_pack, unpack_version
from tests.factories import make_version


def version(number: int, low: str, high: str, *, strict: bool = False, app: str = "firefox") -> VersionDoc:
    return make_version(
        id=number,
        compatibility={app: {"min": low, "max": high}},
        is_strict_compatibility_enabled=strict,
        reviewed="2024-01-01T00:00:00Z",
    )


def choose(newest_first: list[VersionDoc], app: str, appversion: str) -> VersionDoc | None:
    span = search_range(appversion)
    assert span
    packer = Compressor()
    packed = make_pack(newest_first, packer).choose(app, span)
    return unpack_version(packed, packer) if packed else None


NEWEST_FIRST = [
    version(5, "140.0", "140.*", strict=True),
    version(4, "130.0", "135.*"),
    version(3, "115.0", "115.*", strict=True),
    version(2, "100.0", "110.*"),
    version(1, "113.0", "*", app="android"),
]


@pytest.mark.parametrize(
    ("app", "appversion", "chosen"),
    [
        pytest.param("firefox", "140.0", 5, id="the newest that fits"),
        pytest.param("firefox", "140.0a1", None, id="an alpha is before its release"),
        pytest.param("firefox", "141.0", None, id="beyond every declared maximum"),
        pytest.param("firefox", "136.0", None, id="in a gap it is not listed, though 4 is not strict"),
        pytest.param("firefox", "135.0", 4, id="the last release of a range"),
        pytest.param("firefox", "115.0", 3, id="strict"),
        pytest.param("firefox", "105.0", 2, id="an old one"),
        pytest.param("firefox", "99.0", None, id="before all"),
        pytest.param("android", "120.0", 1, id="of its own application"),
        pytest.param("thunderbird", "115.0", None, id="of no version"),
    ],
)
def test_choice(app: str, appversion: str, chosen: int | None) -> None:
    version_doc = choose(NEWEST_FIRST, app, appversion)
    assert (version_doc["id"] if version_doc else None) == chosen


def test_listed_by_one_version_and_served_by_a_newer() -> None:
    """A newer version that is not strict takes the place of the one that declares the release."""
    newer, declared = version(2, "100.0", "110.*"), version(1, "115.0", "115.*")
    version_doc = choose([newer, declared], "firefox", "115.0")
    assert version_doc
    assert version_doc["id"] == 2


def test_what_is_kept_of_a_version() -> None:
    version_doc = choose(NEWEST_FIRST, "firefox", "105.0")
    assert version_doc
    assert set(version_doc) == {"id", "files", "reviewed", "version"}
    assert version_doc["files"] == NEWEST_FIRST[3]["files"]
