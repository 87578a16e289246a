"""The add-on object field by field: what each key of any version holds.

FIELDS is in the order of the keys (contract/addons.md 5). Fields that differ between
versions ask `shapes`.
"""

from collections.abc import Callable
from typing import Any, Final, Literal

from conf import categories
from index import facts
from index.shapes.keys import VersionContext, in_version
from index.shapes.links import with_campaign
from index.shapes.parts import AddonParts, Subject, translated_text
from index.shapes.translated_fields import best, has_text
from index.shapes.urls import icon
from index.shapes.versions import Shape
from index.shapes.view import View

Field = Callable[[AddonParts, Subject], Any]

_RATINGS: Final = ("average", "bayesian_average", "count", "text_count")
_THEME_TEXTS: Final = ("header", "footer", "headerURL", "footerURL", "previewURL", "iconURL", "updateURL")


def _html(key: str) -> Field:
    return lambda shapes, subject: translated_text(subject.addon[key], subject, shapes.context.links.wrap_all)  # type: ignore[literal-required]


def _plain(key: str) -> Field:
    return lambda shapes, subject: translated_text(subject.addon[key], subject)  # type: ignore[literal-required]


def _link(key: str) -> Field:
    return lambda shapes, subject: shapes.link(subject.addon[key], subject)  # type: ignore[literal-required]


def _copied(key: str) -> Field:
    return lambda shapes, subject: subject.addon[key]  # type: ignore[literal-required]


def _authors(shapes: AddonParts, subject: Subject) -> list[Shape]:
    return shapes.authors(subject.addon, subject.users, subject.view, compact=subject.compact)


def _current_version(shapes: AddonParts, subject: Subject) -> Shape | None:
    place: VersionContext = "search" if subject.compact else "current"
    return subject.current and shapes.version(subject.addon, subject.current, subject.view, place)


def _previews(shapes: AddonParts, subject: Subject) -> list[Shape]:
    images = sorted(subject.addon["previews"], key=lambda image: image["position"])
    return [shapes.preview(image, subject) for image in images]


def _ratings(shapes: AddonParts, subject: Subject) -> Shape:
    ratings = subject.addon["ratings"]
    shape: Shape = {key: ratings[key] for key in _RATINGS}
    if subject.view.grouped and not subject.compact and facts.knows_scores(ratings):
        shape["grouped_counts"] = {score: ratings["grouped_counts"].get(score, 0) for score in "12345"}
    return shape


def _is_featured(shapes: AddonParts, subject: Subject) -> bool:
    if subject.featured is not None:
        return subject.featured
    return any(promotion["group"] == facts.RECOMMENDED for promotion in subject.promotions)


def category_name(view: View, number: int) -> str:
    """The name of the category with this id."""
    return categories.name(categories.BY_ID[number], view.locale)


def _theme_data(shapes: AddonParts, subject: Subject) -> Shape:
    """The persona's stored values, the others taken from the add-on (contract/addons.md 5.5)."""
    addon, view, default = subject.addon, subject.view, subject.addon["default_locale"]

    def text(key: Literal["name", "description"]) -> Any:
        def in_language(view: View) -> str | None:
            return best(addon[key], view.language, default)

        return view.choose(in_language, addon[key], default, by_locale=True)

    themes = next(iter(addon["categories"].values()), [])
    category = categories.find("firefox", "persona", themes[0]) if themes else None
    authors = _authors(shapes, subject)
    theme: Shape = {
        "id": str(addon["_id"]),
        "name": text("name"),
        "accentcolor": None,
        "textcolor": None,
        "category": view.site_text(category_name, category.id) if category else "",
        "author": authors[0]["username"] if authors else "",
        "description": text("description"),
        **dict.fromkeys(_THEME_TEXTS, ""),
        "detailURL": f"{subject.urls.addon}{subject.name}/",
        "version": "1.0",
    }
    stored = addon["persona"] or {}
    return {key: stored.get(key, value) for key, value in theme.items()}


FIELDS: Final[dict[str, Field]] = {
    "id": lambda shapes, subject: subject.addon["_id"],
    "authors": _authors,
    "average_daily_users": _copied("average_daily_users"),
    "categories": lambda shapes, subject: shapes.categories(subject.addon),
    "contributions_url": lambda shapes, subject: (
        subject.addon["contributions_url"]
        and shapes.contributions(with_campaign(subject.addon["contributions_url"]), subject.view)
    ),
    "created": _copied("created"),
    "current_version": _current_version,
    "default_locale": _copied("default_locale"),
    "description": _html("description"),
    "developer_comments": _html("developer_comments"),
    "edit_url": lambda shapes, subject: f"{subject.urls.developers}{subject.name}/edit",
    "guid": _copied("guid"),
    "has_eula": lambda shapes, subject: has_text(subject.addon["eula"]),
    "has_privacy_policy": lambda shapes, subject: has_text(subject.addon["privacy_policy"]),
    "homepage": _link("homepage"),
    "icon_url": lambda shapes, subject: icon(shapes.context, subject.addon["icons"], "64"),
    "icons": lambda shapes, subject: {
        size: icon(shapes.context, subject.addon["icons"], size) for size in shapes.icon_sizes
    },
    "is_disabled": lambda shapes, subject: facts.is_disabled(subject.addon),
    "is_experimental": _copied("is_experimental"),
    "is_featured": _is_featured,
    "is_noindexed": lambda shapes, subject: None if subject.compact else subject.addon["is_noindexed"],
    "is_source_public": lambda shapes, subject: False,
    "last_updated": _copied("last_updated"),
    "locale_disambiguation": _copied("locale_disambiguation"),
    "name": _plain("name"),
    "previews": _previews,
    "promoted": lambda shapes, subject: shapes.promoted(subject.promotions),
    "ratings": _ratings,
    "ratings_url": lambda shapes, subject: f"{subject.urls.addon}{subject.name}/reviews/",
    "requires_payment": _copied("requires_payment"),
    "review_url": lambda shapes, subject: f"{subject.urls.review}{subject.addon['_id']}",
    "slug": _copied("slug"),
    "status": _copied("status"),
    "summary": _html("summary"),
    "support_email": _plain("support_email"),
    "support_url": _link("support_url"),
    "tags": lambda shapes, subject: sorted(subject.addon["tags"]),
    "target_locale": _copied("target_locale"),
    "theme_data": _theme_data,
    "type": _copied("type"),
    "url": lambda shapes, subject: f"{subject.urls.addon}{subject.name}/",
    "versions_url": lambda shapes, subject: f"{subject.urls.addon}{subject.name}/versions/",
    "weekly_downloads": _copied("weekly_downloads"),
}


def addon_keys(version: str) -> tuple[str, ...]:
    """The keys of an add-on object."""
    return in_version("addon", FIELDS, version)
