"""Signing in with an identity of the provider, and its events about identities (contract/auth.md 8).

    signed_in = await sign_in(site, identity)         # key of a session, account, whether it is new
    await apply_events(site, claims)                  # identity changed or deleted

An account belongs to the provider's subject in its `fxa_id`. What the provider said last counts:
`identity_date` is the date of that. Event loop only.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, cast

from conf.model.addons import UserDoc
from server import clock
from server.auth.account_admin import make_user
from server.auth.credentials.sessions import begin_session, end_sessions
from server.auth.sign_in.provider import Identity, is_address
from server.changes import Change, Edited
from server.errors import Conflict, Forbidden
from server.services.accounts import account_deletion
from server.site import Site
from server.storage.operations import Update

# Mozilla accounts' names of events.
_EVENT: Final = "https://schemas.accounts.firefox.com/event/"
_DELETED, _PASSWORD, _PROFILE = f"{_EVENT}delete-user", f"{_EVENT}password-change", f"{_EVENT}profile-change"
_MAX_UNCLAIMED: Final = 2  # two are enough to know that an address is not unique


class SignedIn(NamedTuple):
    """The account, and the key of its new session, which is shown only once."""

    key: str
    user: UserDoc
    is_new: bool


async def sign_in(site: Site, identity: Identity) -> SignedIn:
    """Sign in; the first time creates the account. Raises Forbidden for a banned one, and as Changes.run."""
    new: UserDoc | None = None
    if await find_holder(site.store, identity) is None:
        new = await make_user(site.store, f"anonymous-{secrets.token_hex(16)}")

    async def work(change: Change) -> SignedIn:
        holder = await find_holder(change, identity)
        if holder is None:
            user = await _create(change, new, identity)
        elif holder.get("banned") is not False:
            raise Forbidden
        else:
            user = await change.edit_user(holder["_id"], lambda user: Edited(_with_identity(user, identity)))
        key, _ = await begin_session(change, site.authenticator.keys.ring, user)
        return SignedIn(key, user, holder is None)

    return await site.changes.run(work, wait=False)


async def find_holder(store: Any, identity: Identity) -> UserDoc | None:
    """The subject's account; else the one that an operator created for the address, if it has no subject.

    `store` is a Store or a Change. An address counts only if the provider verified it. Damaged accounts are
    found as well, so that no second account is created.
    """
    query: dict[str, Any] = {"fxa_id": identity.subject, "deleted": {"$ne": True}}
    holders = await store.find("users", query, sort=[("_id", 1)], limit=1, unchecked=True)
    if holders:
        return cast(UserDoc, holders[0])
    if identity.email is None or not identity.is_verified:
        return None
    query = {"email": identity.email, "fxa_id": None, "deleted": {"$ne": True}}
    unclaimed = await store.find("users", query, limit=_MAX_UNCLAIMED, unchecked=True)
    return cast(UserDoc, unclaimed[0]) if len(unclaimed) == 1 else None


async def _create(change: Change, new: UserDoc | None, identity: Identity) -> UserDoc:
    """Creates one account for concurrent first sign-ins, because all of them write the same counter."""
    if new is None:
        raise Conflict("users: the account was deleted during the sign-in")
    await change.apply(Update("counters", "first_sign_in", {"$inc": {"value": 1}}, upsert=True))
    return await change.create_user(_with_identity(new, identity))


def _with_identity(user: UserDoc, identity: Identity) -> UserDoc:
    now = clock.now()
    changed = {"fxa_id": identity.subject, "last_login": now, "identity_date": now}
    return cast(UserDoc, {**user, **changed, "email": identity.email or user["email"]})


async def apply_events(site: Site, claims: Mapping[str, Any]) -> None:
    """Apply events about an identity, except unknown events, and those older than the last one applied.

    Can be repeated after a failure. Raises as Changes.run.
    """
    date = clock.text(datetime.fromtimestamp(max(0, int(claims["iat"])), UTC))
    query = {"fxa_id": claims["sub"], "deleted": False}
    for user in cast(list[UserDoc], await site.store.find("users", query)):
        if user.get("identity_date", "") > date:
            continue
        events: Mapping[str, Any] = claims["events"]
        if _DELETED in events:
            await account_deletion.delete(site.changes, user, by=None)
            continue
        if _PROFILE in events:
            await _change_address(site, user, events[_PROFILE], date)
        if _PASSWORD in events:
            await end_sessions(site.changes, user["_id"], wait=False)


async def _change_address(site: Site, user: UserDoc, event: Any, date: str) -> None:
    email = event.get("email") if isinstance(event, dict) else None
    if not is_address(email):
        return

    def edit(newest: UserDoc) -> Edited[UserDoc]:
        if newest["deleted"] or newest.get("identity_date", "") > date:
            return Edited(newest)
        return Edited({**newest, "email": email, "identity_date": date, "modified": clock.now()})

    await site.changes.edit_user(user["_id"], edit, wait=False)
