"""Add-ons as the API finds, edits and deletes them (contract/writes.md 4 and 8).

    addon = await find(site, caller, "tab-tree", EDITORS, country="DE", safe=False)
    addon = await edit(site, actor, addon, sent)
    await delete(site, actor, addon, token)

New ones begin with a submission (submissions.py); what operators do is in
moderation.py. Event loop only.
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
from server.rules.faults import bare
from server.services.editing import Actor, Recorded, Sent, clean, edit_addon
from server.services.pictures import draw_icon
from server.site import Site

_SALT: Final = "amoeba.delete"


async def find(
    site: Site, caller: Caller, identifier: str, rule: Rule, *, safe: bool, country: str | None
) -> AddonDoc:
    """The stored add-on, by the names memory knows, whatever their case, as strangers find it; else as
    written.

    Raises as addon_access.check; Unavailable when MongoDB is away. `country` None: no region is kept out.
    """
    known = site.catalogue.find(identifier)
    addon = await site.store.find_addon("id", known) if known is not None else None
    addon = addon or await site.store.find_addon(*identify(identifier))
    return check(rule, caller, addon, safe=safe, country=country)


async def is_free(site: Site, guid: str) -> bool:
    """Whether there is no add-on with this guid to be put; that of a deleted one is still nobody's to take.

    Raises NotFound for what is no guid.
    """
    if identify(guid)[0] != "guid":
        raise NotFound
    known = await site.store.find_addon_id("guid", guid)
    stored = await site.store.find_one("addons", {"_id": known}, {"status": 1})
    return stored is None or stored["status"] == "deleted"


async def edit(site: Site, actor: Actor, addon: AddonDoc, sent: Sent) -> AddonDoc:
    """The add-on with another listing. Raises Invalid, and as editing.py."""
    context = await listing_context(site, actor, sent, addon["type"], addon)
    values = await clean(listing.read_listing(sent, context, icons=True))
    if values.get("icon"):
        values["icon"] = await draw_icon(site, addon["_id"], values["icon"])
    return await edit_listing(site, actor, addon, lambda newest, now: listing.edited(newest, values, now))


async def edit_policies(site: Site, actor: Actor, addon: AddonDoc, sent: Sent) -> AddonDoc:
    """The add-on with another EULA or privacy policy. Raises Invalid, and as editing.py."""
    values = await clean(listing.read_policies(sent, actor.manner, addon["type"]))
    return await edit_listing(site, actor, addon, lambda newest, now: listing.edited(newest, values, now))


async def edit_listing(
    site: Site, actor: Actor, addon: AddonDoc, change: Callable[[AddonDoc, str], AddonDoc]
) -> AddonDoc:
    """As `edit_addon`, for what is recorded property by property."""

    def recorded(newest: AddonDoc, now: str) -> Recorded:
        new = change(newest, now)
        return new, listing_records(newest, new, actor.id)

    return await edit_addon(site, actor, addon, recorded)


async def listing_context(
    site: Site, actor: Actor, sent: Sent, addon_type: str, addon: AddonDoc | None
) -> listing.ListingContext:
    """What a listing sent by this caller is read by; `addon` is None for a new one."""
    taken = await taken_slug(site, sent.get("slug"), addon)
    return listing.ListingContext(
        manner=actor.manner,
        site_url=site.addresses.site_url,
        addon_type=addon_type,
        is_taken=lambda slug: slug == taken,
        trademarked=actor.caller.has(listing.TRADEMARKS),
        describes=actor.describes,
        categories=addon["categories"] if addon else None,
        tags=addon["tags"] if addon else (),
    )


async def taken_slug(site: Site, slug: Any, addon: AddonDoc | None = None) -> str | None:
    """The slug as text if another add-on has it, in any case."""
    if not isinstance(slug, str | int) or isinstance(slug, bool):
        return None
    slug = str(slug).strip()
    if len(slug) > MAX_SLUG:
        return None
    own = addon["_id"] if addon else None
    known = site.catalogue.documents.find_slug(slug)
    known = known if known is not None else await site.store.find_addon_id("slug", slug)
    return slug if known is not None and known != own else None


def deletion_token(site: Site, addon: AddonDoc) -> str:
    """The first of the two steps of a deletion: a word for this add-on, good for a minute."""
    return site.authenticator.keys.ring.signer(_SALT).sign(str(addon["_id"])).decode()


async def delete(site: Site, actor: Actor, addon: AddonDoc, token: str) -> None:
    """Raises Invalid for a token that is missing, old or another add-on's, and as editing.py."""
    _check_token(site, addon, token)

    def change(newest: AddonDoc, now: str) -> Recorded:
        new = listing.deleted(newest, now)
        return new, [record("addon-deleted", new, actor.id, details={"slug": newest["slug"]})]

    await edit_addon(site, actor, addon, change, DELETERS)


def _check_token(site: Site, addon: AddonDoc, token: str) -> None:
    if not token:
        raise bare("delete_token_missing")
    try:
        named = site.authenticator.keys.ring.signer(_SALT).unsign(token, max_age=DELETE_CONFIRM_AGE)
    except BadSignature:
        raise bare("delete_token_invalid") from None
    if named != str(addon["_id"]).encode():
        raise bare("delete_token_invalid")
