"""Heroes and shelves as JSON objects (contract/extras.md 3), in the caller's language."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from conf.locales import DEFAULT_LOCALE
from conf.model.addons import AddonDoc, Translated
from conf.model.curated import CallDoc, ExternalAddonDoc, PrimaryHeroDoc, SecondaryHeroDoc
from index.shapes.shape import Shapes
from index.shapes.translated_fields import FLAT, TranslatedValue, default_text, resolve
from index.shapes.urls import picture
from index.shapes.versions import Shape
from index.shapes.view import View

# The keys of an add-on in a hero; `theme_data` and `promoted` if the version has them.
ADDON_KEYS: Final = (
    *("id", "authors", "average_daily_users", "current_version", "guid", "icon_url", "name", "previews"),
    *("promoted", "ratings", "slug", "theme_data", "type", "url"),
)


def localized_text(
    translated: Translated | None, view: View, default: str = DEFAULT_LOCALE
) -> TranslatedValue:
    """The text for the caller; v4 has it in one language even without `lang`."""
    if view.version in FLAT:
        view = replace(view, lang=view.language)
    return resolve(translated, view, default)


def english(translated: Translated | None) -> str:
    return default_text(translated, DEFAULT_LOCALE)


def primary_hero(
    shapes: Shapes,
    hero: PrimaryHeroDoc,
    addon: AddonDoc | None,
    row: Mapping[str, Any],
    view: View,
    *,
    raw: bool,
) -> Shape:
    """A hero; `addon` is None for an external one, `row` is its search result, `raw` is for translators."""
    external = hero["external"]
    custom = hero["description"]
    description: TranslatedValue = english(custom)
    if not raw and (custom or addon is None):
        description = localized_text(custom, view)
    elif not raw and addon is not None:
        description = localized_text(addon["summary"], view, addon["default_locale"])
    return {
        **({"external": _external(shapes, external, view)} if external else {}),
        **({} if external else {"addon": {key: row[key] for key in ADDON_KEYS if key in row}}),
        "description": description,
        "featured_image": hero["image"] and picture(shapes.context.media_url, hero["image"]),
        "gradient": hero["gradient"],
    }


def _external(shapes: Shapes, addon: ExternalAddonDoc, view: View) -> Shape:
    wrap, homepage = shapes.context.links.wrap, addon["homepage"]
    link: Any
    if view.version in FLAT:
        link = resolve(homepage, view, DEFAULT_LOCALE, wrap if view.wrap else None)
    else:
        link = homepage and {
            "url": resolve(homepage, view, DEFAULT_LOCALE),
            "outgoing": resolve(homepage, view, DEFAULT_LOCALE, wrap),
        }
    return {
        "id": addon["id"],
        "guid": addon["guid"],
        "homepage": link,
        "name": resolve(addon["name"], view, DEFAULT_LOCALE),
        "type": addon["type"],
    }


def secondary_hero(shapes: Shapes, hero: SecondaryHeroDoc, view: View) -> Shape:
    """The hero with its modules (contract/extras.md 3)."""
    return {
        "headline": localized_text(hero["headline"], view),
        "description": localized_text(hero["description"], view),
        "cta": _call(shapes, hero["cta"], view),
        "modules": [
            {
                "icon": picture(shapes.context.media_url, module["icon"]),
                "description": localized_text(module["description"], view),
                "cta": _call(shapes, module["cta"], view),
            }
            for module in hero["modules"]
        ],
    }


def _call(shapes: Shapes, call: CallDoc | None, view: View) -> Shape | None:
    if call is None:
        return None
    link = linked(shapes, call["url"], view)
    return {**link, "text": localized_text(call["text"], view)}


def linked(shapes: Shapes, url: str, view: View) -> Shape:
    """A link that may lead off the site; paths are the site's own."""
    context = shapes.context
    url = f"{context.site_url}{url}" if url.startswith("/") else url
    outgoing = context.links.wrap(url)
    if view.version in FLAT:
        return {"url": outgoing if view.wrap else url}
    return {"url": url, "outgoing": outgoing}
