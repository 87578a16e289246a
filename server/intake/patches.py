"""Stores patches (patch_records.py), for `load --merge`.

    change = await store_patches(changes, [patch])

server/services/patching.py says what a change is and causes.
"""

from collections.abc import Sequence
from typing import Any, Final

from server import clock
from server.changes import Change, Changes
from server.errors import OperatorFault
from server.intake.addons import read_addon
from server.intake.batch import LoadCounts
from server.intake.json_values import BadRecord, quoted
from server.intake.kinds import KINDS, validated
from server.intake.merging import merge_authors
from server.intake.records import Patch
from server.intake.versions import read_versions
from server.rules.faults import Invalid
from server.services.patching import patch_addon, patch_user

# Keys that every add-on object has, so that a patch without them gets the stored ones.
_REQUIRED: Final = ("guid", "slug", "type", "status", "default_locale", "name")


async def store_patches(changes: Changes, patches: Sequence[Patch]) -> LoadCounts:
    """Apply all of them in one transaction, or none. Raises BadRecord, StoreError."""

    async def work(change: Change) -> LoadCounts:
        changed = [await _store(change, patch) for patch in patches]
        return LoadCounts(changed=sum(changed))

    return await changes.run(work)


async def _store(change: Change, patch: Patch) -> bool:
    """Returns whether the patch changed anything."""
    kind = KINDS[patch.kind]
    if patch.field in ("guid", "slug"):
        stored: Any = await change.find_addon(patch.field, patch.value)
    else:
        stored = await change.find_one(kind.collection, {patch.field: patch.value})
    if stored is None:
        raise BadRecord(f"there is no {patch.kind} with {patch.field} {quoted(patch.value)}")
    try:
        if patch.kind == "user":
            new: Any = await patch_user(
                change, stored["_id"], patch.fields, lambda user: validated(kind, user)
            )
        else:
            fields = _from_amo(patch.fields, stored) if patch.is_amo else patch.fields
            new = await patch_addon(change, stored["_id"], fields, lambda addon: validated(kind, addon))
    except (Invalid, OperatorFault) as fault:
        raise BadRecord(str(fault)) from None
    return bool(new != stored)


def _from_amo(fields: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    """AMO's fields as those of the model, read together with the stored ones that every object has."""
    whole = {"id": stored["_id"]} | {key: stored[key] for key in _REQUIRED} | fields
    addon = read_addon(whole)
    read = {
        key: addon[key] for key in addon if key in fields or key not in (*_REQUIRED, "_id", "last_updated")
    }
    if "authors" in read:
        read["authors"] = merge_authors(stored["authors"], read["authors"])
    if "ratings" in read:
        read["ratings"] = {key: read["ratings"][key] for key in fields["ratings"] if key in read["ratings"]}
    versions = read_versions(whole, stored["default_locale"], clock.now())
    return read | ({"versions": versions} if versions else {})
