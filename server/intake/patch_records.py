"""Reads patches, for `load --merge`: objects whose fields change a stored document, and leave the others.

    patch = read_patch({"kind": "addon", "_id": 7, "status": "disabled"})
    patch = read_patch({"guid": "tab@example.org", "name": {"fr": "Onglets"}})    # as AMO's API has it

An add-on is identified by its id, guid or slug, an account by its id or username.
"""

from typing import Any, Final

from conf.model.checks import find_fault, part_of
from index.shapes.fields import FIELDS
from server.intake.json_values import BadRecord, check_key_names, check_keys, integer, quoted
from server.intake.kinds import KINDS
from server.intake.records import Patch
from server.intake.versions import VERSION_KEYS

# Keys that identify a document, in a dump or in the API, in order of precedence -> the field.
_ID_KEYS: Final[dict[str, dict[str, str]]] = {
    "addon": {"_id": "_id", "id": "_id", "guid": "guid", "slug": "slug"},
    "user": {"_id": "_id", "id": "_id", "username": "username"},
}
_IGNORED: Final = ("_id", "revision", "auth_id")  # fields that an operator may not change
# Keys of AMO's add-on objects in any version of the API; those that follow from others are ignored.
_AMO_KEYS: Final = frozenset({*FIELDS, *VERSION_KEYS, "eula", "privacy_policy", "is_recommended"})


def read_patch(value: Any) -> Patch:
    """Raises BadRecord for an object that no document can be patched with."""
    if not isinstance(value, dict):
        raise BadRecord(f"not an object: {quoted(value)}")
    is_amo = "kind" not in value
    kind = "addon" if is_amo else value["kind"]
    id_keys = _ID_KEYS.get(kind) if isinstance(kind, str) else None
    if id_keys is None:
        raise BadRecord(f"add-ons and users can be merged, not {quoted(kind)}")
    key = next((key for key in id_keys if value.get(key) is not None), None)
    if key is None:
        raise BadRecord(f"does not say which {kind}: none of {', '.join(id_keys)}")
    if id_keys[key] == "_id":
        integer(value[key], key, 1)
    elif not isinstance(value[key], str):
        raise BadRecord(f"bad {key}: {quoted(value[key])}")
    fields = {name: item for name, item in value.items() if name not in (key, "kind", *_IGNORED)}
    if is_amo:
        check_key_names(fields, _AMO_KEYS)
    else:
        _check_fields(fields, KINDS[kind].model)
    return Patch(kind, id_keys[key], value[key], fields, is_amo)


def _check_fields(fields: dict[str, Any], model: Any) -> None:
    """Raises BadRecord for fields that the model does not have, or of other types."""
    check_keys(fields, model)
    if fault := find_fault(fields, part_of(model)):
        raise BadRecord(fault)
    for version in fields.get("versions", ()):
        integer(version.get("id"), "version id", 1)
        for file in version.get("files", ()):
            integer(file.get("id"), "file id", 1)
