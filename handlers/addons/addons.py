"""One add-on: detail (contract/addons.md 2 to 5)."""

from collections.abc import Callable
from typing import ClassVar

import orjson

from conf.model.addons import AddonDoc, VersionDoc
from conf.vocabulary import APPS
from handlers.addons.access import load_addon, sees_more, sees_unlisted
from handlers.http.base import PageHandler
from handlers.http.errors import bad_request, region_blocked
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from index import facts
from index.search_params.appversion import search_range
from index.search_params.compatibility import newest_compatible
from server.auth.callers import Caller, Mechanism
from server.site import Site

_GROUPED = {"true": True, "1": True, "false": False, "0": False}


def public_addon(site: Site, ask: ReadRequest, identifier: str) -> int | None:
    """The id of a public add-on the caller may see here; None when it is not public or unknown.

    Raises Refusal 451 where it is withheld from the caller's country.
    """
    addon_id = site.catalogue.find(identifier)
    kept = site.catalogue.documents.get(addon_id) if addon_id is not None else None
    if kept is not None and ask.country in kept.exclusions:
        raise region_blocked(ask.view.locale)
    return addon_id


def detail(site: Site, ask: ReadRequest, identifier: str) -> Answer | None:
    addon_id = public_addon(site, ask, identifier)
    if addon_id is None:
        return None
    grouped = _show_grouped(ask)
    documents = site.catalogue.documents
    current = None
    if ask.params.get("appversion"):
        current = _compatible(ask, documents.addon(addon_id), lambda: documents.versions(addon_id))
    if current is None:
        body = documents.detail(addon_id, ask.view, grouped=grouped)
    else:
        body = documents.detail_with(addon_id, ask.view, current, grouped=grouped)
    return Answer(body + b"}", tag=site.catalogue.stamp(addon_id))


def _show_grouped(ask: ReadRequest) -> bool:
    raw = ask.params.get("show_grouped_ratings")
    if raw is None or raw == "":
        return False
    if raw.lower() not in _GROUPED:
        raise bad_request("grouped_ratings_invalid", ask.view.locale)
    return _GROUPED[raw.lower()]


def _compatible(
    ask: ReadRequest, addon: AddonDoc, versions: Callable[[], list[VersionDoc]]
) -> VersionDoc | None:
    """Of a language pack, the newest of its public versions that the caller's browser can use."""
    wanted = ask.params.get("appversion")
    if not wanted or addon["type"] != "language":
        return None
    app = ask.params.get("app", "").lower()
    if app not in APPS:
        raise bad_request("invalid_parameter", ask.view.locale, name="app")
    if search_range(wanted) is None:
        raise bad_request("invalid_parameter", ask.view.locale, name="appversion")
    return newest_compatible(versions(), app, wanted)


class AddonPageHandler(PageHandler):
    """A page about one add-on: from memory for strangers of a public one, else looked at closer.

    API keys are taken in every version, as newer servers do (contract/versions.md 17, contract/auth.md 4);
    v3 was documented when there was but the internal way.
    """

    mechanisms: ClassVar[tuple[Mechanism, ...]] = ("jwt", "session")

    @classmethod
    def shows_more(cls, site: Site, caller: Caller, *args: str) -> bool:
        if caller.is_anonymous:
            return False
        addon_id = site.catalogue.find(args[0])
        kept = site.catalogue.documents.get(addon_id) if addon_id is not None else None
        return kept is None or sees_more(caller, kept)


class AddonHandler(AddonPageHandler):
    title = "Addon"
    page = staticmethod(detail)

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        addon = await load_addon(self, ask, args[0])
        shapes = self.site.shapes[self.version]
        shown = shapes.detail(
            addon,
            self.site.catalogue.documents.users,
            ask.view,
            grouped=_show_grouped(ask),
            current=_compatible(ask, addon, lambda: facts.public_versions(addon)),
            featured=self.site.catalogue.featured.is_featured(addon["_id"]),
        )
        if sees_unlisted(self.caller, addon):
            shapes.with_unlisted(shown, addon, ask.view)
        return Answer(orjson.dumps(shown))
