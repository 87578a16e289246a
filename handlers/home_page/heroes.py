"""The heroes of the home page (contract/extras.md 3.1): `hero/`, `hero/primary/`, `hero/secondary/`.

`hero/` shows random ones, chosen anew for each request.
"""

import random
from collections.abc import Sequence
from typing import Any, TypeVar

import orjson

from conf.model.curated import PrimaryHeroDoc, SecondaryHeroDoc
from handlers.http.base import public_page
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.shapes.home_page import primary_hero, secondary_hero

Hero = TypeVar("Hero", PrimaryHeroDoc, SecondaryHeroDoc)


def random_heroes(request: ReadRequest) -> dict[str, Any]:
    """A random primary and a random secondary hero; None if none is enabled."""
    primary = _random_hero(
        [hero for hero in request.site.curated.primary_heroes.view if _is_public(request, hero)]
    )
    secondary = _random_hero(request.site.curated.secondary_heroes.view)
    return {
        "primary": primary and _primary(request, primary),
        "secondary": secondary and _secondary(request, secondary),
    }


def _random_hero(heroes: Sequence[Hero]) -> Hero | None:
    enabled = [hero for hero in heroes if hero["enabled"]]
    return random.choice(enabled) if enabled else None


def _is_public(request: ReadRequest, hero: PrimaryHeroDoc) -> bool:
    addon_id = hero["addon_id"]
    return hero["external"] is not None or (addon_id is not None and request.catalogue.is_listed(addon_id))


def _primary(request: ReadRequest, hero: PrimaryHeroDoc) -> dict[str, Any]:
    shapes, documents, view = request.shapes, request.documents, request.view
    addon, row = None, {}
    if hero["external"] is None and (addon_id := hero["addon_id"]) is not None:
        addon = documents.addon(addon_id)
        row = orjson.loads(documents.rows([addon_id], view)[0])
    return primary_hero(shapes, hero, addon, row, view, raw="raw" in request.params)


def _secondary(request: ReadRequest, hero: SecondaryHeroDoc) -> dict[str, Any]:
    return secondary_hero(request.shapes, hero, request.view)


def _requested_heroes(request: ReadRequest, heroes: Sequence[Hero]) -> list[Hero]:
    includes_disabled = request.params.get("all", "").lower() == "true"
    return [hero for hero in heroes if hero["enabled"] or includes_disabled]


def primary_heroes(request: ReadRequest) -> Answer:
    heroes = _requested_heroes(request, request.site.curated.primary_heroes.view)
    return json_answer({"results": [_primary(request, hero) for hero in heroes if _is_public(request, hero)]})


def secondary_heroes(request: ReadRequest) -> Answer:
    heroes = _requested_heroes(request, request.site.curated.secondary_heroes.view)
    return json_answer({"results": [_secondary(request, hero) for hero in heroes]})


def both_heroes(request: ReadRequest) -> Answer:
    return json_answer(random_heroes(request))


HeroHandler = public_page("Hero", both_heroes)
PrimaryHeroesHandler = public_page("Primary Hero", primary_heroes)
SecondaryHeroesHandler = public_page("Secondary Hero", secondary_heroes)
