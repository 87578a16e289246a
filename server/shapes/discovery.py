"""An item of the list that browsers show in their add-on manager (contract/extras.md 5).

Safe from any thread.
"""

from html import escape
from typing import Final

from conf import messages
from conf.gates import enabled
from conf.model.addons import AddonDoc, Translated
from conf.model.curated import DiscoveryDoc
from index.shapes.html import as_text
from index.shapes.parts import UsersById
from index.shapes.shape import Shapes
from index.shapes.translated_fields import best
from index.shapes.urls import path_name, url_bases
from index.shapes.versions import Shape
from index.shapes.view import View

_THEME_PREVIEW: Final = [680, 92]  # what browsers show of a theme


def discovery_item(
    shapes: Shapes, item: DiscoveryDoc, addon: AddonDoc, users: UsersById, view: View, row: object = None
) -> Shape:
    """The item; `row` is its add-on's search result, if compiled already. A theme's row has only the preview
    that is made for browsers.
    """
    heading, description = _texts(item, addon, view)
    shape: Shape = {
        "addon": row or _row(shapes, addon, users, view),
        "description_text": description,
        "heading_text": heading,
        "is_recommendation": item["is_recommendation"],
    }
    if enabled(view.version, "discovery_html"):
        # As HTML, for panels that insert it into their page unchanged.
        authors = ", ".join(author["name"] for author in shapes.authors(addon, users, view))
        url = f"{url_bases(shapes.context, view).addon}{path_name(addon)}/"
        link = f'<a href="{escape(url)}">{escape(authors)}</a>'
        shape["heading"] = f"{escape(heading)} <span>{messages.text('by_authors', view.locale)} {link}</span>"
        shape["description"] = f"<blockquote>{escape(description)}</blockquote>"
    return shape


def _texts(item: DiscoveryDoc, addon: AddonDoc, view: View) -> tuple[str, str]:
    """Heading and description as plain text, because browsers show them so."""

    def text(custom: Translated | None, default: Translated | None) -> str:
        return best(custom or default, view.language, addon["default_locale"]) or ""

    description = text(item["description"], addon["summary"])
    return text(item["heading"], addon["name"]), description if item["description"] else as_text(description)


def _row(shapes: Shapes, addon: AddonDoc, users: UsersById, view: View) -> Shape:
    row = shapes.row(addon, users, view)
    if addon["type"] == "statictheme":
        banners = [image for image in row["previews"] if image["image_size"] == _THEME_PREVIEW]
        row["previews"] = banners[:1] or row["previews"]
    return row
