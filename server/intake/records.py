"""What one piece of JSON holds: add-on objects in any wrapper, or lines of our own dump.

for found in expand(orjson.loads(line)):
    record = parse_record(found)      # Parsed, Exact, or BadRecord is raised
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Self

from index.shapes.markup import cleaned
from server.errors import StoreError
from server.intake.addons import read_addon
from server.intake.authors import read_users
from server.intake.discovery import is_item, item_line
from server.intake.document_checks import check_texts
from server.intake.json_values import BadRecord, quoted
from server.intake.kinds import KINDS, RecordKind, checked
from server.intake.versions import read_versions
from server.storage import driver
from server.storage.operations import Document

# Before the first add-on: stands where a record tells no date at all.
NO_DATE = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Parsed:
    """One state of an add-on, as public JSON tells it: fragments to merge into what is stored."""

    addon: dict[str, Any]  # no `versions`; fields the source lacks are not in it
    versions: list[dict[str, Any]]
    users: list[dict[str, Any]]
    current: int | None  # id of the version it shows as the current one
    is_whole: bool = False  # its versions are all that are public
    is_latest: bool = False  # read just now, from where it is kept: newer than anything stored
    is_detail: bool = False  # null is told of texts that a search shows, too (contract/requests.md 7.1)

    @property
    def as_of(self) -> str:
        """The date of the state; "" when it tells none."""
        return self.addon["last_updated"] or ""


@dataclass(frozen=True, slots=True)
class Exact:
    """A whole document of our own, which replaces what is stored."""

    kind: RecordKind
    id: Any
    document: Document
    numbers: Mapping[str, int]  # `used_numbers` of it

    @classmethod
    def of(cls, kind: RecordKind, document: Mapping[str, Any]) -> Self:
        return cls(kind, document["_id"], document, used_numbers(kind.name, document))

    def encoded(self) -> Self:
        """With the document as BSON, which other processes hand on as it is, if it can be stored."""
        with suppress(StoreError):
            return replace(self, document=driver.encode(self.document))
        return self


@dataclass(frozen=True, slots=True)
class Partial:
    """Some fields of a document that is stored: `value` names it by `field` (partial.py)."""

    kind: str  # "addon", "user"
    field: str
    value: Any
    fields: dict[str, Any]  # a dump's, or AMO's where it `is_amo`
    is_amo: bool


@dataclass(frozen=True, slots=True)
class Account:
    """What is told of an account beside something else, such as a rating."""

    user: dict[str, Any]  # a fragment, as those of Parsed


InputRecord = Parsed | Exact | Account


def expand(value: Any, place: int = 0) -> Iterator[Any]:
    """The records inside the known wrappers, in order.

    An answer `{"results": [...]}`, a bare list, an item of a collection
    `{"addon": {...}, "notes": ..}`, one of discovery, which are two records, or
    the record itself; `place` is its number in the list it stands in.
    """
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from expand(item, place)
    elif isinstance(value, dict) and "kind" not in value and isinstance(value.get("results"), list):
        yield from expand(value["results"])
    elif isinstance(value, dict) and "kind" not in value and "addon" in value and "id" not in value:
        yield value["addon"]
        if is_item(value):
            yield item_line(value, place)
    else:
        yield value


def parse_record(value: Any) -> InputRecord:
    """Read one record; BadRecord with the reason when it cannot be loaded.

    An object with `kind` is a line of a dump, any other an add-on object of
    AMO's API, v3, v4 or v5, with or without `lang` (told by its shape).
    """
    if not isinstance(value, dict):
        raise BadRecord(f"not an object: {quoted(value)}")
    if "kind" in value:
        return _exact(value)
    return _parsed(value)


def _exact(value: dict[str, Any]) -> Exact:
    name = value["kind"]
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise BadRecord(f"unknown kind: {quoted(name)}")
    document = value.copy()
    del document["kind"]
    return Exact.of(kind, checked(kind, document))


def _parsed(value: dict[str, Any]) -> Parsed:
    addon = read_addon(value)
    addon["versions"] = read_versions(value, addon["default_locale"], addon["last_updated"] or "")
    addon = cleaned(addon)
    check_texts(addon)
    versions = addon.pop("versions")
    if "created" not in addon:
        # v3 does not tell it: the oldest date the record has.
        dates = [version["created"] for version in versions] + [addon["last_updated"] or ""]
        addon["created"] = min(filter(None, dates), default=NO_DATE)
    as_of = addon["last_updated"] or addon["created"]
    users = read_users(value.get("authors"), addon["created"], as_of)
    current = value.get("current_version")
    return Parsed(addon, versions, users, current["id"] if current else None, "versions" in value)


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
