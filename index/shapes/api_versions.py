"""The API versions and their shapes: keys of objects, and what they look like in each version."""

from typing import Any, Final

from conf.model.addons import AddonDoc, PromotionDoc, Translated
from conf.vocabulary import APPS
from index.shapes.parts import Subject, promotion, sorted_by_category_id
from index.shapes.shape import Shapes
from index.shapes.translated_fields import DEFAULT_KEY, choose, translate
from index.shapes.urls import ShapeContext
from index.shapes.versions import Shape
from index.shapes.view import View


class V3(Shapes):
    """API v3: the keys v3 was documented with (contract/versions.md 2), and what its successors carried back
    (`type`, `previews`).

    No `created`, `promoted` or `_score`; a search result's version has neither
    release notes nor licence; 32 and 64 pixel icons.
    """

    version_name = "v3"
    suggestion_keys = ("id", "icon_url", "name", "type", "url")
    tool_keys = (
        "id",
        "default_locale",
        "guid",
        "name",
        "slug",
        "target_locale",
        "type",
        "url",
        "locale_disambiguation",
    )
    preview_keys = ("id", "caption", "image_size", "image_url", "thumbnail_size", "thumbnail_url")
    icon_sizes = ("32", "64")
    files_as_array = True
    license_keys = ("id", "name", "text", "url")
    license_text_places = frozenset({"list", "detail"})
    left_out_of_search = frozenset({"license", "release_notes"})
    everywhere = tuple(APPS)
    score_key = False


class V4(Shapes):
    """API v4: `promoted` as an object, `created`, licences that say whether they are custom."""

    version_name = "v4"
    suggestion_keys = ("id", "icon_url", "name", "promoted", "type", "url")
    tool_keys = ("id", "default_locale", "guid", "name", "slug", "target_locale", "type", "url")
    preview_keys = ("id", "caption", "image_size", "image_url", "thumbnail_size", "thumbnail_url")
    icon_sizes = ("32", "64", "128")
    files_as_array = True
    license_keys = ("id", "is_custom", "name", "text", "url")
    license_text_places = frozenset({"list", "detail"})
    everywhere = tuple(APPS)  # Thunderbird asks v4 too
    score_key = True


class V5(Shapes):
    """API v5: arrays for promotion and categories, one file, links both plain and wrapped."""

    version_name = "v5"
    suggestion_keys = ("id", "icon_url", "icons", "name", "promoted", "type", "url")
    tool_keys = ("id", "default_locale", "guid", "name", "slug", "target_locale", "type", "url")
    preview_keys = ("id", "caption", "image_size", "image_url", "position", "thumbnail_size", "thumbnail_url")
    icon_sizes = ("32", "64", "128")
    files_as_array = False
    license_keys = ("id", "is_custom", "name", "slug", "text", "url")
    license_text_places = frozenset({"detail"})
    has_private_fields = True
    everywhere = tuple(app.short for app in APPS.values() if not app.legacy)
    score_key = True

    def no_picture(self) -> None:
        return None

    def link(self, translated: Translated | None, subject: Subject) -> Shape | None:
        if not translated:
            return None
        default, compact, wrap = subject.addon["default_locale"], subject.compact, self.context.links.wrap

        def both(view: View) -> Shape | None:
            shown = translate(translated, view, default, compact=compact)
            if not isinstance(shown, dict):
                return None
            outgoing = {key: wrap(url) if url and key != DEFAULT_KEY else url for key, url in shown.items()}
            return {"url": shown, "outgoing": outgoing}

        return choose(translated, subject.view, default, both, compact=compact)

    def contributions(self, url: str, view: View) -> Shape:
        return {"url": url, "outgoing": self.context.links.wrap(url)}

    def shape_of_categories(self, addon: AddonDoc) -> list[str]:
        """One list: a slug that several applications have is said once."""
        slugs = [
            slug
            for app, stored in addon["categories"].items()
            for slug in sorted_by_category_id(addon["type"], app, stored)
        ]
        return list(dict.fromkeys(slugs))

    def promoted(self, promotions: list[PromotionDoc]) -> Any:
        return [promotion(membership) for membership in promotions]


SHAPES: Final[dict[str, type[Shapes]]] = {shapes.version_name: shapes for shapes in (V3, V4, V5)}


def shapes_for(version: str, context: ShapeContext) -> Shapes:
    """The shapes of "v3", "v4" or "v5"; KeyError for any other word."""
    return SHAPES[version](context)
