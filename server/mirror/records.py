"""Turns a server's answers into records of the intake (server/intake), which `run.py load` uses as well.

    record = addon_record(addon, "https://addons.example.org", target_locale="de", is_detail=True)
    records = rating_records(rating)

Records are named by their object, as in `addon:7`; one that does not fit the model is a BadRecord.

Addresses of the server itself become paths, as AMO's do, so that pages, pictures and files follow our own
settings. Addresses in authors' texts and links stay.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from server.intake.authors import read_users
from server.intake.json_values import BadRecord, boolean, date, integer, mapping, string
from server.intake.records import AddonState, InputRecord, UserFragment, parse_record
from server.intake.sources import SourceRecord
from server.intake.texts import AMO_HOST

Json = dict[str, Any]
_LINKS: Final = frozenset({"homepage", "support_url", "contributions_url"})  # an author's own


def source_records(kind: str, number: int, make: Callable[[], Any]) -> Iterator[SourceRecord]:
    """The records that `make` returns, or one bad record."""
    try:
        records = make()
    except BadRecord as fault:
        records = fault
    for record in records if isinstance(records, list) else [records]:
        yield SourceRecord(kind, number, None, record, 0)


def addon_record(
    value: Json, origin: str, target_locale: str | None = None, *, is_detail: bool
) -> AddonState:
    """The record of an add-on object from a search, a detail or an export; its `versions` may be complete.

    `is_detail`: of a detail or an export, which hide texts that searches show (contract/requests.md 7.1).

    Raises BadRecord.
    """
    value = _with_paths(value, f"{origin}/")
    if target_locale:
        value = {"target_locale": target_locale, **value}
    parsed = parse_record(value)
    if not isinstance(parsed, AddonState):
        raise BadRecord("is no add-on object")
    return replace(parsed, is_fresh=True, is_detail=is_detail)


def _with_paths(value: Any, origin: str) -> Any:
    if isinstance(value, dict):
        return {key: item if key in _LINKS else _with_paths(item, origin) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_paths(item, origin) for item in value]
    if isinstance(value, str) and value.startswith(origin):
        return f"https://{AMO_HOST}/{value[len(origin) :]}"
    return value


def rating_records(value: Json) -> list[InputRecord]:
    """A rating of a list, the reply in it, and the accounts of both. Raises BadRecord."""
    records = list(_rating(value, None))
    if value.get("reply") is not None:
        records += _rating(mapping(value["reply"], "reply"), value["id"])
    return records


def _rating(value: Json, reply_to: int | None) -> Iterator[InputRecord]:
    user = mapping(value.get("user"), "user")
    version = mapping(value.get("version"), "version")
    created = date(value.get("created"), "created")
    if created is None:
        raise BadRecord("no created")
    user_id = integer(user.get("id"), "user id", 1)
    version_id = integer(version["id"], "version id", 1) if version.get("id") is not None else None
    document = {
        "kind": "rating",
        "_id": integer(value.get("id"), "id", 1),
        "addon_id": integer(mapping(value.get("addon"), "addon").get("id"), "add-on id", 1),
        "version_id": version_id,
        "version": string(version.get("version"), "version") or None,
        "user_id": user_id,
        "score": None if reply_to else integer(value.get("score"), "score", 1),
        "body": value.get("body"),
        "reply_to": reply_to,
        "is_latest": reply_to is None and boolean(value.get("is_latest", True), "is_latest"),
        "previous_count": integer(value.get("previous_count") or 0, "previous_count"),
        "created": created,
        "modified": created,
    }
    yield from (UserFragment(account) for account in read_users([user], created, created))
    yield parse_record(document)


def deleted_rating(stored: Json) -> InputRecord:
    """The record of a rating that the server does not show any more."""
    return parse_record({"kind": "rating", **stored, "deleted": True, "is_latest": False})
