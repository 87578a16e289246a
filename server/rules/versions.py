"""Versions: their fields, edits and deletion (contract/writes.md 5).

    values = read_edit(sent, translation_format, addon["type"], describes=False)
    addon = edited(addon, version_id, values, license_id, now)
    addon = deleted(addon, version_id, now)

Pure functions: they return new documents and change none; they raise Invalid. Any thread.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from conf.limits import MAX_NOTE, MAX_RELEASE_NOTES
from conf.locales import DEFAULT_LOCALE
from conf.model.addons import AddonDoc, FileDoc, LicenseDoc, PromotionDoc, VersionDoc
from conf.vocabulary import BADGED_GROUPS, PROMOTED_GROUPS
from index import facts
from server.rules import compatibility
from server.rules.faults import Fault, Invalid, bare_fault, field_fault
from server.rules.fields import FieldReader, boolean, read_fields, string
from server.rules.status import computed_status, has_files_in_use
from server.rules.uploads import sources
from server.rules.values import licenses
from server.rules.values.translated import TranslationFormat, check_default, merged_translations, translated

FieldValues = Mapping[str, Any]

_LICENSES: Final = ("license", "custom_license")


def fields(
    translation_format: TranslationFormat, addon_type: str, *, describes: bool
) -> dict[str, FieldReader]:
    """The fields of new and edited versions; callers who `describes` packages may send a source's address."""
    return {
        "compatibility": compatibility.compatibility(addon_type),
        "license": licenses.built_in(addon_type),
        "custom_license": licenses.custom(addon_type, translation_format),
        "release_notes": translated(translation_format, MAX_RELEASE_NOTES),
        "approval_notes": string(MAX_NOTE, blank=True),
        "source": sources.archive_or_address if describes else sources.archive,
    }


def edit_fields(
    translation_format: TranslationFormat, addon_type: str, *, describes: bool
) -> dict[str, FieldReader]:
    """The readers of an edit."""
    return {**fields(translation_format, addon_type, describes=describes), "is_disabled": boolean}


def read_edit(
    sent: Mapping[str, Any], translation_format: TranslationFormat, addon_type: str, *, describes: bool
) -> dict[str, Any]:
    """The values of an edit. Raises Invalid."""
    return read_fields(edit_fields(translation_format, addon_type, describes=describes), sent)


def check_licenses(values: FieldValues) -> None:
    if all(key in values for key in _LICENSES):
        raise field_fault("license", "both_licenses")


def with_values(addon: AddonDoc, version: VersionDoc, values: FieldValues, license_id: int) -> VersionDoc:
    """The version with the values; `license_id` is for a new custom licence. Raises Invalid."""
    check_licenses(values)
    new = dict(version)
    if "compatibility" in values:
        new["compatibility"] = compatibility.completed(
            values["compatibility"], version["compatibility"], addon["type"]
        )
    if "license" in values:
        new["license"] = values["license"]
    if "custom_license" in values:
        new["license"] = licenses.customised(version["license"], values["custom_license"], license_id)
    if "release_notes" in values:
        new["release_notes"] = _notes(version, values["release_notes"])
    if "source" in values:
        new.pop("source_stored", None)
        new |= sources.source_fields(version, values)
    new |= {key: values[key] for key in ("approval_notes",) if key in values}
    return cast(VersionDoc, new)


def _notes(version: VersionDoc, change: Any) -> Any:
    """The changed notes, which need English whatever the default locale is (contract/writes.md 1.3)."""
    notes = merged_translations(version["release_notes"], change)
    fault = check_default(notes, DEFAULT_LOCALE, required=False)
    if fault:
        raise Invalid({"release_notes": [fault]})
    return notes


def edited(addon: AddonDoc, version_id: int, values: FieldValues, license_id: int, now: str) -> AddonDoc:
    """The add-on with one version changed; the same object if nothing changes. Raises Invalid."""
    version = get_version(addon, version_id)
    new = with_values(addon, version, values, license_id)
    _check_source(version, new)
    if "is_disabled" in values:
        new = _switch(addon, version, new, disabled=values["is_disabled"])
    if new == version:
        return addon
    changed = with_version(addon, new | {"modified": now})
    changed = _with_license(changed, new["license"]) if "custom_license" in values else changed
    status = _status_after(changed, new) if new["is_disabled"] != version["is_disabled"] else addon["status"]
    return changed | {"status": status, "modified": now}


