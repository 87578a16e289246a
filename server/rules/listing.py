"""The listing of an add-on: the fields its authors write (contract/writes.md 3.2, 4.1).

    values = read_fields(fields(context), body.fields)     # faults of form: Invalid
    addon = edited(addon, values, now)                     # faults of state: Invalid

Pure functions: they return new documents and change none. Any thread.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from conf import limits
from conf.locales import SUPPORTED
from conf.model.addons import AddonDoc, Translated
from conf.vocabulary import ICON_SIZES, TAGS, THEMES
from server.rules.faults import Fault, Invalid, bare_fault
from server.rules.fields import FieldReader, boolean, choice, list_of, nested, read_fields, with_schema
from server.rules.status import computed_status, has_live_listed, status_after_edit, withdrawn
from server.rules.values import categories, images, links, names
from server.rules.values.translated import TranslationFormat, check_default, merged_translations, translated

FieldValues = Mapping[str, Any]

TRADEMARKS: Final = "Trademark:Bypass"
REQUIRED: Final = Fault("required_if_listed")
_TRANSLATED: Final = (
    "name",
    "summary",
    "description",
    "developer_comments",
    "homepage",
    "support_url",
    "support_email",
    "eula",
    "privacy_policy",
)
_POLICIES: Final = ("eula", "privacy_policy")
_REQUIRED_TEXTS: Final = ("name", "summary")
_COPIED: Final = (
    "slug",
    "default_locale",
    "contributions_url",
    "is_experimental",
    "requires_payment",
    "tags",
    "icons",
)
# The fields of an add-on that `edited` reads under their own names.
EDITED: Final = frozenset({*_TRANSLATED, *_COPIED, "categories"})
# Reviewed content, whose change needs a new content review.
_REVIEWED: Final = ("name", "summary")


@dataclass(frozen=True, slots=True)
class ListingContext:
    """What reading a listing depends on beside the body."""

    translation_format: TranslationFormat
    site_url: str
    addon_type: str
    is_slug_taken: Callable[[str], bool]  # another add-on's slug
    trademarked: bool = False  # whether the caller may use trademarks
    # Whether the caller may name icons hosted elsewhere (server/rules/uploads/packages.py).
    describes: bool = False
    categories: Mapping[str, list[str]] | None = None  # those the add-on has
    tags: Collection[str] = ()  # those the add-on has


def fields(context: ListingContext) -> dict[str, FieldReader]:
    translation_format, external = context.translation_format, links.external(context.site_url)
    check_name = names.check_name if context.trademarked else names.check_untrademarked
    return {
        "name": translated(translation_format, limits.MAX_NAME, check_name),
        "summary": translated(translation_format, limits.MAX_SUMMARY, links.check_no_url),
        "description": translated(translation_format, limits.MAX_DESCRIPTION),
        "developer_comments": translated(translation_format, limits.MAX_DESCRIPTION),
        "homepage": translated(translation_format, limits.MAX_URL, external),
        "support_url": translated(translation_format, limits.MAX_URL, external),
        "support_email": translated(translation_format, limits.MAX_EMAIL, links.check_email),
        "contributions_url": links.contributions,
        "slug": names.slug(context.is_slug_taken),
        "default_locale": choice(SUPPORTED),
        "categories": categories.categories(context.addon_type, context.categories),
        "tags": list_of(choice({*TAGS, *context.tags}), limits.MAX_TAGS),
        "is_disabled": boolean,
        "is_experimental": boolean,
        "requires_payment": boolean,
    }


def icon_fields(context: ListingContext) -> dict[str, FieldReader]:
    """Fields that change an icon: an upload, or null to remove it; callers who describe packages may send an
    address for each size.
    """
    readers: dict[str, FieldReader] = {"icon": _icon}
    if context.describes:
        readers["icons"] = nested({str(size): images.address for size in ICON_SIZES})
    return readers


@with_schema(**images.FILE_SCHEMA)
def _icon(value: Any) -> bytes | None:
    return images.upload(value, square=True)


def read_listing(sent: Mapping[str, Any], context: ListingContext, *, icons: bool = False) -> dict[str, Any]:
    """The values of the sent fields; `icons` includes the fields that change an icon. Raises Invalid."""
    return read_fields({**fields(context), **(icon_fields(context) if icons else {})}, sent)


def read_policies(
    sent: Mapping[str, Any], translation_format: TranslationFormat, addon_type: str
) -> dict[str, Any]:
    """EULA and privacy policy. Raises Invalid, also for a theme, which has neither. (contract/writes.md 8
    leaves that answer open.)
    """
    if addon_type in THEMES:
        raise bare_fault("not_for_type")
    return read_fields(policy_fields(translation_format), sent)


def policy_fields(translation_format: TranslationFormat) -> dict[str, FieldReader]:
    return dict.fromkeys(_POLICIES, translated(translation_format, limits.MAX_LEGAL_TEXT))


def edited(addon: AddonDoc, values: FieldValues, now: str) -> AddonDoc:
    """The edited add-on; the same object if nothing changes. Raises Invalid."""
    new = with_values(addon, values)
    check_languages(new, values, required=has_live_listed(addon))
    if "categories" in values and has_live_listed(addon) and not any(new["categories"].values()):
        raise Invalid({"categories": [REQUIRED]})
    if new == addon:
        return addon
    if any(new[key] != addon[key] for key in _REVIEWED) and has_live_listed(addon):
        new = _content_changed(new)
    return new | {"status": status_after_edit(new), "modified": now}


def with_values(addon: AddonDoc, values: FieldValues) -> AddonDoc:
    """The add-on with the values applied, without checks of the result."""
    new: dict[str, Any] = dict(addon)
    new |= {key: merged_translations(new[key], values[key]) for key in _TRANSLATED if key in values}
    new |= {key: values[key] for key in _COPIED if key in values}
    drawn = values.get("icon") or {}  # images.DrawnPicture by size
    if "icon" in values:
        new["icons"] = {size: picture.address for size, picture in drawn.items()}
    if "icon" in values or "icons" in values:
        new = images.with_pictures(new, drawn.values())
    if "categories" in values:
        new["categories"] = categories.merged_categories(
            values["categories"], addon["type"], addon["categories"]
        )
    changed = cast(AddonDoc, new)
    if "is_disabled" in values and values["is_disabled"] != addon["disabled_by_user"]:
        changed = with_developer_switch(changed, disabled=values["is_disabled"])
    return changed


def check_languages(addon: AddonDoc, sent: Collection[str], *, required: bool) -> None:
    """Raises Invalid for translated fields without a text in the default locale. Checks the fields in `sent`,
    or all if `default_locale` is among them.
    """
    keys = _TRANSLATED if "default_locale" in sent else [key for key in _TRANSLATED if key in sent]
    faults = {}
    for key in keys:
        text = cast(Translated | None, addon[key])  # type: ignore[literal-required]
        fault = check_default(text, addon["default_locale"], required=required and key in _REQUIRED_TEXTS)
        if fault:
            faults[key] = [fault]
    if faults:
        raise Invalid(faults)


def _content_changed(addon: AddonDoc) -> AddonDoc:
    """The add-on after a change of its content: if that was accepted, it awaits a new review; a rejected
    listing stays rejected (contract/activity.md 2).
    """
    review = addon["content_review"]
    state = 1 if review["state"] == 2 else review["state"]
    return addon | {"content_review": review | {"state": state, "reviewed": None}}


def with_developer_switch(addon: AddonDoc, *, disabled: bool) -> AddonDoc:
    """The add-on disabled or enabled by its developer; disabling withdraws versions that await review."""
    if not disabled:
        return addon | {"disabled_by_user": False}
    versions = [withdrawn(version) for version in addon["versions"]]
    changed = addon | {"disabled_by_user": True, "versions": versions}
    return changed if versions == addon["versions"] else changed | {"status": computed_status(changed)}


def deleted(addon: AddonDoc, now: str) -> AddonDoc:
    """The deleted add-on: its slug becomes free, its guid does not, and pictures uploaded for its listing are
    removed (contract/writes.md 4.3).
    """
    deleted_versions = [version | {"deleted": True, "modified": now} for version in addon["versions"]]
    versions = [
        old if old["deleted"] else new for old, new in zip(addon["versions"], deleted_versions, strict=True)
    ]
    stripped = cast(AddonDoc, images.without_pictures(addon))
    return stripped | {
        "status": "deleted",
        "slug": None,
        "pending_authors": [],
        "versions": versions,
        "modified": now,
    }
