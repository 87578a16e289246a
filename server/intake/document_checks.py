"""Checks of a dump's documents beyond their keys and types (kinds.py has the table).

    {"kind": "rating", "_id": 5, "addon_id": 1, "version_id": 10, "user_id": 7, "score": 4, ...}
    {"kind": "note", "_id": 5, "addon_id": 1, "version_id": 10, "user_id": 7, "date": "...",
     "action": "approved"}
    {"kind": "activity", "_id": 8, "addon_id": 1, "user_id": 7, "date": "...", "action": "slug-changed",
     "details": {"property": "slug", "old": "a", "new": "b"}}
    {"kind": "attachment", "_id": 5, "name": "log.txt", "type": "text/plain", "content": "<base64>"}
    {"kind": "featured", "_id": 1, "app": "firefox", "addons": [7, 9]}

Actions that conf/actions.py does not have are stored, but never shown. The summary of an add-on's ratings is
not computed from them, because a dump has it in the add-on. Every check raises BadRecord.
"""

import base64
import re
from collections.abc import Callable
from typing import Any, Final, cast

from conf import vocabulary
from conf.limits import MAX_COLLECTION, MAX_PAGE_SIZE, MAX_SCORE, MIN_SCORE
from conf.locales import DEFAULT_LOCALE, SUPPORTED
from conf.model.activity import MAX_ATTACHMENT_BYTES
from conf.model.curated import CURATED_RECOMMENDATIONS, HERO_MODULES, ShelfDoc
from conf.model.ratings import unique_key
from conf.model.reports import TARGET_FIELDS
from conf.model.reviewers import LABELS, SCANNERS
from server.curated.shelves import check_criteria
from server.intake.json_values import BadRecord, check_date, choice, integer, locale, quoted
from server.rules.values.sizes import oversize
from server.search_params.errors import ParameterError

Check = Callable[[dict[str, Any]], None]
ValueCheck = Callable[[Any, str], object]  # (value, what it is called)


def fields(**checks: ValueCheck) -> Check:
    """Checks the values of these fields in order."""

    def check(document: dict[str, Any]) -> None:
        for name, check_value in checks.items():
            check_value(document[name], name)

    return check


def _number(value: Any, what: str) -> None:
    integer(value, what, 1)


def _nonempty(value: Any, what: str) -> None:
    if not value:
        raise BadRecord(f"no {what}")


def _one_of(words: Any, name: str = "") -> ValueCheck:
    return lambda value, what: choice(value, words, name or what)


def _optional(check: ValueCheck) -> ValueCheck:
    return lambda value, what: None if value is None else check(value, what)


def _every(check: ValueCheck) -> ValueCheck:
    def check_items(items: list[Any], what: str) -> None:
        for item in items:
            check(item, what)

    return check_items


def _nested(check: Check) -> ValueCheck:
    return lambda value, what: check(value)


def _pattern(regex: str, fault: str) -> ValueCheck:
    """`fault` is the text before the value."""
    compiled = re.compile(regex)

    def check(value: str, what: str) -> None:
        if not compiled.fullmatch(value):
            raise BadRecord(f"{fault}: {quoted(value)}")

    return check


_guid: Final = _pattern(vocabulary.GUID_PATTERN, "bad guid")
_TOKEN: Final = "[0-9a-f]{32}"
_CHANGED: Final = {"created": check_date, "modified": check_date}

check_action: Final = fields(_id=_number, date=check_date, action=_nonempty)  # of a note or of the log
check_due: Final = fields(_id=_number, due=check_date)
check_featured: Final = fields(
    _id=_number, app=_one_of(vocabulary.APPS), locale=_optional(_one_of(SUPPORTED))
)
check_override: Final = fields(_id=_number, addon_guid=_nonempty)
check_mapping: Final = fields(browser=_one_of(vocabulary.MAPPED_BROWSERS), addon_guid=_guid)
check_curated: Final = fields(_id=_one_of((CURATED_RECOMMENDATIONS,), "list"), guids=_every(_guid))
check_number: Final = fields(_id=_number)
check_app_versions: Final = fields(_id=_one_of(vocabulary.APPS, "application"))
check_block: Final = fields(_id=_number, guid=_guid, **_CHANGED)
check_resubmission: Final = fields(_id=_nonempty, modified=check_date)
check_subscription: Final = fields(_id=_nonempty, channel=_one_of(vocabulary.CHANNELS), created=check_date)
check_canned_response: Final = fields(_id=_number, title=_nonempty)
check_draft_comment: Final = fields(_id=_number, **_CHANGED)
check_scanner_result: Final = fields(
    _id=_number, scanner=_one_of(SCANNERS), label=_optional(_one_of(LABELS)), created=check_date
)
check_report: Final = fields(_id=_number, target=_one_of(TARGET_FIELDS), created=check_date)
check_token: Final = fields(_id=_pattern(_TOKEN, "no token"))
check_upload: Final = fields(
    _id=_pattern(_TOKEN, "no upload"), channel=_one_of(vocabulary.CHANNELS), created=check_date
)
check_replacement: Final = fields(
    path=_pattern("(?s)(/|https?://).*", "path is neither a path nor an address")
)
check_user: Final = fields(
    _id=_number,
    **_CHANGED,
    last_login=_optional(check_date),
    read_dev_agreement=_optional(check_date),
    username=_nonempty,
)
_check_addon_fields: Final = fields(
    _id=_number,
    type=_one_of(vocabulary.TYPES),
    status=_one_of(vocabulary.ADDON_STATUSES),
    created=check_date,
    last_updated=_optional(check_date),
    modified=check_date,
    guid=_optional(_pattern(vocabulary.LOADED_GUID_PATTERN, "bad guid")),
    authors=_every(_nested(fields(role=_one_of(vocabulary.ROLES)))),
    pending_authors=_every(_nested(fields(role=_one_of(vocabulary.ROLES)))),
)
_check_rating_fields: Final = fields(
    _id=_number,
    **_CHANGED,
    flags=_every(_nested(fields(created=check_date, flag=_one_of(vocabulary.RATING_FLAGS)))),
)
_check_collection_fields: Final = fields(
    _id=_number, slug=_nonempty, **_CHANGED, addons=_every(_nested(fields(added=check_date)))
)


