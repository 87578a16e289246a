"""The kinds of record in a dump, and what makes a document of each valid.

A line of a dump is `{"kind": "addon", ...document}`. KINDS is in the order of a dump, in which documents
follow those that they refer to. A new kind is a row here and one of COLLECTIONS.

Not in a dump: the server's secrets, which belong to one deployment; queued work, which would be done twice
(mail, syncs and events); and the progress of a mirror. Uploads are in it, because they hold the results of
validation, and their senders may still use them.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from conf.model.checks import find_fault, is_exact
from conf.model.defaults import completed
from index.shapes.markup import cleaned
from server.intake import document_checks as checks
from server.intake.json_values import BadRecord, check_keys
from server.storage.schema import COLLECTIONS


class RecordKind(NamedTuple):
    """A row of KINDS: where documents of a kind are stored, and how they are checked and cleaned."""

    name: str
    collection: str
    check: Callable[[dict[str, Any]], None] = lambda document: None  # beyond types; raises BadRecord
    clean: Callable[[dict[str, Any]], dict[str, Any]] = lambda document: document  # texts
    # What to store if there is a document already: (stored, loaded) -> document.
    merge: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]] = lambda stored, loaded: loaded

    def __reduce__(self) -> tuple[Callable[[str], "RecordKind"], tuple[str]]:
        """Pickle by name, because another process has the same row."""
        return _find_kind, (self.name,)

    @property
    def model(self) -> Any:
        """The TypedDict that says its keys and their types."""
        return COLLECTIONS[self.collection].model


def _higher(stored: dict[str, Any], loaded: dict[str, Any]) -> dict[str, Any]:
    """A counter is never lowered, because its numbers are in use."""
    return loaded if loaded["value"] > stored["value"] else stored


KINDS: Final[dict[str, RecordKind]] = {
    kind.name: kind
    for kind in (
        RecordKind("user", "users", checks.check_user),
        RecordKind("addon", "addons", checks.check_addon, cleaned),
        RecordKind("rating", "ratings", checks.check_rating),
        RecordKind("note", "notes", checks.check_action),
        RecordKind("activity", "activity", checks.check_action),
        RecordKind("attachment", "attachments", checks.check_attachment),
        RecordKind("review_due", "review_due", checks.check_due),
        RecordKind("reply_token", "reply_tokens", checks.check_token),
        RecordKind("seen_mail", "mail_seen"),
        RecordKind("collection", "collections", checks.check_collection),
        RecordKind("featured", "featured", checks.check_featured),
        RecordKind("replacement", "replacements", checks.check_replacement),
        RecordKind("override", "overrides", checks.check_override),
        RecordKind("mapping", "mappings", checks.check_mapping),
        RecordKind("curated", "curated", checks.check_curated),
        RecordKind("discovery", "discovery", checks.check_number),
        RecordKind("app_versions", "app_versions", checks.check_app_versions),
        RecordKind("block", "blocks", checks.check_block),
        RecordKind("primary_hero", "primary_heroes", checks.check_primary_hero),
        RecordKind("secondary_hero", "secondary_heroes", checks.check_secondary_hero),
        RecordKind("shelf", "shelves", checks.check_shelf),
        RecordKind("resubmission", "resubmissions", checks.check_resubmission),
        RecordKind("subscription", "subscriptions", checks.check_subscription),
        RecordKind("canned_response", "canned_responses", checks.check_canned_response),
        RecordKind("draft_comment", "draft_comments", checks.check_draft_comment),
        RecordKind("scanner_result", "scanner_results", checks.check_scanner_result),
        RecordKind("notifications", "notifications", checks.check_number),
        RecordKind("report", "reports", checks.check_report),
        RecordKind("upload", "uploads", checks.check_upload),
        RecordKind("validation", "validations"),
        RecordKind("session", "sessions"),
        RecordKind("apikey", "apikeys"),
        RecordKind("webhook", "webhooks"),
        RecordKind("site", "site"),
        RecordKind("counter", "counters", merge=_higher),
    )
}


def _find_kind(name: str) -> RecordKind:
    return KINDS[name]


def validated(kind: RecordKind, document: dict[str, Any]) -> dict[str, Any]:
    """The document with clean texts, and with defaults for keys that an older dump lacks.

    Returns the document itself if nothing changes. Raises BadRecord for an invalid one; for a key that the
    model does not have, too, because nothing here would ever read it.
    """
    if not is_exact(document, kind.model):
        check_keys(document, kind.model)
        if find_fault(document, kind.model):
            document = completed(document, kind.model)
        if fault := find_fault(document, kind.model):
            raise BadRecord(fault)
    document = kind.clean(document)
    kind.check(document)
    return document
