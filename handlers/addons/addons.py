"""Add-ons: detail, creation, edits and deletion (contract/addons.md 2 to 5, contract/writes.md 3 and 4)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import orjson

from conf.model.addons import AddonDoc, VersionDoc
from conf.vocabulary import APPS
from handlers.addons.resource import SUBMITTING, AddonPage, AddonResource, public_addon
from handlers.http.access import Access
from handlers.http.errors import bad_request
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from index import facts
from index.search_params.appversion import search_range
from index.search_params.compatibility import newest_compatible
from index.shapes.view import View
from server.auth.addon_access import DELETERS, VISIBLE, sees_unlisted
from server.errors import Forbidden
from server.services import addons, submissions
from server.site import Site

_GROUPED = {"true": True, "1": True, "false": False, "0": False}


def detail(site: Site, ask: ReadRequest, identifier: str) -> Answer | None:
    addon_id = public_addon(site, ask, identifier)
    if addon_id is None:
        return None
    view = _view(ask)
    documents = site.catalogue.documents
    current = None
    if ask.params.get("appversion"):
        current = _compatible(ask, documents.addon(addon_id), lambda: documents.versions(addon_id))
    if current is None:
        body = documents.detail(addon_id, view)
    else:
        body = documents.detail_with(addon_id, view, current)
    return Answer(body + b"}", tag=site.catalogue.stamp(addon_id))


def _view(ask: ReadRequest) -> View:
    raw = ask.params.get("show_grouped_ratings", "").lower()
    if not raw:
        return ask.view
    if raw not in _GROUPED:
        raise bad_request("grouped_ratings_invalid", ask.view.locale)
    return replace(ask.view, grouped=_GROUPED[raw])


def _compatible(
    ask: ReadRequest, addon: AddonDoc, versions: Callable[[], list[VersionDoc]]
) -> VersionDoc | None:
    """Of a language pack, the newest of its public versions that the caller's browser can use."""
    appversion = ask.params.get("appversion")
    if not appversion or addon["type"] != "language":
        return None
    app = ask.params.get("app", "").lower()
    if app not in APPS:
        raise bad_request("invalid_parameter", ask.view.locale, name="app")
    if search_range(appversion) is None:
        raise bad_request("invalid_parameter", ask.view.locale, name="appversion")
    return newest_compatible(versions(), app, appversion)


class AddonCreateHandler(AddonResource):
    title = "Addon"
    access: ClassVar = {"POST": Access(signed_in=True, submits=True, throttle="submission")}

    async def post(self) -> None:
        release = await submissions.create(self.site, self.actor, self.sent())
        self.send_json(submitted_view(self, release), 201)


def submitted_view(handler: AddonResource, release: submissions.Release) -> dict[str, Any]:
    """The answer to a submission: the add-on, with the version just made (contract/packages.md 5)."""
    return handler.own_view(release.addon) | {"version": handler.own_version(*release)}


class AddonHandler(AddonPage):
    title = "Addon"
    page = staticmethod(detail)
    access: ClassVar = {
        "GET": Access(VISIBLE),
        "PATCH": SUBMITTING,
        "PUT": SUBMITTING,
        "DELETE": Access(DELETERS, throttle="submission"),
    }

    async def look_closer(self, ask: ReadRequest, *args: str) -> Answer:
        addon = await self.load(args[0])
        shapes = self.site.shapes[self.version]
        shape = shapes.detail(
            addon,
            self.site.catalogue.documents.users,
            _view(ask),
            current=_compatible(ask, addon, lambda: facts.public_versions(addon)),
            featured=self.site.catalogue.featured.is_featured(addon["_id"]),
        )
        if sees_unlisted(self.caller, addon):
            shapes.with_unlisted(shape, addon, ask.view)
        return Answer(orjson.dumps(shape))

    async def patch(self, identifier: str) -> None:
        addon = await self.load(identifier)
        self.send_json(self.own_view(await addons.edit(self.site, self.actor, addon, self.sent())))

    async def put(self, identifier: str) -> None:
        """By guid only: an add-on that is not there is created."""
        if not await addons.is_free(self.site, identifier):
            addon = await self.load(identifier)
            release = await submissions.replace(self.site, self.actor, addon, self.sent(), identifier)
            self.send_json(submitted_view(self, release))
            return
        if self.caller.is_anonymous:
            raise Forbidden
        release = await submissions.create(self.site, self.actor, self.sent(), identifier)
        self.send_json(submitted_view(self, release), 201)

    async def delete(self, identifier: str) -> None:
        addon = await self.load(identifier)
        await addons.delete(self.site, self.actor, addon, self.ask().params.get("delete_confirm", ""))
        self.send_nothing()


class DeleteConfirmHandler(AddonResource):
    """The first of the two steps of a deletion: a token for this add-on, valid for a minute."""

    title = "Addon Delete Confirm"
    access: ClassVar = {"GET": Access(DELETERS)}

    async def get(self, identifier: str) -> None:
        addon = await self.load(identifier)
        self.send_json({"delete_confirm": addons.deletion_token(self.site, addon)})
