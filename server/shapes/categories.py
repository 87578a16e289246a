"""Categories as JSON (contract/addons.md 10.4). Pure; any thread."""

from typing import Final

from conf import categories
from conf.categories import Category
from index.shapes.versions import Shape
from index.shapes.view import View

# The applications whose categories a version lists, and the types; v3 lists all.
_APPS: Final = {"v4": {"firefox", "android"}, "v5": {"firefox"}}
_TYPES: Final = {"extension", "statictheme", "dictionary", "language"}


def listed_categories(version: str) -> list[Category]:
    """The categories that an API version ("v3") lists, in the order of their ids."""
    apps = _APPS.get(version)
    return [
        category
        for category in categories.CATEGORIES
        if apps is None or (category.app in apps and category.type in _TYPES)
    ]


def category_shape(category: Category, view: View) -> Shape:
    return {
        "id": category.id,
        "name": categories.name(category, view.locale),
        "slug": category.slug,
        "application": category.app,
        "misc": category.misc,
        "type": category.type,
        "weight": category.weight,
        "description": None,  # AMO's categories have none
    }
