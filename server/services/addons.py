"""Add-ons as the API finds, edits and deletes them (contract/writes.md 4 and 8).

    addon = await find(site, caller, "tab-tree", EDITORS, country="DE", safe=False)
    addon = await edit(site, actor, addon, sent)
    await delete(site, actor, addon, token)

New ones begin with a submission (server/services/uploads/submissions.py); what operators do is in
server/services/review/moderation.py. Event loop only.
"""

from collections.abc import Callable
from typing import Any, Final

from itsdangerous import BadSignature

from conf.limits import DELETE_CONFIRM_AGE, MAX_SLUG
from conf.model.addons import AddonDoc
from index.documents.identifiers import identify
from server.activity_log import listing_records, record
from server.auth.access.addon_access import DELETERS, Rule, check
from server.auth.callers import Caller
from server.errors import NotFound
from server.rules import listing
from server.rules.faults import bare_fault
from server.services.editing import Actor, EditedAddon, Sent, edit_addon, with_clean_markup
from server.services.pictures import draw_icon
from server.site import Site

_SALT: Final = "amoeba.delete"


async def find(
    site: Site, caller: Caller, identifier: str, rule: Rule, *, safe: bool, country: str | None
) -> AddonDoc:
    """The stored add-on by id, slug or guid; the public catalogue resolves the identifier before the store.

    Raises as addon_access.check; Unavailable when MongoDB is away. `country` None: no region is excluded.
    """
    addon_id = site.catalogue.find(identifier)
    addon = await site.store.find_addon("id", addon_id) if addon_id is not None else None
    addon = addon or await site.store.find_addon(*identify(identifier))
    return check(rule, caller, addon, safe=safe, country=country)


async def is_free(site: Site, guid: str) -> bool:
    """Whether PUT with this guid creates an add-on; a deleted one's guid counts as free here.

    Raises NotFound for what is not a guid.
    """
    if identify(guid)[0] != "guid":
        raise NotFound
    addon_id = await site.store.find_addon_id("guid", guid)
    stored = await site.store.find_one("addons", {"_id": addon_id}, {"status": 1})
    return stored is None or stored["status"] == "deleted"


async def edit(site: Site, actor: Actor, addon: AddonDoc, sent: Sent) -> AddonDoc:
    """The add-on with another listing. Raises Invalid, and as editing.py."""
    context = await listing_context(site, actor, sent, addon["type"], addon)
    values = await with_clean_markup(listing.read_listing(sent, context, icons=True))
    if values.get("icon"):
        values["icon"] = await draw_icon(site, addon["_id"], values["icon"])
    return await edit_listing(site, actor, addon, lambda newest, now: listing.edited(newest, values, now))


async def edit_policies(site: Site, actor: Actor, addon: AddonDoc, sent: Sent) -> AddonDoc:
    """The add-on with another EULA or privacy policy. Raises Invalid, and as editing.py."""
    values = await with_clean_markup(listing.read_policies(sent, actor.translation_format, addon["type"]))
    return await edit_listing(site, actor, addon, lambda newest, now: listing.edited(newest, values, now))


async def edit_listing(
    site: Site, actor: Actor, addon: AddonDoc, change: Callable[[AddonDoc, str], AddonDoc]
) -> AddonDoc:
    """As `edit_addon`, with a record for each changed property."""

    def recorded(newest: AddonDoc, now: str) -> EditedAddon:
        new = change(newest, now)
        return new, listing_records(newest, new, actor.id)

    return await edit_addon(site, actor, addon, recorded)


async def listing_context(
    site: Site, actor: Actor, sent: Sent, addon_type: str, addon: AddonDoc | None
) -> listing.ListingContext:
    """The context for reading this caller's listing; `addon` is None for a new one."""
    taken = await slug_in_use(site, sent.get("slug"), addon)
    return listing.ListingContext(
        translation_format=actor.translation_format,
        site_url=site.addresses.site_url,
        addon_type=addon_type,
        is_slug_taken=lambda slug: slug == taken,
        trademarked=actor.caller.has(listing.TRADEMARKS),
        describes=actor.describes,
        categories=addon["categories"] if addon else None,
        tags=addon["tags"] if addon else (),
    )


async def slug_in_use(site: Site, slug: Any, addon: AddonDoc | None = None) -> str | None:
    """The slug as text if another add-on has it, compared without case; else None."""
    if not isinstance(slug, str | int) or isinstance(slug, bool):
        return None
    slug = str(slug).strip()
    if len(slug) > MAX_SLUG:
        return None
    owner_id = site.catalogue.documents.find_slug(slug)
    owner_id = owner_id if owner_id is not None else await site.store.find_addon_id("slug", slug)
    return slug if owner_id is not None and owner_id != (addon and addon["_id"]) else None


def deletion_token(site: Site, addon: AddonDoc) -> str:
    """The first step of a deletion: a token for this add-on, valid for DELETE_CONFIRM_AGE seconds."""
    return site.authenticator.keys.ring.signer(_SALT).sign(str(addon["_id"])).decode()


async def delete(site: Site, actor: Actor, addon: AddonDoc, token: str) -> None:
    """Raises Invalid for a token that is missing, expired or another add-on's, and as editing.py."""
    _check_token(site, addon, token)

    def change(newest: AddonDoc, now: str) -> EditedAddon:
        new = listing.deleted(newest, now)
        return new, [record("addon-deleted", new, actor.id, details={"slug": newest["slug"]})]

    await edit_addon(site, actor, addon, change, DELETERS)


def _check_token(site: Site, addon: AddonDoc, token: str) -> None:
    if not token:
        raise bare_fault("delete_token_missing")
    try:
        addon_id = site.authenticator.keys.ring.signer(_SALT).unsign(token, max_age=DELETE_CONFIRM_AGE)
    except BadSignature:
        raise bare_fault("delete_token_invalid") from None
    if addon_id != str(addon["_id"]).encode():
        raise bare_fault("delete_token_invalid")
