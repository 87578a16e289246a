"""Categories (contract/addons.md 13.6).

Rules: contract/addons.md 10.4.
"""

import pytest

from conf.categories import BY_ID, CATEGORIES, Category, find, for_type, matching, name
from conf.translations import loader
from conf.vocabulary import APPS, TYPES


@pytest.mark.parametrize(
    ("app", "addon_type", "slug", "id", "english"),
    [
        ("firefox", "extension", "alerts-updates", 72, "Alerts & Updates"),
        ("firefox", "extension", "web-development", 4, "Web Development"),
        ("firefox", "extension", "accessibility", 74, "Accessibility"),
        ("firefox", "statictheme", "film-and-tv", 326, "Film and TV"),
        ("firefox", "persona", "websites", 116, "Websites"),
        ("firefox", "theme", "os-integration", 61, "OS Integration"),
        ("firefox", "search", "shopping-e-commerce", 88, "Shopping & E-Commerce"),
        ("android", "extension", "feeds-news-blogging", 147, "Feeds, News, & Blogging"),
        ("android", "statictheme", "abstract", 400, "Abstract"),
        ("thunderbird", "extension", "importexport", 206, "Import/Export"),
        ("thunderbird", "extension", "privacy-and-security", 66, "Privacy and Security"),
        ("seamonkey", "language", "general", 130, "General"),
    ],
)
def test_rows(app: str, addon_type: str, slug: str, id: int, english: str) -> None:
    category = find(app, addon_type, slug)
    assert category is not None
    assert (category.id, category.name) == (id, english)
    assert BY_ID[id] is category


@pytest.mark.parametrize(
    ("id", "weight", "misc"),
    [
        pytest.param(73, 333, True, id="other sorts last"),
        pytest.param(314, 333, True, id="of themes as well"),
        pytest.param(114, 0, True, id="but not of personas"),
        pytest.param(21, 0, True, id="miscellaneous has no weight"),
        pytest.param(93, 0, False, id="any other has none"),
    ],
)
def test_weight_and_misc(id: int, weight: int, misc: bool) -> None:
    assert (BY_ID[id].weight, BY_ID[id].misc) == (weight, misc)


def test_ids_are_unique_and_in_order() -> None:
    ids = [category.id for category in CATEGORIES]
    assert ids == sorted(set(ids))
    assert len(BY_ID) == len(CATEGORIES)


def test_words_are_unique_and_known() -> None:
    keys = {(category.app, category.type, category.slug) for category in CATEGORIES}
    assert len(keys) == len(CATEGORIES)
    assert {app for app, _, _ in keys} <= set(APPS)
    assert {addon_type for _, addon_type, _ in keys} <= set(TYPES)
    assert all(slug == slug.lower() and " " not in slug for _, _, slug in keys)


@pytest.mark.parametrize(
    ("app", "addon_type", "count"),
    [
        ("firefox", "extension", 16),
        ("firefox", "statictheme", 15),
        ("firefox", "persona", 15),
        ("firefox", "theme", 9),
        ("firefox", "search", 14),
        ("android", "extension", 11),
        ("android", "statictheme", 15),
        ("thunderbird", "extension", 12),
        ("thunderbird", "theme", 4),
        ("seamonkey", "extension", 11),
        ("seamonkey", "search", 0),
    ],
)
def test_each_application_and_type_is_complete(app: str, addon_type: str, count: int) -> None:
    assert len(for_type(addon_type, app)) == count


@pytest.mark.parametrize(
    ("addon_type", "slug", "app", "ids"),
    [
        pytest.param("extension", "shopping", None, [141, 150], id="one for each application"),
        pytest.param("extension", "shopping", "android", [150], id="of one application"),
        pytest.param("extension", "abstract", None, [], id="of another type"),
        pytest.param("extension", "Shopping", None, [], id="slugs are lower-case"),
    ],
)
def test_matching(addon_type: str, slug: str, app: str | None, ids: list[int]) -> None:
    assert [category.id for category in matching(addon_type, slug, app)] == ids


def test_names_are_in_the_readers_language() -> None:
    assert name(BY_ID[72], "de") == "Benachrichtigungen & Updates"
    assert name(BY_ID[72], "kab") == "Alerts & Updates"


def _described() -> list[Category]:
    return [*for_type("extension", "firefox"), *for_type("dictionary", "firefox")]


@pytest.mark.parametrize("locale", loader.translated_locales())
def test_every_catalogue_names_the_extension_categories(locale: str) -> None:
    known = loader.catalogue(locale)["names"]
    same = {category.name for category in _described()} - set(known)
    assert same <= {"General", "Shopping", "Tabs"}, "only words that the language has too"


@pytest.mark.parametrize("locale", loader.translated_locales())
def test_catalogues_name_nothing_else(locale: str) -> None:
    english = {category.name for category in CATEGORIES} | {"All Rights Reserved"}
    assert set(loader.catalogue(locale)["names"]) <= english
