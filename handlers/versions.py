"""The versions of an add-on: list and detail (reference/addons.md 6 to 8)."""

import orjson

from conf.model import VersionDoc
from handlers.addons import public_addon
from handlers.answer import Answer
from handlers.ask import Ask
from handlers.base import PageHandler
from handlers.paging import envelope, page_size, requested_page
from server.site import Site


def version_list(site: Site, ask: Ask, identifier: str) -> Answer | None:
    """The approved listed versions of a public add-on; None when the answer needs a closer look."""
    addon_id = public_addon(site, ask, identifier)
    if addon_id is None or "filter" in ask.params:
        return None
    documents = site.catalogue.documents
    versions = documents.versions(addon_id)
    page = requested_page(ask, page_size(ask), lambda: len(versions))
    addon = documents.addon(addon_id)
    shapes = site.shapes[ask.view.version]
    shown = versions[page.start : page.stop]
    rows = [orjson.dumps(shapes.version(addon, version, ask.view, "list")) for version in shown]
    return Answer(envelope(ask, page, len(versions), rows), tag=site.catalogue.stamp(addon_id))


def version_detail(site: Site, ask: Ask, identifier: str, wanted: str) -> Answer | None:
    addon_id = public_addon(site, ask, identifier)
    if addon_id is None or "filter" in ask.params:
        return None
    documents = site.catalogue.documents
    version = find_version(documents.versions(addon_id), wanted)
    if version is None:
        return None
    shapes = site.shapes[ask.view.version]
    body = orjson.dumps(shapes.version(documents.addon(addon_id), version, ask.view, "detail"))
    return Answer(body, tag=site.catalogue.stamp(addon_id))


def find_version(versions: list[VersionDoc], wanted: str) -> VersionDoc | None:
    """By number after a `v` or where it has a dot, else by id (reference/addons.md 8)."""
    if wanted.startswith("v") or "." in wanted:
        number = wanted.removeprefix("v")
        return next((version for version in versions if version["version"] == number), None)
    if not (wanted.isascii() and wanted.isdigit()):
        return None
    return next((version for version in versions if version["id"] == int(wanted[:18])), None)


class VersionListHandler(PageHandler):
    title = "Addon Version"
    page = staticmethod(version_list)


class VersionDetailHandler(PageHandler):
    title = "Addon Version"
    page = staticmethod(version_detail)