def check_addon(addon: dict[str, Any]) -> None:
    _check_addon_fields(addon)
    locale(addon["default_locale"], "default_locale", addon["name"] or ())
    if not addon["slug"] and addon["status"] != "deleted":
        raise BadRecord("no slug")
    for version in addon["versions"]:
        _check_version(version)
    check_texts(addon)


def check_texts(addon: dict[str, Any]) -> None:
    """Raises BadRecord for texts that are too long, of a document or a state."""
    fault = oversize(addon)
    if fault:
        raise BadRecord(fault.text(DEFAULT_LOCALE))


def _check_version(version: dict[str, Any]) -> None:
    where = f"version {version['id']}'s "
    choice(version["channel"], vocabulary.CHANNELS, "channel")
    for name in ("created", "modified", "reviewed"):
        if version[name] is not None:
            check_date(version[name], where + name)
    if not version["files"]:
        raise BadRecord(f"{where}list of files is empty")
    for file in version["files"]:
        choice(file["status"], vocabulary.FILE_STATUSES, "file status")
        choice(file["platform"], vocabulary.PLATFORMS, "platform")
        check_date(file["created"], f"{where}file's created")


def check_attachment(file: dict[str, Any]) -> None:
    _number(file["_id"], "_id")
    try:
        size = len(base64.b64decode(file["content"], validate=True))
    except ValueError:
        raise BadRecord("content is not base64") from None
    if size > MAX_ATTACHMENT_BYTES:
        raise BadRecord(f"content is larger than {MAX_ATTACHMENT_BYTES} bytes")


def check_rating(rating: dict[str, Any]) -> None:
    """Also sets `place`, which follows from the other fields."""
    _check_rating_fields(rating)
    if rating["reply_to"] is None:
        _check_score(rating)
    elif rating["is_latest"] or rating["score"] is not None:
        raise BadRecord("a reply has no score, and is not the latest rating")
    rating["place"] = None
    if not rating["deleted"]:
        rating["place"] = unique_key(rating["user_id"], rating["version_id"], rating["reply_to"])


def _check_score(rating: dict[str, Any]) -> None:
    if rating["score"] not in range(MIN_SCORE, MAX_SCORE + 1):
        raise BadRecord(f"score is none: {quoted(rating['score'])}")
    if rating["version_id"] is None:
        raise BadRecord("no version_id")
    if rating["deleted"] and rating["is_latest"]:
        raise BadRecord("what is deleted is not the latest rating")


def check_primary_hero(hero: dict[str, Any]) -> None:
    _number(hero["_id"], "_id")
    if (hero["addon_id"] is None) == (hero["external"] is None):
        raise BadRecord("addon_id and external: one of them")


def check_secondary_hero(hero: dict[str, Any]) -> None:
    _number(hero["_id"], "_id")
    if len(hero["modules"]) not in (0, HERO_MODULES):
        raise BadRecord(f"modules: {HERO_MODULES} or none")


def check_shelf(shelf: dict[str, Any]) -> None:
    _number(shelf["_id"], "_id")
    choice(shelf["addon_type"], vocabulary.TYPES, "addon_type")
    if not 1 <= shelf["count"] <= MAX_PAGE_SIZE:
        raise BadRecord(f"count is not from 1 to {MAX_PAGE_SIZE}")
    try:
        check_criteria(cast(ShelfDoc, shelf))
    except ParameterError as error:
        raise BadRecord(f"criteria: {error.text(DEFAULT_LOCALE)}") from None


def check_collection(collection: dict[str, Any]) -> None:
    _check_collection_fields(collection)
    items = collection["addons"]
    if len(items) > MAX_COLLECTION:
        raise BadRecord(f"more than {MAX_COLLECTION} add-ons")
    if len({item["addon_id"] for item in items}) < len(items):
        raise BadRecord("an add-on is in it twice")
