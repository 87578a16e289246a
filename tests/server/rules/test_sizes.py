"""An add-on may say as much as can be read within the time a loop has."""

import time
from collections.abc import Callable
from typing import Any, Final

import orjson
import pytest

from conf.limits import (
    MAX_ADDON_BYTES,
    MAX_ADDON_LINKS,
    MAX_ADDON_TEXT,
    MAX_PAGE_SIZE,
    MAX_VERSION_LINKS,
    MAX_VERSION_TEXT,
)
from conf.locales import SUPPORTED
from index.shapes.api_versions import shapes_for
from index.shapes.links import Links
from index.shapes.markup import clean_foreign
from index.shapes.urls import ShapeContext
from index.shapes.view import View
from server.rules.faults import Invalid
from server.rules.values.sizes import check_sent, check_size
from tests.factories import make_addon, make_version

LOOP: Final = 0.05  # seconds
SITE: Final = "https://addons.example"
PIECES: Final = ("<b>x</b>", "<li>x</li>", "&amp;", "plain text ")


def text(characters: int, links: int, piece: str = "x", name: str = "") -> str:
    """A clean text of about this length with so many links, each to a place of its own."""
    led = "".join(
        f'<a href="http://{name}{number}.example/?a" rel="nofollow">x</a> ' for number in range(links)
    )
    return led + piece * ((characters - len(led)) // len(piece))


def in_all_languages(characters: int, links: int, piece: str, name: str) -> dict[str, str]:
    each, few = characters // len(SUPPORTED), links // len(SUPPORTED)
    return {locale: text(each, few, piece, f"{name}{locale}") for locale in SUPPORTED}


def license(text: dict[str, str]) -> Any:
    return {"id": 5, "slug": None, "name": {"en-US": "Mine"}, "text": text, "url": None}


def told(old: Any, new: Any) -> Any:
    with pytest.raises(Invalid) as caught:
        check_size(old, new)
    return caught.value.body("en-US")


OWN_TEXT = {"description": {"en-US": text(MAX_ADDON_TEXT + 1, 0)}}
OWN_LINKS = {"eula": {"en-US": text(0, MAX_ADDON_LINKS + 1)}}
NOTES = {"versions": [make_version(release_notes={"en-US": text(MAX_VERSION_TEXT + 1, 0)})]}
LICENCE = {"versions": [make_version(license=license({"fr": text(0, MAX_VERSION_LINKS + 1)}))]}
LARGE = {"versions": [make_version(id=number, approval_notes="x" * 100_000) for number in range(1, 50)]}


class TestBudget:
    @pytest.mark.parametrize(
        ("fields", "fault"),
        [
            (OWN_TEXT, f"The texts of an add-on may have no more than {MAX_ADDON_TEXT} characters together."),
            (OWN_LINKS, f"The texts of an add-on may have no more than {MAX_ADDON_LINKS} links together."),
            (NOTES, f"The texts of a version may have no more than {MAX_VERSION_TEXT} characters together."),
            (LICENCE, f"The texts of a version may have no more than {MAX_VERSION_LINKS} links together."),
            (LARGE, f"An add-on and its versions may have no more than {MAX_ADDON_BYTES} bytes together."),
        ],
        ids=["text", "links", "notes", "licence", "bytes"],
    )
    def test_beyond_it(self, fields: Any, fault: str) -> None:
        addon = make_addon(**fields)
        assert told(None, addon) == {"non_field_errors": [fault]}
        assert told(make_addon(), addon) == {"non_field_errors": [fault]}
        check_size(addon, addon | {"name": {"en-US": "T"}})  # loaded so; it may shrink

    def test_within_it(self) -> None:
        check_size(None, make_addon(eula={"en-US": text(MAX_ADDON_TEXT - 100, 0)}))


@pytest.mark.timed
@pytest.mark.parametrize("version", ["v3", "v5"])
@pytest.mark.parametrize("piece", PIECES)
class TestWorst:
    """Of what may be stored, the worst is read in time; reading it took seconds."""

    def read(self, version: str, addon: Any, show: Callable[[Any, View], Any]) -> None:
        assert clean_foreign(addon) is addon, "not as it would be stored"
        check_size(None, addon)
        links = Links("https://outgoing.example/v1", "secret", SITE)
        shapes = shapes_for(version, ShapeContext(SITE, f"{SITE}/media", f"{SITE}/static", links))
        started = time.thread_time()
        orjson.dumps(show(shapes, View(version)))
        assert time.thread_time() - started < LOOP

    def test_policies(self, version: str, piece: str) -> None:
        policies = {
            key: in_all_languages(MAX_ADDON_TEXT // 2 - 1000, MAX_ADDON_LINKS // 2, piece, key)
            for key in ("eula", "privacy_policy")
        }
        addon = make_addon(**policies)
        self.read(version, addon, lambda shapes, view: shapes.eula_policy(addon, view))

    def test_description(self, version: str, piece: str) -> None:
        addon = make_addon(description=in_all_languages(MAX_ADDON_TEXT - 1000, MAX_ADDON_LINKS, piece, "d"))
        self.read(version, addon, lambda shapes, view: shapes.detail(addon, {}, view))

    def test_page_of_versions(self, version: str, piece: str) -> None:
        """As large as the add-on may be, and as many links as the versions of one page may have."""
        each = MAX_ADDON_BYTES // MAX_PAGE_SIZE // 2 - 2000
        addon = make_addon(
            versions=[
                make_version(
                    id=number,
                    release_notes=in_all_languages(each, MAX_VERSION_LINKS - 40, piece, f"n{number}"),
                    license=license({"en-US": text(each - 3000, 35, "&amp;", f"l{number}")}),
                )
                for number in range(1, MAX_PAGE_SIZE + 1)
            ]
        )
        self.read(
            version,
            addon,
            lambda shapes, view: [shapes.version(addon, one, view, "list") for one in addon["versions"]],
        )


def test_what_is_sent_is_counted_before_it_is_cleaned() -> None:
    share = MAX_ADDON_TEXT // 4
    check_sent({"eula": dict.fromkeys("abcd", "x" * share)})
    with pytest.raises(Invalid) as caught:
        check_sent({"eula": dict.fromkeys("abcd", "x" * share), "name": {"a": "x"}})
    assert "non_field_errors" in caught.value.body("en-US")
