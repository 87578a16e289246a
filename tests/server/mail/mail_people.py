"""An add-on, its people and their tokens, in a store of the test's own."""

import itertools
from typing import Any, cast

import pytest

from conf.settings.loading import load_settings
from conf.settings.settings import Settings
from server.changes import Changes
from server.following.feed import Feed
from server.mail.inbox import INBOX, Receiver, accept
from server.storage.operations import Insert
from server.storage.store import Store
from tests.factories import make_addon, make_user, make_version

AUTHOR, OTHER, REVIEWER, STRANGER, BANNED, FORMER = 7, 8, 9, 10, 11, 12
USERS = [
    make_user(_id=AUTHOR),
    make_user(_id=OTHER, username="bob", display_name="Bob", email="bob@example.org"),
    make_user(
        _id=REVIEWER,
        username="rev",
        display_name="Rev",
        email="rev@example.org",
        permissions=["Addons:Review"],
    ),
    make_user(_id=STRANGER, username="sue", email="sue@example.org"),
    make_user(_id=BANNED, username="ban", email="ban@example.org", banned=True),
    make_user(_id=FORMER, username="old", email=None, deleted=True),
]
ADDON = make_addon(
    authors=[
        {"user_id": id, "role": "owner", "listed": True, "position": id}
        for id in (AUTHOR, OTHER, BANNED, FORMER)
    ],
    versions=[make_version(), make_version(id=11, version="0.9", deleted=True)],
)
_numbers = itertools.count()


def settings_for(**values: Any) -> Settings:
    return load_settings({"inbound_email_domain": "mail.example.org", **values})


def reply_token(user_id: int, version_id: int = 10) -> str:
    return f"{version_id:016x}{user_id:016x}"


def token_row(user_id: int, version_id: int = 10, uses: int = 0) -> dict[str, Any]:
    return {
        "_id": reply_token(user_id, version_id),
        "place": f"{version_id}:{user_id}",
        "addon_id": 1,
        "version_id": version_id,
        "user_id": user_id,
        "uses": uses,
        "date": "2026-01-01T00:00:00Z",
    }


async def fill(store: Store) -> None:
    rows = [token_row(user["_id"]) for user in USERS] + [token_row(AUTHOR, 11), token_row(AUTHOR, 99)]
    await store.write(
        [
            *(Insert("users", user) for user in USERS),
            Insert("addons", ADDON),
            *(Insert("reply_tokens", row) for row in rows),
        ]
    )


def make_changes(store: Store) -> Changes:
    return Changes(store, Feed(store))


def make_receiver(store: Store, settings: Settings, *, read_only: bool = False) -> Receiver:
    return Receiver(settings, store, make_changes(store), lambda: read_only)


def mail(text: Any = "Hello.", token: str | None = None, **message: Any) -> dict[str, Any]:
    """As the mail service posts it; a key given as None is left out."""
    to = [{"EmailAddress": f"reviewreply+{token or reply_token(AUTHOR)}@anywhere.example"}]
    message_fields = {"TextBody": text, "To": to, "MessageId": f"<{next(_numbers)}@example.org>", **message}
    message_fields |= {"From": {"EmailAddress": "sender@example.org"}} if "From" not in message else {}
    present = {key: value for key, value in message_fields.items() if value is not None}
    return {"SecretKey": "never stored", "Message": present}


async def take(store: Store, posted: dict[str, Any], settings: Settings) -> list[str]:
    """Accept and process; the reasons for which mail was discarded so far."""
    await accept(store, posted)
    await make_receiver(store, settings).run_once()
    return [cast(str, record["reason"]) for record in await store.find(INBOX, {"state": "discarded"})]


async def find_notes(store: Store) -> list[dict[str, Any]]:
    return await store.find("notes", {}, sort=[("_id", 1)])


def ids(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]
