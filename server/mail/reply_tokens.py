"""Reply tokens, the part of an address that identifies who replies, and to what (contract/activity.md 3.3,
3.4).

    address = reply_address(await renew_token(change, addon_id, version_id, user_id), domain)
    extract_token(["reviewreply+0f...@example.org"])   -> "0f..."

A version and a user have one token; every mail about the version to that user renews it.
"""

import re
import secrets
import uuid
from collections.abc import Iterable
from typing import Final, cast

from conf.limits import REPLY_TOKEN_USES
from conf.model.activity import REPLY_PREFIX, ReplyTokenDoc
from server import clock
from server.changes import Change
from server.storage.operations import Insert, Update
from server.storage.store import Store

TOKENS = "reply_tokens"
HIDDEN: Final = "[reply address]"
# Also URL-encoded; with any domain or none.
_ADDRESS: Final = re.compile(
    re.escape(REPLY_PREFIX[:-1])
    + r"""(?:\+|%2b|&#43;)[^\s<>()\[\]"'@%]{1,64}(?:(?:@|%40)[\w.-]{0,254}\w)?""",
    re.IGNORECASE,
)


async def renew_token(change: Change, addon_id: int, version_id: int, user_id: int) -> str:
    """The user's token for the version, with its uses reset."""
    key = f"{version_id}:{user_id}"
    stored = await change.find_one(TOKENS, {"place": key}, {"_id": 1})
    if stored is not None:
        await change.apply(Update(TOKENS, stored["_id"], {"$set": {"uses": 0, "date": clock.now()}}))
        return cast(str, stored["_id"])
    token: ReplyTokenDoc = {
        "_id": secrets.token_hex(16),
        "place": key,
        "addon_id": addon_id,
        "version_id": version_id,
        "user_id": user_id,
        "uses": 0,
        "date": clock.now(),
    }
    await change.apply(Insert(TOKENS, token))
    return token["_id"]


def is_used_up(token: ReplyTokenDoc) -> bool:
    return token["uses"] >= REPLY_TOKEN_USES


async def count_use(change: Change, token: ReplyTokenDoc) -> None:
    await change.apply(Update(TOKENS, token["_id"], {"$inc": {"uses": 1}}))


def reply_address(token: str, domain: str) -> str:
    return f"{REPLY_PREFIX}{token}@{domain}"


def extract_token(addresses: Iterable[str]) -> str | None:
    """The token of the first address that has one, whatever its domain."""
    for address in addresses:
        if address.startswith(REPLY_PREFIX):
            return address.removeprefix(REPLY_PREFIX).partition("@")[0]
    return None


def hide_addresses(text: str, token: str | None = None) -> str:
    """The text with reply addresses hidden, because anybody could use them to write in their owner's name.

    `token` is hidden outside addresses as well.
    """
    text = _ADDRESS.sub(HIDDEN, text)
    if token:
        text = re.sub(re.escape(token), HIDDEN, text, flags=re.IGNORECASE)
    return text


async def find_token(store: Store | Change, spelling: str) -> ReplyTokenDoc | None:
    """The stored token; `spelling` is any spelling of its UUID."""
    try:
        token = uuid.UUID(spelling).hex
    except ValueError:
        return None
    return cast(ReplyTokenDoc | None, await store.find_one(TOKENS, {"_id": token}))
