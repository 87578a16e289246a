"""Heroes and shelves of the demonstration: some of everything that the home page may show."""

from collections.abc import Sequence
from typing import Any, Final

from server.demo import people

Document = dict[str, Any]

_GRADIENT: Final = {"start": "color-ink-80", "end": "color-blue-70"}


def home_page(addons: Sequence[Document]) -> dict[str, list[Document]]:
    """By kind, each kind by id; `addons` are public."""
    return {
        "primary_hero": [*_ours(addons[:3]), _external(4)],
        "secondary_hero": [_secondary(1, "Make the web yours"), _secondary(2, "Safe by default")],
        "shelf": _shelves() if addons else [],
    }


def _ours(addons: Sequence[Document]) -> list[Document]:
    return [
        {
            "_id": place + 1,
            "addon_id": addon["_id"],
            "external": None,
            "description": {"en-US": "Our pick of the week.", "de": "Unsere Wahl."} if place else None,
            "image": f"hero/{place + 1}.jpg",
            "gradient": _GRADIENT,
            "enabled": place < 2,
        }
        for place, addon in enumerate(addons)
    ]


def _external(id: int) -> Document:
    return {
        "_id": id,
        "addon_id": None,
        "external": {
            "id": 9_000_001,
            "guid": "elsewhere@example.com",
            "homepage": {"en-US": "https://elsewhere.example/"},
            "name": {"en-US": "Elsewhere"},
            "type": "extension",
        },
        "description": {"en-US": "Made by people we like."},
        "image": None,
        "gradient": _GRADIENT,
        "enabled": True,
    }


def _secondary(id: int, headline: str) -> Document:
    return {
        "_id": id,
        "headline": {"en-US": headline},
        "description": {"en-US": "Add-ons let you change how the web looks and works."},
        "cta": {"url": "/extensions/", "text": {"en-US": "Look around"}},
        "modules": [
            {"icon": f"hero/{icon}.svg", "description": {"en-US": text}, "cta": None}
            for icon, text in (("lock", "Private."), ("brush", "Beautiful."), ("bolt", "Fast."))
        ],
        "enabled": True,
    }


def _shelves() -> list[Document]:
    rows = (
        ("Recommended extensions", "search", "promoted=recommended&sort=random&type=extension"),
        ("Most popular", "search", "sort=users&type=extension"),
        ("Favourites of the demonstration", "collections", f"{people.user_id(0)}/favourites"),
        ("Add-ons for {tag}", "random-tag", "tag={tag}&sort=users"),
        ("Best rated themes", "search", "sort=rating&type=statictheme"),
    )
    return [
        {
            "_id": place,
            "title": {"en-US": title},
            "endpoint": endpoint,
            "criteria": criteria,
            "addon_type": "statictheme" if "statictheme" in criteria else "extension",
            "count": 4,
            "footer_text": {"en-US": "See more"},
            "footer_url": None,
            "position": place,
            "enabled": True,
        }
        for place, (title, endpoint, criteria) in enumerate(rows, 1)
    ]