def _check_source(old: VersionDoc, new: VersionDoc) -> None:
    if new["source"] != old["source"] and old["human_reviewed"]:
        raise field_fault("source", "source_reviewed")


def _switch(addon: AddonDoc, old: VersionDoc, new: VersionDoc, *, disabled: bool) -> VersionDoc:
    """The version disabled or enabled by its developer. Raises Invalid."""
    if disabled and not old["is_disabled"]:
        if not has_files_in_use(old):
            raise field_fault("is_disabled", "version_file_disabled")
        group = _promotion_lost(addon, old)
        if group:
            raise field_fault("is_disabled", "promoted_version_disable", group=group)
    return new | {"is_disabled": disabled}


def deleted(addon: AddonDoc, version_id: int, now: str) -> AddonDoc:
    """The add-on with one of its versions deleted. Raises Invalid."""
    version = get_version(addon, version_id)
    group = _promotion_lost(addon, version)
    if group:
        raise bare_fault("promoted_version_delete", group=group)
    changed = with_version(addon, version | {"deleted": True, "modified": now})
    return changed | {"status": _status_after(changed, version), "modified": now}


def _status_after(addon: AddonDoc, version: VersionDoc) -> str:
    """Only listed versions affect the status."""
    return computed_status(addon) if version["channel"] == "listed" else addon["status"]


def _promotion_lost(addon: AddonDoc, version: VersionDoc) -> str | None:
    """The badged group that the add-on would leave if the previous version replaced its current one."""
    current = facts.current_version(addon)
    if current is None or current["id"] != version["id"] or version["channel"] != "listed":
        return None
    badges = _badges(facts.promotions(addon, version))
    remaining = [candidate for candidate in facts.public_versions(addon) if candidate["id"] != version["id"]]
    lost = badges - _badges(facts.promotions(addon, remaining[0])) if remaining else set()
    return PROMOTED_GROUPS[min(lost)].label if lost else None


def _badges(promotions: list[PromotionDoc]) -> set[str]:
    return {promotion["group"] for promotion in promotions if promotion["group"] in BADGED_GROUPS}


def get_version(addon: AddonDoc, version_id: int) -> VersionDoc:
    """Raises KeyError if the add-on has none with this id."""
    for version in addon["versions"]:
        if version["id"] == version_id:
            return version
    raise KeyError(version_id)


def with_file_status(version: VersionDoc, new: str, old: str | None = None) -> VersionDoc:
    """The version with its files in status `new`: those in status `old`, or all."""
    files: list[FileDoc] = [
        file | {"status": new} if old in (None, file["status"]) else file for file in version["files"]
    ]
    return version | {"files": files}


def with_version(addon: AddonDoc, version: VersionDoc) -> AddonDoc:
    """The add-on with one of its versions replaced by this document of it."""
    return _map_versions(addon, lambda old: version if old["id"] == version["id"] else old)


def _map_versions(addon: AddonDoc, change: Callable[[VersionDoc], VersionDoc]) -> AddonDoc:
    return addon | {"versions": [change(version) for version in addon["versions"]]}


def _with_license(addon: AddonDoc, license: LicenseDoc | None) -> AddonDoc:
    """The add-on with the custom licence changed in every version that has it."""
    if license is None:
        return addon

    def change(version: VersionDoc) -> VersionDoc:
        stored = version["license"]
        has_license = stored is not None and stored["slug"] is None and stored["id"] == license["id"]
        return version | {"license": license} if has_license else version

    return _map_versions(addon, change)


def check_number(addon: AddonDoc, number: str) -> None:
    """Raises Invalid 409 if the add-on has or had a version of this number, in any case."""
    folded = number.casefold()
    equal = [version for version in addon["versions"] if version["version"].casefold() == folded]
    if equal:
        key = "version_deleted" if all(version["deleted"] for version in equal) else "version_exists"
        raise Invalid({"version": [Fault(key, version=number)]}, status=409)
