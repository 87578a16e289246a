"""Finds, edits and deletes versions of an add-on for the API.

Rules: contract/addons.md 6 to 8, contract/writes.md 5.

    versions = filter_versions(caller, addon, "all_with_unlisted")
    version = find(caller, addon, "v1.2")
    addon, version = await edit(site, actor, addon, version["id"], sent)

New ones are submissions (server/services/uploads/submissions.py). Event loop only.
"""

from conf.model.addons import AddonDoc, VersionDoc
from conf.numbers import read_number
from index import facts
from server.activity_log import record, version_records
from server.auth.access.addon_access import (
    CHANNEL_REVIEWERS,
    FILTERS,
    OPERATED_VERSION_READERS,
    VERSION_READERS,
    passes,
)
from server.auth.callers import Caller
from server.errors import Forbidden, NotFound
from server.rules import versions
from server.rules.faults import bare_fault
from server.services.editing import Actor, EditedAddon, Release, Sent, edit_addon, with_clean_markup
from server.services.uploads.sources import store_source
from server.site import Site


def find_by_name(candidates: list[VersionDoc], name: str) -> VersionDoc | None:
    """The version by its number if the name begins with `v` or has a dot, else by its id
    (contract/addons.md 8).
    """
    if name.startswith("v") or "." in name:
        number = name.removeprefix("v")
        return next((version for version in candidates if version["version"] == number), None)
    version_id = read_number(name)
    return next((version for version in candidates if version["id"] == version_id), None)


def filter_versions(caller: Caller, addon: AddonDoc, name: str | None) -> list[VersionDoc]:
    """The versions that a `filter` selects. Raises Invalid for an unknown filter, Forbidden if the caller may
    not use it.
    """
    if name is not None and name not in FILTERS:
        raise bare_fault("filter_invalid")
    if name is not None and not passes(FILTERS[name], caller, addon, safe=True):
        raise Forbidden
    return facts.versions(addon, name)


def find(caller: Caller, addon: AddonDoc, name: str) -> VersionDoc:
    """The version that a path names, for reading. Raises NotFound, Forbidden."""
    version = find_by_name(facts.versions(addon, "all_with_unlisted"), name)
    if version is None and passes(FILTERS["all_with_deleted"], caller, addon, safe=True):
        version = find_by_name(facts.versions(addon, "all_with_deleted"), name)
    if version is None:
        raise NotFound
    is_open = version["deleted"] or facts.is_public_version(version)
    if not is_open and not passes(VERSION_READERS[version["channel"]], caller, addon, safe=True):
        raise Forbidden
    return version


def find_by_id(caller: Caller, addon: AddonDoc, name: str) -> VersionDoc:
    """The version whose id a path has, as reviewers' paths do. Raises NotFound."""
    version = find_by_name(addon["versions"], name) if read_number(name) is not None else None
    if version is None or (
        version["deleted"] and not passes(FILTERS["all_with_deleted"], caller, addon, safe=True)
    ):
        raise NotFound
    return version


def sees_channel(caller: Caller, addon: AddonDoc, version: VersionDoc, *, safe: bool) -> bool:
    """Whether the caller, who may see the add-on's private side, sees versions of this channel."""
    return version["channel"] == "listed" or passes(VERSION_READERS["unlisted"], caller, addon, safe=safe)


def check_channel(caller: Caller, addon: AddonDoc, version: VersionDoc, *, safe: bool) -> None:
    """Raises Forbidden unless the caller sees versions of this channel."""
    if not sees_channel(caller, addon, version, safe=safe):
        raise Forbidden


def is_in_console(caller: Caller, addon: AddonDoc, version: VersionDoc) -> bool:
    """Whether the console shows the version to a caller who sees the add-on there."""
    if version["deleted"]:
        return passes(FILTERS["all_with_deleted"], caller, addon, safe=True)
    rule = OPERATED_VERSION_READERS[version["channel"]]
    return facts.is_public_version(version) or passes(rule, caller, addon, safe=True)


def check_reviewer(caller: Caller, addon: AddonDoc, version: VersionDoc) -> None:
    """Raises Forbidden unless the caller reviews versions of this channel."""
    if not passes(CHANNEL_REVIEWERS[version["channel"]], caller, addon, safe=False):
        raise Forbidden


def find_to_edit(addon: AddonDoc, name: str) -> VersionDoc:
    """The version that a path names, for a change. Raises NotFound."""
    version = find_by_name(facts.versions(addon, "all_with_unlisted"), name)
    if version is None:
        raise NotFound
    return version


async def edit(site: Site, actor: Actor, addon: AddonDoc, version_id: int, sent: Sent) -> Release:
    """The add-on and its changed version. Raises Invalid, NotFound, and as editing.py."""
    sent_values = versions.read_edit(sent, actor.translation_format, addon["type"], describes=actor.describes)
    site.curated.check_released(sent_values.get("compatibility", {}))
    values = await store_source(site, await with_clean_markup(sent_values))
    license_id = await site.store.next_id("license") if "custom_license" in values else 0

    def change(newest: AddonDoc, now: str) -> EditedAddon:
        _check_exists(newest, version_id)
        new = versions.edited(newest, version_id, values, license_id, now)
        return new, version_records(newest, new, version_id, actor.id)

    addon = await edit_addon(site, actor, addon, change)
    return Release(addon, versions.get_version(addon, version_id))


async def delete(site: Site, actor: Actor, addon: AddonDoc, version: VersionDoc) -> None:
    """Raises Invalid, NotFound, and as editing.py."""

    def change(newest: AddonDoc, now: str) -> EditedAddon:
        _check_exists(newest, version["id"])
        new = versions.deleted(newest, version["id"], now)
        return new, [record("version-deleted", new, actor.id, version=version)]

    await edit_addon(site, actor, addon, change)


def _check_exists(addon: AddonDoc, version_id: int) -> None:
    """Raises NotFound if the version was deleted meanwhile."""
    if all(version["deleted"] or version["id"] != version_id for version in addon["versions"]):
        raise NotFound
