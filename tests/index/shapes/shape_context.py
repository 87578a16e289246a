"""A site to show add-ons of, and short ways of showing them."""

from typing import Any

from conf.model.addons import AddonDoc
from index.documents.users import PublicUser
from index.shapes.api_versions import shapes_for
from index.shapes.links import Links
from index.shapes.shape import Shapes
from index.shapes.urls import ShapeContext
from index.shapes.view import View
from tests.factories import make_addon

SITE = "https://addons.example"
LINKS = Links("https://out.example/v1", "secret", SITE)
CONTEXT = ShapeContext(SITE, f"{SITE}/user-media", f"{SITE}/static", LINKS)
USERS = {
    7: PublicUser(7, "ann", "Ann", None),
    8: PublicUser(8, "anonymous-8", None, "/userpics/0/0/8.png?modified=1"),
    9: PublicUser(9, "carl", "Carl", "https://pictures.example/9.png"),
}
VERSIONS = ("v3", "v4", "v5")
RECOMMENDED = {"group": "recommended", "apps": ["firefox", "android"]}


def shapes(version: str) -> Shapes:
    return shapes_for(version, CONTEXT)


def detail(version: str, addon: AddonDoc | None = None, **view: Any) -> dict[str, Any]:
    return shapes(version).detail(addon or make_addon(), USERS, View(version, **view))


def row(version: str, addon: AddonDoc | None = None, **view: Any) -> dict[str, Any]:
    return shapes(version).row(addon or make_addon(), USERS, View(version, **view))
