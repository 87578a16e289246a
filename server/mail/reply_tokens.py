"""Reply tokens: addresses that identify who replies, and to what (contract/activity.md 3.3, 3.4).

    address = reply_address(await renewed_token(change, addon_id, version_id, user_id), domain)
    token_in(["reviewreply+0f...@example.org"])   -> "0f..."

There is one token for each version and user; every mail about the version renews it.
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
# Also URL-encoded; the domain does not matter, and may be missing.
_ADDRESS: Final = re.compile(
    re.escape(REPLY_PREFIX[:-1])
    + r"""(?:\+|%2b|&#43;)[^\s<>()\[\]"'@%]{1,64}(?:(?:@|%40)[\w.-]{0,254}\w)?""",
    re.IGNORECASE,
)


async def renewed_token(change: Change, addon_id: int, version_id: int, user_id: int) -> str:
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


def token_in(addresses: Iterable[str]) -> str | None:
    """The token of the first address of the right form, whatever its domain."""
    for address in addresses:
        if address.startswith(REPLY_PREFIX):
            return address.removeprefix(REPLY_PREFIX).partition("@")[0]
    return None


def hide_addresses(text: str, token: str | None = None) -> str:
    """The text without reply addresses, because anybody could write in their owner's name.

    `token` is hidden outside addresses as well.
    """
    text = _ADDRESS.sub(HIDDEN, text)
    if token:
        text = re.sub(re.escape(token), HIDDEN, text, flags=re.IGNORECASE)
    return text


async def find_token(store: Store | Change, written: str) -> ReplyTokenDoc | None:
    """The stored token, by any spelling of its UUID."""
    try:
        token = uuid.UUID(written).hex
    except ValueError:
        return None
    return cast(ReplyTokenDoc | None, await store.find_one(TOKENS, {"_id": token}))
