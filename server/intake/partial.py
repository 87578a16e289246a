"""Partial objects, for `load --merge`: the fields they have change, all others stay as they are stored.

    partial = read_partial({"kind": "addon", "_id": 7, "status": "disabled"})
    partial = read_partial({"guid": "tab@example.org", "name": {"fr": "Onglets"}})    # as AMO's API has it
    change = await store_partials(changes, [partial])

An add-on is named by its id, guid or slug, an account by its id or username.
server/services/patching.py says what a change is and causes.
"""

from collections.abc import Sequence
from typing import Any, Final

from conf.model.checks import find_fault, part_of
from index.shapes.fields import FIELDS
from server import clock
from server.changes import Change, Changes
from server.errors import OperatorFault
from server.intake.addons import read_addon
from server.intake.batch import LoadCounts
from server.intake.json_values import BadRecord, check_key_names, check_keys, integer, quoted
from server.intake.kinds import KINDS, checked
from server.intake.merging import with_authors
from server.intake.records import Partial
from server.intake.versions import PLACES, read_versions
from server.rules.faults import Invalid
from server.services.patching import patch_addon, patch_user

# What names a document: keys of a dump and of the API, in the order they are looked at -> field.
_NAMES: Final[dict[str, dict[str, str]]] = {
    "addon": {"_id": "_id", "id": "_id", "guid": "guid", "slug": "slug"},
    "user": {"_id": "_id", "id": "_id", "username": "username"},
}
# Fields of a document that are not the operator's to change.
_FIXED: Final = ("_id", "revision", "auth_id")
# What AMO's add-on objects may have, in any version of the API; what is made from the rest is passed over.
_AMO_KEYS: Final = frozenset({*FIELDS, *PLACES, "eula", "privacy_policy", "is_recommended"})
# Keys without which no add-on object is one: taken from what is stored.
_NEEDED: Final = ("guid", "slug", "type", "status", "default_locale", "name")


def read_partial(value: Any) -> Partial:
    """Raises BadRecord for what cannot be merged, whatever is stored."""
    if not isinstance(value, dict):
        raise BadRecord(f"not an object: {quoted(value)}")
    is_amo = "kind" not in value
    kind = "addon" if is_amo else value["kind"]
    names = _NAMES.get(kind) if isinstance(kind, str) else None
    if names is None:
        raise BadRecord(f"add-ons and users can be merged, not {quoted(kind)}")
    key = next((key for key in names if value.get(key) is not None), None)
    if key is None:
        raise BadRecord(f"does not say which {kind}: none of {', '.join(names)}")
    if names[key] == "_id":
        integer(value[key], key, 1)
    elif not isinstance(value[key], str):
        raise BadRecord(f"bad {key}: {quoted(value[key])}")
    fields = {name: item for name, item in value.items() if name not in (key, "kind", *_FIXED)}
    if is_amo:
        check_key_names(fields, _AMO_KEYS)
    else:
        _check_fields(fields, KINDS[kind].model)
    return Partial(kind, names[key], value[key], fields, is_amo)


def _check_fields(fields: dict[str, Any], model: Any) -> None:
    """Whether they are of the model, as far as that can be said of a part. Raises BadRecord."""
    check_keys(fields, model)
    if fault := find_fault(fields, part_of(model)):
        raise BadRecord(fault)
    for version in fields.get("versions", ()):
        integer(version.get("id"), "version id", 1)
        for file in version.get("files", ()):
            integer(file.get("id"), "file id", 1)


async def store_partials(changes: Changes, partials: Sequence[Partial]) -> LoadCounts:
    """All of them in one transaction, or none. Raises BadRecord, StoreError."""

    async def work(change: Change) -> LoadCounts:
        changed = [await _store(change, partial) for partial in partials]
        return LoadCounts(changed=sum(changed))

    return await changes.run(work)


async def _store(change: Change, partial: Partial) -> bool:
    """Whether it changed anything."""
    kind = KINDS[partial.kind]
    if partial.field in ("guid", "slug"):
        stored: Any = await change.find_addon(partial.field, partial.value)
    else:
        stored = await change.find_one(kind.collection, {partial.field: partial.value})
    if stored is None:
        raise BadRecord(f"there is no {partial.kind} with {partial.field} {quoted(partial.value)}")
    try:
        if partial.kind == "user":
            new: Any = await patch_user(
                change, stored["_id"], partial.fields, lambda user: checked(kind, user)
            )
        else:
            fields = _from_amo(partial.fields, stored) if partial.is_amo else partial.fields
            new = await patch_addon(change, stored["_id"], fields, lambda addon: checked(kind, addon))
    except (Invalid, OperatorFault) as fault:
        raise BadRecord(str(fault)) from None
    return bool(new != stored)


def _from_amo(fields: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    """AMO's fields in the model's words: read beside what every add-on object has."""
    whole = {"id": stored["_id"]} | {key: stored[key] for key in _NEEDED} | fields
    addon = read_addon(whole)
    read = {key: addon[key] for key in addon if key in fields or key not in (*_NEEDED, "_id", "last_updated")}
    if "authors" in read:
        read["authors"] = with_authors(stored["authors"], read["authors"])
    if "ratings" in read:
        read["ratings"] = {key: read["ratings"][key] for key in fields["ratings"] if key in read["ratings"]}
    versions = read_versions(whole, stored["default_locale"], clock.now())
    return read | ({"versions": versions} if versions else {})
