"""The pages of an add-on: from memory for anonymous callers, from the store for callers who may see more."""

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
    """A page about one add-on: from memory if it is public and the caller sees no more than anonymous ones.

    Every API version accepts API keys, as newer AMO servers do (contract/versions.md 17, contract/auth.md 4),
    although v3 was documented before they existed.
    """

    @classmethod
    def may_differ_for(cls, site: Site, caller: Caller, *args: str) -> bool:
        """True for its authors, and for anybody with a permission."""
        user = caller.user
        if user is None:
            return False
        addon_id = site.catalogue.find(args[0])
        stored = site.catalogue.documents.get(addon_id) if addon_id is not None else None
        return stored is None or bool(user["permissions"]) or user["_id"] in stored.authors


def public_addon(request: ReadRequest, identifier: str) -> int | None:
    """The id of a public add-on the caller may see here; None if it is not public or does not exist.

    Raises Refusal 451 if it is withheld from the caller's country.
    """
    addon_id = request.catalogue.find(identifier)
    stored = request.documents.get(addon_id) if addon_id is not None else None
    if stored is not None and request.country in stored.exclusions:
        raise region_blocked(request.view.locale)
    return addon_id


def detail_for(
    site: Site, caller: Caller, addon: AddonDoc, view: View, current: VersionDoc | None = None
) -> dict[str, Any]:
    """The add-on for a caller who may see more; `current` replaces its current version."""
    shapes = site.shapes[view.version]
    shape = shapes.detail(
        addon,
        site.catalogue.documents.users,
        view,
        current=current,
        featured=site.catalogue.featured.is_featured(addon["_id"]),
    )
    return shapes.with_unlisted(shape, addon, view) if sees_unlisted(caller, addon) else shape
