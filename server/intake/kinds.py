"""The kinds of record a dump consists of, and what makes a document of each valid.

A dump line is `{"kind": "addon", ...document}`. KINDS is in the order of a dump:
what others point to comes first. A new kind is a row here and one of COLLECTIONS.

Not in a dump: the server's secrets, which belong to one deployment, and work
under way (mail and syncs waiting to be sent).
"""

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from conf.locales import DEFAULT_LOCALE
from conf.model.defaults import completed
from conf.vocabulary import (
    ADDON_STATUSES,
    CHANNELS,
    FILE_STATUSES,
    LOADED_GUID_PATTERN,
    PLATFORMS,
    ROLES,
    TYPES,
)
from index.shapes.markup import cleaned
from index.validation import find_fault
from server.intake import activity, curated, ratings
from server.intake.json_values import BadRecord, check_date, check_keys, integer, locale, quoted, word
from server.rules.sizes import oversize
from server.storage.schema import COLLECTIONS

_GUID: Final = re.compile(LOADED_GUID_PATTERN)


def _no_check(document: dict[str, Any]) -> None:
    pass


def _as_it_is(document: dict[str, Any]) -> dict[str, Any]:
    return document


def _replaced(stored: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    return document


class RecordKind(NamedTuple):
    name: str
    collection: str
    check: Callable[[dict[str, Any]], None] = _no_check  # BadRecord for what types do not say
    clean: Callable[[dict[str, Any]], dict[str, Any]] = _as_it_is  # as it is stored
    # What to store where a document is stored already: (stored, given) -> document.
    meet: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]] = _replaced

    @property
    def model(self) -> Any:
        """The TypedDict that says its keys and their types."""
        return COLLECTIONS[self.collection].model


def _dates(document: dict[str, Any], names: tuple[str, ...], where: str = "") -> None:
    for name in names:
        if document[name] is not None:
            check_date(document[name], f"{where}{name}")


def _check_user(user: dict[str, Any]) -> None:
    integer(user["_id"], "_id", 1)
    _dates(user, ("created", "modified", "last_login", "read_dev_agreement"))
    if not user["username"]:
        raise BadRecord("no username")


def _check_addon(addon: dict[str, Any]) -> None:
    integer(addon["_id"], "_id", 1)
    word(addon["type"], TYPES, "type")
    word(addon["status"], ADDON_STATUSES, "status")
    locale(addon["default_locale"], "default_locale", addon["name"] or ())
    _dates(addon, ("created", "last_updated", "modified"))
    if addon["guid"] is not None and not _GUID.fullmatch(addon["guid"]):
        raise BadRecord(f"bad guid: {quoted(addon['guid'])}")
    if not addon["slug"] and addon["status"] != "deleted":
        raise BadRecord("no slug")
    for author in addon["authors"] + addon["pending_authors"]:
        word(author["role"], ROLES, "role")
    for version in addon["versions"]:
        _check_version(version)
    check_texts(addon)


def check_texts(addon: dict[str, Any]) -> None:
    """Of a document, or of what one state tells. Raises BadRecord: texts are not cut."""
    fault = oversize(addon)
    if fault:
        raise BadRecord(fault.text(DEFAULT_LOCALE))


def _check_version(version: dict[str, Any]) -> None:
    where = f"version {version['id']}'s "
    word(version["channel"], CHANNELS, "channel")
    _dates(version, ("created", "modified", "reviewed"), where)
    if not version["files"]:
        raise BadRecord(f"{where}list of files is empty")
    for file in version["files"]:
        word(file["status"], FILE_STATUSES, "file status")
        word(file["platform"], PLATFORMS, "platform")
        _dates(file, ("created",), f"{where}file's ")


def _higher(stored: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """A counter never goes back: its numbers are taken."""
    return given if given["value"] > stored["value"] else stored


KINDS: Final[dict[str, RecordKind]] = {
    kind.name: kind
    for kind in (
        RecordKind("user", "users", _check_user),
        RecordKind("addon", "addons", _check_addon, cleaned),
        RecordKind("rating", "ratings", ratings.check_rating),
        RecordKind("note", "notes", activity.check_action),
        RecordKind("activity", "activity", activity.check_action),
        RecordKind("attachment", "attachments", activity.check_attachment),
        RecordKind("review_due", "review_due", activity.check_due),
        RecordKind("reply_token", "reply_tokens", activity.check_token),
        RecordKind("seen_mail", "mail_seen"),
        RecordKind("collection", "collections", curated.check_collection),
        RecordKind("featured", "featured", curated.check_featured),
        RecordKind("replacement", "replacements", curated.check_replacement),
        RecordKind("override", "overrides", curated.check_override),
        RecordKind("mapping", "mappings", curated.check_mapping),
        RecordKind("curated", "curated", curated.check_curated),
        RecordKind("discovery", "discovery", curated.check_discovery),
        RecordKind("session", "sessions"),
        RecordKind("apikey", "apikeys"),
        RecordKind("site", "site"),
        RecordKind("counter", "counters", meet=_higher),
    )
}


def checked(kind: RecordKind, document: dict[str, Any]) -> dict[str, Any]:
    """The document with its texts clean if it is valid, else BadRecord; itself where nothing changes.

    What an older dump lacks gets the model's default. A key the model does not
    have is a slip, or of a newer program: nothing here would ever read it.
    """
    check_keys(document, kind.model)
    if find_fault(document, kind.model):
        document = completed(document, kind.model)
        if fault := find_fault(document, kind.model):
            raise BadRecord(fault)
    document = kind.clean(document)
    kind.check(document)
    return document
