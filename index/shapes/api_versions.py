"""The shapes of each API version, and the parts that differ in v5."""

from typing import Any, Final

from conf.model.addons import AddonDoc, PromotionDoc, Translated
from conf.settings.settings import Settings
from index.shapes.parts import Subject, promotion, sorted_by_category_id
from index.shapes.shape import Shapes
from index.shapes.translated_fields import DEFAULT_KEY, choose, translate
from index.shapes.urls import ShapeContext, context_for
from index.shapes.versions import Shape
from index.shapes.view import View


class V5(Shapes):
    """Promotions and categories are arrays, links have both addresses, authors may have no picture."""

    def no_picture(self) -> None:
        return None

    def link(self, translated: Translated | None, subject: Subject) -> Shape | None:
        if not translated:
            return None
        default, compact, wrap = subject.addon["default_locale"], subject.compact, self.context.links.wrap

        def pair(view: View) -> Shape | None:
            urls = translate(translated, view, default, compact=compact)
            if not isinstance(urls, dict):
                return None
            outgoing = {key: wrap(url) if url and key != DEFAULT_KEY else url for key, url in urls.items()}
            return {"url": urls, "outgoing": outgoing}

        return choose(translated, subject.view, default, pair, compact=compact)

    def contributions(self, url: str, view: View) -> Shape:
        return {"url": url, "outgoing": self.context.links.wrap(url)}

    def categories(self, addon: AddonDoc) -> list[str]:
        """One list, in which a slug that several applications have appears once."""
        slugs = [
            slug
            for app, stored in addon["categories"].items()
            for slug in sorted_by_category_id(addon["type"], app, stored)
        ]
        return list(dict.fromkeys(slugs))

    def promoted(self, promotions: list[PromotionDoc]) -> Any:
        return [promotion(membership) for membership in promotions]


SHAPES: Final[dict[str, type[Shapes]]] = {"v3": Shapes, "v4": Shapes, "v5": V5}


def shapes_for(version: str, context: ShapeContext) -> Shapes:
    """The shapes of "v3", "v4" or "v5"; KeyError for anything else."""
    return SHAPES[version](version, context)


def all_shapes(settings: Settings, site_url: str) -> dict[str, Shapes]:
    """The shapes of every version, with the addresses of a site."""
    context = context_for(settings, site_url)
    return {version: shapes_for(version, context) for version in SHAPES}
