"""The versions of an add-on: list and detail (contract/addons.md 6 to 8)."""

import orjson

from conf.messages import text
from conf.model.addons import AddonDoc, VersionDoc
from handlers.addons.access import check_filter, find_version, load_addon, sees_notes, visible_version
from handlers.addons.addons import AddonPageHandler, public_addon
from handlers.http.errors import bad_parameter
from handlers.http.paging import envelope, page_size, requested_page
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from index import facts
from server.site import Site


def version_list(site: Site, ask: ReadRequest, identifier: str) -> Answer | None:
    """The approved listed versions of a public add-on; None when the answer needs a closer look."""
    addon_id = public_addon(site, ask, identifier)
    if addon_id is None or "filter" in ask.params:
        return None
    documents = site.catalogue.documents
    body = _listed(site, ask, documents.addon(addon_id), documents.versions(addon_id), private=False)
    return Answer(body, tag=site.catalogue.stamp(addon_id))


def _listed(
    site: Site, ask: ReadRequest, addon: AddonDoc, versions: list[VersionDoc], *, private: bool
) -> bytes:
    page = requested_page(ask, page_size(ask), lambda: len(versions))
    shapes = site.shapes[ask.view.version]
    shown = versions[page.start : page.stop]
    rows = [orjson.dumps(shapes.version(addon, one, ask.view, "list", private=private)) for one in shown]
    return envelope(ask, page, len(versions), rows)


def version_detail(site: Site, ask: ReadRequest, identifier: str, wanted: str) -> Answer | None:
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


class VersionListHandler(AddonPageHandler):
    title = "Addon Version"
    page = staticmethod(version_list)

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        addon = await load_addon(self, ask, args[0])
        which = ask.params.get("filter")
        check_filter(self, addon, which)
        private = sees_notes(self.caller, addon)
        return Answer(_listed(self.site, ask, addon, facts.versions(addon, which), private=private))


class VersionDetailHandler(AddonPageHandler):
    title = "Addon Version"
    page = staticmethod(version_detail)

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        addon = await load_addon(self, ask, args[0])
        if "filter" in ask.params:
            raise bad_parameter(text("filter_out_of_context", ask.view.locale))
        version = visible_version(self, addon, args[1])
        shapes = self.site.shapes[self.version]
        private = sees_notes(self.caller, addon)
        return Answer(orjson.dumps(shapes.version(addon, version, ask.view, "detail", private=private)))
