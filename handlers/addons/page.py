"""The pages of a public add-on: from memory for strangers, from the store for who sees more."""

from typing import Any

from conf.model.addons import AddonDoc, VersionDoc
from handlers.addons.resource import AddonResource
from handlers.http.base import PageHandler
from handlers.http.replies.errors import region_blocked
from handlers.http.requests.request import ReadRequest
from index.shapes.view import View
from server.auth.access.addon_access import sees_unlisted
from server.auth.callers import Caller
from server.site import Site


class AddonPage(AddonResource, PageHandler):
    """A page about one add-on: from memory for strangers of a public one, else looked at closer.

    API keys are taken in every version, as newer servers do (contract/versions.md 17, contract/auth.md 4);
    v3 was documented when there was but the internal way.
    """

    @classmethod
    def may_differ_for(cls, site: Site, caller: Caller, *args: str) -> bool:
        """To its authors, and whoever has any permission."""
        user = caller.user
        if user is None:
            return False
        addon_id = site.catalogue.find(args[0])
        stored = site.catalogue.documents.get(addon_id) if addon_id is not None else None
        return stored is None or bool(user["permissions"]) or user["_id"] in stored.authors


def public_addon(request: ReadRequest, identifier: str) -> int | None:
    """The id of a public add-on the caller may see here; None when it is not public or unknown.

    Raises Refusal 451 where it is withheld from the caller's country.
    """
    addon_id = request.catalogue.find(identifier)
    stored = request.documents.get(addon_id) if addon_id is not None else None
    if stored is not None and request.country in stored.exclusions:
        raise region_blocked(request.view.locale)
    return addon_id


def detail_for(
    site: Site, caller: Caller, addon: AddonDoc, view: View, current: VersionDoc | None = None
) -> dict[str, Any]:
    """The add-on as one of its people is shown it; `current` takes the place of its current version."""
    shapes = site.shapes[view.version]
    shape = shapes.detail(
        addon,
        site.catalogue.documents.users,
        view,
        current=current,
        featured=site.catalogue.featured.is_featured(addon["_id"]),
    )
    return shapes.with_unlisted(shape, addon, view) if sees_unlisted(caller, addon) else shape
