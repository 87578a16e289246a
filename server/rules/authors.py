"""Authors of an add-on, and invitations to become one (contract/writes.md 7).

    values = read_fields(FIELDS, body.fields)
    addon = edited(addon, user_id, values, now)
    addon = invited(addon, account, values, now)
    addon = confirmed(addon, user_id, now)

Pure functions: they return new documents and change none; they raise Invalid. Any thread.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from conf.limits import MAX_POSITION
from conf.model.addons import AddonDoc, AuthorDoc, PendingAuthorDoc, UserDoc
from conf.vocabulary import ROLES
from server.rules.faults import Fault, Invalid, bare_fault, field_fault
from server.rules.fields import FieldReader, boolean, choice, integer

PENDING_FIELDS: Final[dict[str, FieldReader]] = {"role": choice(ROLES), "listed": boolean}
FIELDS: Final[dict[str, FieldReader]] = {**PENDING_FIELDS, "position": integer(0, MAX_POSITION)}
INVITATION: Final[dict[str, FieldReader]] = {"user_id": integer(1), **PENDING_FIELDS}

_OWNER: Final = "owner"


def find_author(addon: AddonDoc, user_id: int) -> AuthorDoc | None:
    return next((author for author in addon["authors"] if author["user_id"] == user_id), None)


def find_invitation(addon: AddonDoc, user_id: int) -> PendingAuthorDoc | None:
    return next((pending for pending in addon["pending_authors"] if pending["user_id"] == user_id), None)


def edited(addon: AddonDoc, user_id: int, values: Mapping[str, Any], now: str) -> AddonDoc:
    """The add-on with one author's role, listing or position changed; the same object if nothing changes."""
    authors = [
        cast(AuthorDoc, author | dict(values)) if author["user_id"] == user_id else author
        for author in addon["authors"]
    ]
    if authors == addon["authors"]:
        return addon
    faults = {name: [fault] for name, fault in _faults(authors).items() if name in values}
    if faults:
        raise Invalid(faults)
    return _with_authors(addon, authors, now)


def removed(addon: AddonDoc, user_id: int, now: str) -> AddonDoc:
    """The add-on without that author. Raises Invalid if no owner or no listed author would remain."""
    authors = [author for author in addon["authors"] if author["user_id"] != user_id]
    for fault in _faults(authors).values():
        raise bare_fault(fault.key)
    return _with_authors(addon, authors, now)


def _faults(authors: list[AuthorDoc]) -> dict[str, Fault]:
    """By field, the faults of a list of authors without an owner or without a listed author."""
    faults = {}
    if not any(author["role"] == _OWNER for author in authors):
        faults["role"] = Fault("owner_needed")
    if not any(author["listed"] for author in authors):
        faults["listed"] = Fault("listed_author_needed")
    return faults


def _with_authors(addon: AddonDoc, authors: list[AuthorDoc], now: str) -> AddonDoc:
    return addon | {"authors": sorted(authors, key=lambda author: author["position"]), "modified": now}


def invited(addon: AddonDoc, account: UserDoc | None, values: Mapping[str, Any], now: str) -> AddonDoc:
    """The add-on with an invitation; the default role is owner, as in AMO's model (contract/writes.md 12)."""
    if account is None or account["deleted"]:
        raise field_fault("user_id", "account_not_found")
    user_id = account["_id"]
    if find_author(addon, user_id) or find_invitation(addon, user_id):
        raise field_fault("user_id", "author_twice")
    if not (account["display_name"] or "").strip():
        raise field_fault("user_id", "author_without_name")
    if account["banned"]:
        raise field_fault("user_id", "email_restricted")
    invitation = cast(
        PendingAuthorDoc,
        {"user_id": user_id, "role": values.get("role", _OWNER), "listed": values.get("listed", True)},
    )
    return addon | {"pending_authors": [*addon["pending_authors"], invitation], "modified": now}


def invitation_edited(addon: AddonDoc, user_id: int, values: Mapping[str, Any], now: str) -> AddonDoc:
    """The add-on with an invitation's role or listing changed; the same object if nothing changes."""
    pending = [
        cast(PendingAuthorDoc, invitation | dict(values)) if invitation["user_id"] == user_id else invitation
        for invitation in addon["pending_authors"]
    ]
    if pending == addon["pending_authors"]:
        return addon
    return addon | {"pending_authors": pending, "modified": now}


def invitation_removed(addon: AddonDoc, user_id: int, now: str) -> AddonDoc:
    """The add-on without an invitation, which was withdrawn or declined."""
    pending = [invitation for invitation in addon["pending_authors"] if invitation["user_id"] != user_id]
    return addon | {"pending_authors": pending, "modified": now}


def confirmed(addon: AddonDoc, user_id: int, now: str) -> AddonDoc:
    """The invited user becomes the last of the authors. Raises LookupError without an invitation."""
    invitation = find_invitation(addon, user_id)
    if invitation is None:
        raise LookupError(user_id)
    max_position = max((author["position"] for author in addon["authors"]), default=-1)
    author = cast(AuthorDoc, {**invitation, "position": max_position + 1})
    return invitation_removed(_with_authors(addon, [*addon["authors"], author], now), user_id, now)
