"""Creates add-ons and versions from bodies (contract/writes.md 3 to 5).

    addon = await create(site, actor, sent)
    addon, version = await add_version(site, actor, addon, sent)

The rules for bodies are in server/rules/uploads/packages.py, server/rules/releases.py and
server/rules/listing.py. This module reads what they need from the site: new ids, slugs in use, permissions.
Event loop only.
"""

from contextlib import nullcontext
from functools import partial
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from conf.model.addons import AddonDoc
from server.activity_log import listing_records, record, release_records, rollback_record
from server.errors import Duplicate
from server.rules import listing, releases
from server.rules.faults import Fault, Invalid, nested_under
from server.rules.releases import Numbers, PackageFields
from server.rules.versions import get_version
from server.services import pictures
from server.services.addons import listing_context, slug_in_use
from server.services.editing import (
    Actor,
    EditedAddon,
    Release,
    Sent,
    as_invalid,
    create_addon,
    edit_addon,
    with_clean_markup,
)
from server.services.uploads import packages
from server.site import Site


async def create(site: Site, actor: Actor, sent: Sent, guid: str | None = None) -> Release:
    """Create an add-on; `guid` is the one it must have.

    Raises Invalid: 409 for a guid that another add-on has or had.
    """
    values, package = await _read(site, actor, sent, None)
    _check_guid(package, guid)
    with nested_under("version"):
        _check_curated_lists(site, package.get("guid"), package)
    new_guid = package.get("guid") or f"{{{uuid4()}}}"
    numbers = await _numbers(site, package)
    extra_writes = await packages.creation_writes(site, actor, package, new_guid, numbers.addon)
    slug = values.get("slug") or await _free_slug(site, values, package, numbers.addon)

    values |= await pictures.listing_icon(site, numbers.addon, values, package)

    def new_addon(slug: str, now: str) -> EditedAddon:
        addon = releases.new_addon(values, package, numbers, new_guid, slug, actor.id, now)
        addon = packages.auto_approved(site, addon, package, numbers, now)
        created = record("addon-created", addon, actor.id, address=actor.address)
        return addon, [created, *release_records(addon, addon["versions"][0], actor.id, actor.address)]

    try:
        addon = await create_addon(site, partial(new_addon, slug), extra_writes)
    except Duplicate as duplicate:
        if duplicate.field != "slug" or "slug" in values:
            raise as_invalid(duplicate) from None
        # Another submission got the same slug at the same time.
        addon = await create_addon(site, partial(new_addon, f"addon-{numbers.addon}"), extra_writes)
    return Release(addon, addon["versions"][0])


async def _free_slug(site: Site, values: Sent, package: PackageFields, addon_id: int) -> str:
    slug = releases.make_slug(values, package, addon_id)
    return slug if await slug_in_use(site, slug) is None else f"{slug[:20]}-{addon_id}"


async def replace(site: Site, actor: Actor, addon: AddonDoc, sent: Sent, guid: str) -> Release:
    """The add-on with another listing and one more version.

    Raises Invalid, and as server/services/editing.py.
    """
    values, package = await _read(site, actor, sent, addon)
    _check_guid(package, guid)
    return await _release(site, actor, addon, package, values, "version")


async def add_version(site: Site, actor: Actor, addon: AddonDoc, sent: Sent) -> Release:
    """The add-on with one more version. Raises Invalid, and as server/services/editing.py."""
    package = await with_clean_markup(await packages.read_package(site, actor, sent, addon["type"]))
    return await _release(site, actor, addon, package)


async def _release(
    site: Site,
    actor: Actor,
    addon: AddonDoc,
    package: PackageFields,
    values: Sent = MappingProxyType({}),
    nested: str | None = None,
) -> Release:
    """`values` are those of the listing; `nested` is the field under which the package was sent, if any."""
    with nested_under(nested) if nested else nullcontext():
        _check_curated_lists(site, addon["guid"], package)
    numbers = await _numbers(site, package, addon["_id"])
    values = {**values, **await pictures.listing_icon(site, addon["_id"], values, package, addon["icons"])}

    def change(newest: AddonDoc, now: str) -> EditedAddon:
        relisted = listing.edited(newest, values, now)
        with nested_under(nested) if nested else nullcontext():
            new = releases.with_new_version(relisted, package, numbers, now)
        new = packages.auto_approved(site, new, package, numbers, now)
        version = get_version(new, numbers.version)
        released = release_records(new, version, actor.id, actor.address)
        if earlier := package.get("rolled_back_to"):
            released.append(rollback_record(new, version, actor.id, earlier))
        return new, [*listing_records(newest, new, actor.id), *released]

    released = await edit_addon(
        site, actor, addon, change, extra_writes=packages.release_writes(site, actor, package, addon)
    )
    return Release(released, get_version(released, numbers.version))


def _check_curated_lists(site: Site, guid: str | None, package: PackageFields) -> None:
    """Raises Invalid for a blocked version, and for application versions that were never released."""
    site.curated.check_released(package.get("compatibility", {}))
    if guid is not None:
        site.curated.check_unblocked(guid, package["version"], site.addresses.site_url)


async def _numbers(site: Site, package: PackageFields, addon_id: int | None = None) -> Numbers:
    """New ids for the version and its parts, and for a new add-on."""
    store = site.store
    return Numbers(
        addon=addon_id if addon_id is not None else await store.next_id("addon"),
        version=await store.next_id("version"),
        file=await store.next_id("file", len(package["files"])),
        license=await store.next_id("license") if "custom_license" in package else 0,
    )


async def _read(
    site: Site, actor: Actor, sent: Sent, addon: AddonDoc | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Listing and package of POST and PUT. Raises Invalid with the faults of both."""
    faults: dict[str, Any] = {}
    values: dict[str, Any] = {}
    package: dict[str, Any] = {}
    try:
        package = await _read_nested(site, actor, sent, addon)
    except Invalid as error:
        faults |= error.faults
    addon_type = addon["type"] if addon else str(package.get("type", "extension"))
    if addon is None:
        sent = releases.with_manifest(sent, package)
    try:
        context = await listing_context(site, actor, sent, addon_type, addon)
        values = listing.read_listing(sent, context, icons=addon is not None)
    except Invalid as error:
        faults |= error.faults
    if faults:
        raise Invalid(faults)
    return await with_clean_markup(values), await with_clean_markup(package)


async def _read_nested(site: Site, actor: Actor, sent: Sent, addon: AddonDoc | None) -> dict[str, Any]:
    """The package under `version`. Raises Invalid, keyed by `version`."""
    if "version" not in sent:
        raise Invalid({"version": [Fault("required")]})
    version = sent["version"]
    if not isinstance(version, dict):
        kind = type(version).__name__
        fault = Fault("null") if version is None else Fault("invalid_data", type=kind)
        raise Invalid({"version": [fault] if version is None else {"non_field_errors": [fault]}})
    with nested_under("version"):
        return await packages.read_package(site, actor, version, addon["type"] if addon else None)


def _check_guid(package: PackageFields, guid: str | None) -> None:
    """Raises Invalid if the path names another guid than the package."""
    if guid is None:
        return
    package_guid = package.get("guid")
    if package_guid is None or package_guid.casefold() != guid.casefold():
        fault = Fault("guid_missing" if package_guid is None else "guid_mismatch")
        raise Invalid({"version": {"upload": [fault]}})
