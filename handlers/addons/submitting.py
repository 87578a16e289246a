"""New add-ons and new versions: from what was sent to numbered documents (contract/writes.md 3 to 5).

Rules are server/rules/packages.py, releases.py and listing.py; here is what they
need from the site: numbers, names that are taken, the caller's permissions.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from conf.limits import MAX_SLUG
from conf.model.addons import AddonDoc
from handlers.addons.editing import AddonEditing, as_invalid
from handlers.http.request import ReadRequest
from server import clock
from server.activity_log import record, release_records
from server.errors import Duplicate
from server.rules import listing, packages, releases
from server.rules.faults import Fault, Invalid, under
from server.rules.fields import read
from server.rules.names import slug_from
from server.rules.releases import Numbers
from server.rules.sizes import check_size
from server.rules.versions import version_of
from server.site import Site

Sent = Mapping[str, Any]
PackageFields = dict[str, Any]


def developer_view(handler: AddonEditing, ask: ReadRequest, addon: AddonDoc) -> dict[str, Any]:
    """An add-on as its authors are shown it."""
    shapes = handler.site.shapes[handler.version]
    detail = shapes.detail(addon, handler.site.catalogue.documents.users, ask.view)
    return shapes.with_unlisted(detail, addon, ask.view)


def developer_version(
    handler: AddonEditing, ask: ReadRequest, addon: AddonDoc, version_id: int
) -> dict[str, Any]:
    """A version as its authors are shown it."""
    version = version_of(addon, version_id)
    return handler.site.shapes[handler.version].version(addon, version, ask.view, "detail", private=True)


def submitted_view(
    handler: AddonEditing, ask: ReadRequest, addon: AddonDoc, version_id: int
) -> dict[str, Any]:
    """The answer to a submission: the add-on, with the version just made (contract/packages.md 5)."""
    version = developer_version(handler, ask, addon, version_id)
    return developer_view(handler, ask, addon) | {"version": version}


async def terms_for(
    handler: AddonEditing, sent: Sent, addon: AddonDoc | None, addon_type: str
) -> listing.ListingContext:
    """What a listing sent by this caller is read by; `addon` is None for a new one."""
    taken = await _taken_slug(handler.site, sent.get("slug"), addon)
    return listing.ListingContext(
        manner=handler.manner(),
        site_url=handler.site_url,
        addon_type=addon_type,
        is_taken=lambda slug: slug == taken,
        trademarked=handler.can(listing.TRADEMARKS),
        describes=handler.can(packages.SUBMIT),
        categories=addon["categories"] if addon else None,
        tags=addon["tags"] if addon else (),
    )


async def _taken_slug(site: Site, slug: Any, addon: AddonDoc | None) -> str | None:
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


def read_version(handler: AddonEditing, sent: Sent, addon_type: str) -> PackageFields:
    """Raises Invalid."""
    packages.check_upload(sent, may_describe=handler.can(packages.SUBMIT))
    known = (packages.SIGNED, packages.LANGUAGE_PACKS)
    granted = frozenset(permission for permission in known if handler.can(permission))
    return packages.read_package(sent, handler.manner(), addon_type, granted)


def read_nested(handler: AddonEditing, sent: Sent, addon: AddonDoc | None) -> PackageFields:
    """The package under `version`. Raises Invalid, keyed by `version`."""
    if "version" not in sent:
        raise Invalid({"version": [Fault("required")]})
    version = sent["version"]
    if not isinstance(version, dict):
        kind = type(version).__name__
        fault = Fault("null") if version is None else Fault("invalid_data", type=kind)
        raise Invalid({"version": [fault] if version is None else {"non_field_errors": [fault]}})
    addon_type = addon["type"] if addon else packages.type_of(version)
    with under("version"):
        return read_version(handler, version, addon_type)


async def read_submission(
    handler: AddonEditing, sent: Sent, addon: AddonDoc | None
) -> tuple[dict[str, Any], PackageFields]:
    """Metadata and package of POST and PUT. Raises Invalid with the faults of both."""
    faults: dict[str, Any] = {}
    values: dict[str, Any] = {}
    package: PackageFields = {}
    try:
        package = read_nested(handler, sent, addon)
    except Invalid as error:
        faults |= error.faults
    addon_type = addon["type"] if addon else str(package.get("type", "extension"))
    if addon is None:
        sent = releases.with_manifest(sent, package)
    try:
        values = read(listing.fields(await terms_for(handler, sent, addon, addon_type)), sent)
    except Invalid as error:
        faults |= error.faults
    if faults:
        raise Invalid(faults)
    return await handler.clean(values), await handler.clean(package)


async def numbers_for(site: Site, package: PackageFields, addon_id: int | None = None) -> Numbers:
    """Numbers for what a package brings; an add-on's own unless it has one."""
    store = site.store
    return Numbers(
        addon=addon_id if addon_id is not None else await store.next_id("addon"),
        version=await store.next_id("version"),
        file=await store.next_id("file", len(package["files"])),
        license=await store.next_id("license") if "custom_license" in package else 0,
    )


async def create(
    handler: AddonEditing, values: dict[str, Any], package: PackageFields, address: str
) -> AddonDoc:
    """The new add-on as stored. Raises Invalid: 409 for a guid that is, or was, another's."""
    site = handler.site
    guid = package.get("guid") or f"{{{uuid4()}}}"
    if await site.store.find_addon_id("guid", guid) is not None:
        raise Invalid({"version": [Fault("guid_duplicate")]}, status=409)
    numbers = await numbers_for(site, package)
    slug = values.get("slug") or await _free_slug(site, values, package, numbers.addon)
    try:
        return await _store(handler, values, package, numbers, guid, slug, address)
    except Duplicate as taken:
        if taken.field != "slug" or "slug" in values:
            raise as_invalid(taken) from None
    # Somebody else was given the same name's slug at the same time.
    return await _store(handler, values, package, numbers, guid, f"addon-{numbers.addon}", address)


async def _store(
    handler: AddonEditing,
    values: Sent,
    package: PackageFields,
    numbers: Numbers,
    guid: str,
    slug: str,
    address: str,
) -> AddonDoc:
    addon = releases.created(values, package, numbers, guid, slug, handler.user_id, clock.now())
    check_size(None, addon)
    created = record("addon-created", addon, handler.user_id, address=address)
    records = [created, *release_records(addon, addon["versions"][0], handler.user_id, address)]
    return await handler.site.changes.create_addon(addon, records)


async def _free_slug(site: Site, values: Sent, package: PackageFields, addon_id: int) -> str:
    texts = values.get("name") or package.get("name") or {}
    made = slug_from(next((text for text in texts.values() if text), ""), addon_id)
    return made if await _taken_slug(site, made, None) is None else f"{made[:20]}-{addon_id}"
