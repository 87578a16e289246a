"""Every category of every application and add-on type (contract/addons.md 13.6): `categories.toml`.

    find("firefox", "extension", "tabs").id    -> 93
    matching("extension", "tabs")              -> one for each application that has it
    name(BY_ID[72], "de")                      -> "Benachrichtigungen & Updates"

Listings may have further slugs. These are stored and shown but have no row here, because
their ids are not documented.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from conf.tables import read_table
from conf.translations import loader

MISC: Final = frozenset({"other", "miscellaneous"})
OTHER_WEIGHT: Final = 333  # `other` sorts last


class Category(NamedTuple):
    """One category of one application and add-on type."""

    id: int
    app: str
    type: str
    slug: str
    name: str  # English
    weight: int
    misc: bool


# (application, type) with the categories of Firefox's static themes -> what is added to their ids.
_LIKE_STATIC_THEMES: Final = {("firefox", "persona"): -200, ("android", "statictheme"): 100}


def _read() -> Iterator[Category]:
    tables = read_table("categories.toml")
    for app, types in tables.items():
        for kind, rows in types.items():
            yield from _categories(app, kind, rows)
    for (app, kind), shift in _LIKE_STATIC_THEMES.items():
        yield from _categories(app, kind, tables["firefox"]["statictheme"], shift)


def _categories(app: str, kind: str, rows: dict[str, tuple[int, str]], shift: int = 0) -> Iterator[Category]:
    for slug, (number, name) in rows.items():
        weight = OTHER_WEIGHT if slug == "other" and kind != "persona" else 0
        yield Category(number + shift, app, kind, slug, name, weight, slug in MISC)


# The order of the categories endpoint: by id (contract/addons.md 10.4).
CATEGORIES: Final[tuple[Category, ...]] = tuple(sorted(_read()))
BY_ID: Final[dict[int, Category]] = {category.id: category for category in CATEGORIES}
_BY_KEY: Final = {(category.app, category.type, category.slug): category for category in CATEGORIES}
_BY_TYPE: Final[dict[str, tuple[Category, ...]]] = {
    addon_type: tuple(category for category in CATEGORIES if category.type == addon_type)
    for addon_type in {category.type for category in CATEGORIES}
}


def find(app: str, addon_type: str, slug: str) -> Category | None:
    """The category of one application and type; slugs are lower-case."""
    return _BY_KEY.get((app, addon_type, slug))


def for_type(addon_type: str, app: str | None = None) -> tuple[Category, ...]:
    """All categories of a type, of one application or of all, by id."""
    return tuple(category for category in _BY_TYPE.get(addon_type, ()) if app in (None, category.app))


def matching(addon_type: str, slug: str, app: str | None = None) -> tuple[Category, ...]:
    """The categories of a type with this slug, of one application or of all."""
    return tuple(category for category in for_type(addon_type, app) if category.slug == slug)


def name(category: Category, locale: str) -> str:
    """The name of a category in a supported locale; in English if it is not translated."""
    return loader.name(category.name, locale)
