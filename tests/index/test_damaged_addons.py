"""A damaged document is left out and named, and nothing else is the worse for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from index.catalogue import Catalogue
from index.shapes.view import View
from tests.factories import make_addon, make_preview, make_user, make_version
from tests.index.damaged_documents import Damaged, damage
from tests.index.shapes.shape_context import RECOMMENDED
from tests.index.snapshot.catalogues import Contents, build, new_catalogue, raw
from tests.samples import Sample

TEXT: Final = {"en-US": "Some <b>text</b>", "de": "Ein Text"}
VERSION: Final = make_version(
    release_notes=TEXT,
    license={"id": 5, "slug": None, "name": TEXT, "text": TEXT, "url": "https://license.example/"},
    approvals=[RECOMMENDED],
    source="/sources/1.zip",
)
WHOLE: Final[dict[str, Any]] = dict.fromkeys(
    ("description", "developer_comments", "support_email", "eula", "privacy_policy"), TEXT
) | {
    "homepage": {"en-US": "https://home.example/"},
    "support_url": {"en-US": "https://help.example/"},
    "contributions_url": "https://paypal.me/ann",
    "tags": ["music"],
    "icons": {"64": "/icons/64.png"},
    "previews": [make_preview(caption=TEXT)],
    "colors": [{"h": 100, "s": 200, "l": 120, "ratio": 0.5}],
    "promoted": [RECOMMENDED],
    "region_exclusions": ["BR"],
    "versions": [VERSION, make_version(id=9, version="0.9", created="2023-01-02T03:04:05Z")],
}
KINDS: Final = {
    "extension": WHOLE,
    "language pack": {"type": "language", "target_locale": "de", "locale_disambiguation": "x"},
    "dictionary": {
        "type": "dictionary",
        "target_locale": "de",
        "versions": [make_version(compatibility={}, license={**VERSION["license"], "slug": "MPL-2.0"})],  # type: ignore[dict-item]
    },
    "persona": {"type": "persona", "persona": {"header": "h.png"}, "categories": {"firefox": ["music"]}},
    "not public": {"status": "disabled"},
}
SOUND: Final = make_addon(_id=1_000_000, guid="sound@example.org", slug="sound")
VIEWS: Final = [View(name, lang=lang) for name in ("v3", "v4", "v5") for lang in (None, "de")]


def damaged_addons(kind: str) -> Iterator[Damaged]:
    for number, damaged in enumerate(damage(make_addon(**KINDS[kind])), 1):
        damaged.document["_id"] = number
        yield damaged


def contents_of(*addons: Any) -> Contents:
    return Contents({addon["_id"]: addon for addon in addons}, {7: make_user()})


def show(catalogue: Catalogue, addon_id: int) -> None:
    """Everything that is asked of an add-on."""
    documents = catalogue.documents
    if documents.get(addon_id) is None:
        return
    addon, versions = documents.addon(addon_id), documents.versions(addon_id)
    for view in VIEWS:
        shapes = documents._shapes[view.version]
        documents.detail(addon_id, replace(view, grouped=True))
        if catalogue.is_listed(addon_id):
            documents.rows([addon_id], view)
            documents.suggestions([addon_id], view)
        orjson.dumps(shapes.eula_policy(addon, view))
        if addon["target_locale"] and versions:
            documents.tools([addon_id], view)
            orjson.dumps(shapes.compatible_version(versions[0], view))
        for place in ("list", "detail"):
            orjson.dumps([shapes.version(addon, version, view, place) for version in versions])


@pytest.mark.parametrize("kind", KINDS)
async def test_each_value_is_as_the_model_says_or_named(kind: str, sample: Sample, tmp_path: Path) -> None:
    """What is not named can be shown in every way there is; the first kind has most fields of the others."""
    catalogue = new_catalogue(contents_of())
    if kind != "extension":  # it takes a while
        catalogue = await build(contents_of(), tmp_path)
    everything = list(damaged_addons(kind))
    if kind != "extension":
        everything = list(sample(everything, 2, list(KINDS).index(kind)))
    documents: list[Any] = [SOUND, *(damaged.document for damaged in everything)]
    faults = await catalogue.apply(documents, ())
    assert catalogue.find("sound") == SOUND["_id"]
    failed = []
    for damaged in everything:
        addon_id = damaged.document["_id"]
        assert str(addon_id) not in faults or catalogue.documents.get(addon_id) is None
        try:
            show(catalogue, addon_id)
        except Exception as error:
            failed.append(f"{damaged}: {error!r}")
    catalogue.close()
    assert failed == []
    assert len(faults) > len(everything) / 2


async def test_the_same_are_named_at_a_start() -> None:
    damaged = [one.document for one in damaged_addons("extension")][::7]
    contents = contents_of(SOUND, *damaged)
    catalogue = new_catalogue(contents)
    named = await catalogue.apply(contents.addons.values(), ())
    catalogue.close()
    catalogue = new_catalogue(contents)
    faults = await catalogue.build(_users(), raw(contents))
    assert (faults.keys(), catalogue.find("sound")) == (named.keys(), SOUND["_id"])
    catalogue.close()


async def _users() -> Any:
    yield [make_user()]


async def test_a_document_that_becomes_damaged_goes_and_comes_back_when_repaired() -> None:
    addon = make_addon()
    catalogue = await build(contents_of(addon, SOUND))
    broken: Any = {key: value for key, value in addon.items() if key != "tags"}
    faults = await catalogue.apply([broken], ())
    assert faults == {"1": "object missing required field tags"}
    assert (catalogue.find("tab-tree"), len(catalogue)) == (None, 1)
    assert await catalogue.apply([addon], ()) == {}
    assert (catalogue.find("tab-tree"), len(catalogue)) == (1, 2)
    catalogue.close()


async def test_a_user_who_becomes_unusable_is_no_author_any_more() -> None:
    addon = make_addon()
    catalogue = await build(contents_of(addon))
    assert b'"username":"ann"' in catalogue.documents.detail(1, View("v5"))
    await catalogue.apply_users((), [7])
    assert b'"authors":[]' in catalogue.documents.detail(1, View("v5"))
    await catalogue.apply_users([make_user()])
    assert b'"username":"ann"' in catalogue.documents.detail(1, View("v5"))
    catalogue.close()


async def test_an_id_of_another_kind_is_named() -> None:
    addons: list[Any] = [{**make_addon(), "_id": id_} for id_ in ("seven", 7.5)]
    catalogue = await build(contents_of(SOUND))
    assert (await catalogue.apply(addons, ())).keys() == {"seven", "7.5"}
    catalogue.close()
    catalogue = new_catalogue(contents_of())
    assert (await catalogue.build(_users(), raw(contents_of(SOUND, *addons)))).keys() == {"seven", "7.5"}
    catalogue.close()
