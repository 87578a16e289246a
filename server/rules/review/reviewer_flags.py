"""Reviewers' flags of an add-on, and their effects (contract/reviewers.md 1).

    values = read_flags({"auto_approval_disabled": True}, "v5")
    addon = with_flags(addon, values)
    is_held(addon, "listed", now)            # whether only a person may approve a version now
    addon = after_approval(addon, "listed")  # after a person approved a version

Pure functions: they return new documents and change none. Any thread.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from conf.gates import enabled
from conf.model.addons import AddonDoc, ReviewerFlagsDoc
from conf.vocabulary import THEMES
from server.rules.fields import FieldReader, boolean, nullable, read_fields
from server.rules.values.dates import date

INFO_REQUEST: Final = "pending_info_request"
FLAGS: Final[dict[str, FieldReader]] = {
    "auto_approval_disabled": boolean,
    "auto_approval_disabled_unlisted": boolean,
    "auto_approval_disabled_until_next_approval": boolean,
    "auto_approval_disabled_until_next_approval_unlisted": boolean,
    "auto_approval_delayed_until": nullable(date),
    "auto_approval_delayed_until_unlisted": nullable(date),
    "needs_admin_code_review": boolean,
    "needs_admin_content_review": boolean,
    "needs_admin_theme_review": boolean,
    INFO_REQUEST: nullable(date),
}
_SUFFIXES: Final = {"listed": "", "unlisted": "_unlisted"}  # of flags of a channel
_NONE: Final = {name: False if reader is boolean else None for name, reader in FLAGS.items()}


def all_flags(addon: AddonDoc) -> dict[str, Any]:
    """All flags with their values."""
    return {**_NONE, **addon.get("reviewer_flags", {})}


def visible_flags(addon: AddonDoc, version: str) -> dict[str, Any]:
    """The flags as an API version shows them."""
    flags = all_flags(addon)
    return {name: flags[name] for name in _names(version)}


def _names(version: str) -> list[str]:
    return [name for name in FLAGS if name != INFO_REQUEST or enabled(version, INFO_REQUEST)]


def read_flags(sent: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The sent flags. Raises Invalid."""
    return read_fields({name: FLAGS[name] for name in _names(version)}, sent)


def with_flags(addon: AddonDoc, values: Mapping[str, Any]) -> AddonDoc:
    """The add-on with flags changed; the same object if none changes."""
    flags = all_flags(addon)
    new = flags | dict(values)
    return addon if new == flags else addon | {"reviewer_flags": cast(ReviewerFlagsDoc, new)}


def is_held(addon: AddonDoc, channel: str, now: str) -> bool:
    """Whether a version submitted now needs approval by a person."""
    flags, suffix = all_flags(addon), _SUFFIXES[channel]
    until = flags[delay_flag(channel)]
    return bool(
        flags[f"auto_approval_disabled{suffix}"]
        or flags[f"auto_approval_disabled_until_next_approval{suffix}"]
        or (until is not None and until > now)
        or flags[_review_flag(addon)]
    )


def delay_flag(channel: str) -> str:
    """The name of the flag whose date delays the approval of the channel's versions."""
    return f"auto_approval_delayed_until{_SUFFIXES[channel]}"


def after_approval(addon: AddonDoc, channel: str) -> AddonDoc:
    """The add-on without the flag that ends with an approval by a person."""
    return with_flags(addon, {f"auto_approval_disabled_until_next_approval{_SUFFIXES[channel]}": False})


def needs_admin(addon: AddonDoc, *, content: bool = False) -> bool:
    """Whether only an administrator decides about its versions, or about its `content`."""
    return bool(all_flags(addon)["needs_admin_content_review" if content else _review_flag(addon)])


def super_review_requested(addon: AddonDoc) -> AddonDoc:
    """The add-on flagged for a decision by an administrator."""
    return with_flags(addon, {_review_flag(addon): True})


def _review_flag(addon: AddonDoc) -> str:
    return "needs_admin_theme_review" if addon["type"] in THEMES else "needs_admin_code_review"
