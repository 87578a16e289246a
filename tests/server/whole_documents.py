"""A good document of every collection that has a model, and the same with a key missing."""

from datetime import datetime
from typing import Any, Final

from server.storage.schema import COLLECTIONS
from tests.factories import make_addon, make_user

DATE: Final = "2024-01-02T03:04:05Z"
WAITING: Final = {"state": "pending", "due": 0.0, "tries": 0}
DOCUMENTS: Final[dict[str, Any]] = {
    "addons": make_addon(_id=1),
    "users": make_user(_id=7),
    "sessions": {
        "_id": "s",
        "user_id": 7,
        "auth_hash": "x",
        "created": DATE,
        "expires": "2999-01-01T00:00:00Z",
    },
    "apikeys": {"_id": "user:7:1", "user_id": 7, "secret": "x", "active": True, "created": DATE},
    "ratings": {
        "_id": 1,
        "addon_id": 1,
        "version_id": 10,
        "version": "1.0",
        "user_id": 7,
        "score": 5,
        "body": "Fine.",
        "reply_to": None,
        "is_latest": True,
        "previous_count": 0,
        "deleted": False,
        "flags": [],
        "address": None,
        "place": "version 10 user 7",
        "created": DATE,
        "modified": DATE,
    },
    "activity": {
        "_id": 1,
        "addon_id": 1,
        "version_id": None,
        "user_id": 7,
        "date": DATE,
        "action": "slug-changed",
        "details": {},
        "address": None,
    },
    "notes": {
        "_id": 1,
        "addon_id": 1,
        "version_id": 10,
        "user_id": 7,
        "date": DATE,
        "action": "developer-reply",
        "comments": "Yes.",
    },
    "attachments": {"_id": 1, "name": "a.txt", "type": "text/plain", "content": "YQ=="},
    "review_due": {"_id": 10, "addon_id": 1, "due": DATE, "reason": "review-requested"},
    "outbox": {"_id": "addon:1", "kind": "addon", "object_id": 1, "version": 1, **WAITING},
    "reply_tokens": {
        "_id": "0" * 32,
        "place": "10:7",
        "addon_id": 1,
        "version_id": 10,
        "user_id": 7,
        "uses": 0,
        "date": DATE,
    },
    "mail_seen": {"_id": "x", "date": DATE, "outcome": "note", "note_id": 1},
    "mail_inbox": {"_id": "a", "received": DATE, "body": "{}", **WAITING},
    "mail_outbox": {
        "_id": "note:1:a@example.org",
        "to": "a@example.org",
        "sender": "",
        "subject": "x",
        "text": "x",
        "headers": {},
        **WAITING,
    },
    "site": {"_id": "state", "read_only": False, "notice": None},
    "counters": {"_id": "addon", "value": 5},
    "featured": {"_id": 1, "app": "firefox", "locale": None, "category": None, "addons": [1]},
    "replacements": {"_id": "old@example.org", "path": "/addon/tab-tree/"},
    "overrides": {
        "_id": 1,
        "addon_id": None,
        "addon_guid": "old@example.org",
        "name": "x",
        "version_ranges": [],
    },
    "mappings": {
        "_id": "cjpalhdlnbpafiamejdnhcphjbkeiagm",
        "browser": "chrome",
        "addon_guid": "a@example.org",
    },
    "curated": {"_id": "recommendations", "guids": ["tab-tree@example.org"]},
    "discovery": {
        "_id": 1,
        "addon_id": 1,
        "position": 1,
        "editions": [],
        "heading": None,
        "description": None,
        "is_recommendation": False,
    },
    "collections": {
        "_id": 1,
        "author_id": 7,
        "slug": "tabs",
        "default_locale": "en-US",
        "name": None,
        "description": None,
        "listed": True,
        "addons": [],
        "created": DATE,
        "modified": DATE,
    },
    "fs.files": {
        "_id": "0",
        "filename": "sha256:" + "ab" * 32,
        "length": 0,
        "chunkSize": 261_120,
        "uploadDate": datetime(2024, 1, 2),
        "used": 0.0,
        "revision": 1,
    },
}
# The key whose value is another kind of thing in the damaged document; no index is made of it.
_WRONG: Final = {
    "addons": "tags",
    "users": "display_name",
    "sessions": "expires",
    "apikeys": "active",
    "ratings": "flags",
    "activity": "date",
    "notes": "comments",
    "attachments": "name",
    "review_due": "reason",
    "outbox": "object_id",
    "reply_tokens": "uses",
    "mail_seen": "outcome",
    "mail_inbox": "body",
    "mail_outbox": "headers",
    "site": "read_only",
    "counters": "value",
    "featured": "addons",
    "replacements": "path",
    "overrides": "name",
    "mappings": "browser",
    "curated": "guids",
    "discovery": "position",
    "collections": "addons",
    "fs.files": "length",
}
assert _WRONG.keys() == DOCUMENTS.keys() == {name for name, one in COLLECTIONS.items() if one.model}


def damaged(collection: str, **fields: Any) -> dict[str, Any]:
    """The same document with one value that it cannot have, and that JSON does not know."""
    return {**DOCUMENTS[collection], _WRONG[collection]: {"what": b"?"}, **fields}
