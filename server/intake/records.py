"""The records in a piece of JSON: add-on objects in any wrapper, or lines of our own dump.

for value in expand(orjson.loads(line)):
    record = parse_record(value)      # AddonState or FullDocument; raises BadRecord
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Self

from index.shapes.markup import cleaned
from server.errors import StoreError
from server.intake.addons import read_addon
from server.intake.authors import read_users
from server.intake.discovery import discovery_record, is_discovery_item
from server.intake.document_checks import check_texts
from server.intake.json_values import BadRecord, quoted
from server.intake.kinds import KINDS, RecordKind, validated
from server.intake.versions import read_versions
from server.storage import driver
from server.storage.operations import Document

# Before the first add-on, for a record without any date.
NO_DATE = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class AddonState:
    """An add-on at one moment, as public JSON shows it: fragments to merge into the stored documents."""

    addon: dict[str, Any]  # without `versions`, and without fields that the source lacks
    versions: list[dict[str, Any]]
    users: list[dict[str, Any]]
    current: int | None  # id of the version that was the current one
    has_all_versions: bool = False  # not only some of the public ones
    is_fresh: bool = False  # read from its source just now, so newer than anything stored
    is_detail: bool = False  # its nulls may stand for texts that a search shows (contract/requests.md 7.1)

    @property
    def as_of(self) -> str:
        """The date of the state; "" if it has none."""
        return self.addon["last_updated"] or ""


@dataclass(frozen=True, slots=True)
class FullDocument:
    """A whole document of our own, which replaces what is stored."""

    kind: RecordKind
    id: Any
    document: Document
    numbers: Mapping[str, int]  # `used_numbers` of it

    @classmethod
    def from_document(cls, kind: RecordKind, document: Mapping[str, Any]) -> Self:
        return cls(kind, document["_id"], document, used_numbers(kind.name, document))

    def encoded(self) -> Self:
        """With the document as BSON, which is cheap to pickle, if it can be stored."""
        with suppress(StoreError):
            return replace(self, document=driver.encode(self.document))
        return self


@dataclass(frozen=True, slots=True)
class Patch:
    """Some fields of the stored document whose `field` has this `value` (patches.py)."""

    kind: str  # "addon", "user"
    field: str
    value: Any
    fields: dict[str, Any]  # of a dump, or of AMO's API if `is_amo`
    is_amo: bool


@dataclass(frozen=True, slots=True)
class UserFragment:
    """Part of an account, as another object shows it, such as a rating."""

    user: dict[str, Any]  # as those of AddonState


InputRecord = AddonState | FullDocument | UserFragment


def expand(value: Any, position: int = 0) -> Iterator[Any]:
    """The records inside the known wrappers, in order.

    An answer `{"results": [...]}`, a bare list, an item of a collection `{"addon": {...}, "notes": ..}`, an
    item of discovery, which is two records, or the record itself; `position` is its index in its list.
    """
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from expand(item, position)
    elif isinstance(value, dict) and "kind" not in value and isinstance(value.get("results"), list):
        yield from expand(value["results"])
    elif isinstance(value, dict) and "kind" not in value and "addon" in value and "id" not in value:
        yield value["addon"]
        if is_discovery_item(value):
            yield discovery_record(value, position)
    else:
        yield value


def parse_record(value: Any) -> InputRecord:
    """Parse a record. Raises BadRecord with the reason if it cannot be loaded.

    An object with `kind` is a line of a dump, any other an add-on object of AMO's API, v3, v4 or v5, with or
    without `lang`, which its shape tells.
    """
    if not isinstance(value, dict):
        raise BadRecord(f"not an object: {quoted(value)}")
    if "kind" in value:
        return _full_document(value)
    return _addon_state(value)


def _full_document(value: dict[str, Any]) -> FullDocument:
    name = value["kind"]
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise BadRecord(f"unknown kind: {quoted(name)}")
    document = value.copy()
    del document["kind"]
    return FullDocument.from_document(kind, validated(kind, document))


def _addon_state(value: dict[str, Any]) -> AddonState:
    addon = read_addon(value)
    addon["versions"] = read_versions(value, addon["default_locale"], addon["last_updated"] or "")
    addon = cleaned(addon)
    check_texts(addon)
    versions = addon.pop("versions")
    if "created" not in addon:
        # v3 does not have it, so the oldest date of the record counts.
        dates = [version["created"] for version in versions] + [addon["last_updated"] or ""]
        addon["created"] = min(filter(None, dates), default=NO_DATE)
    as_of = addon["last_updated"] or addon["created"]
    users = read_users(value.get("authors"), addon["created"], as_of)
    current = value.get("current_version")
    return AddonState(addon, versions, users, current["id"] if current else None, "versions" in value)


def used_numbers(kind: str, document: Mapping[str, Any]) -> dict[str, int]:
    """The highest number of each counter (`Store.next_id`) in a document.

    A counter has the name of what it numbers: `addon`, `version`, `file`, `preview`, `user`, and so on.
    """
    numbers = {kind: [document["_id"]] if isinstance(document["_id"], int) else []}
    if kind == "addon":
        versions = document["versions"]
        numbers["version"] = [version["id"] for version in versions]
        numbers["file"] = [file["id"] for version in versions for file in version["files"]]
        numbers["preview"] = [preview["id"] for preview in document["previews"]]
    return {counter: highest for counter, used in numbers.items() if (highest := max(used, default=0))}
