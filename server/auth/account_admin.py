"""Operators' changes of accounts; the API's own account pages are handlers/accounts/.

    user = await find_user(store, "ann")              # or "7", or "ann@example.org"
    user = await create_user(store, changes, "ann", email="ann@example.org")
    await grant(changes, user["_id"], ["Addons:Edit"])

Each function is one transaction of `Changes`, so Basket and other processes learn of the change.
API keys of accounts are in server/auth/credentials/stored_apikeys.py.
"""

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from conf.model.addons import SessionDoc, UserDoc
from conf.model.defaults import completed
from conf.numbers import read_number
from conf.settings.checks import email as check_email
from conf.vocabulary import PERMISSIONS
from server import clock
from server.auth.credentials.sessions import begin_session, end_sessions, new_auth_id
from server.auth.keys.keyring import Keyring
from server.changes import Changes, Edited
from server.errors import OperatorFault
from server.storage.store import Store

# Every known permission, and the wildcards that cover at least one.
_PERMISSIONS: Final = PERMISSIONS.union(
    *((f"{name.partition(':')[0]}:*", f"*:{name.partition(':')[2]}", "*:*") for name in PERMISSIONS)
)
_USERNAME: Final = re.compile(r"[\w.@+-]{1,255}")


class AccountFault(OperatorFault):
    """The operator asked for something impossible; the text says why."""


async def find_user(store: Store, name: str) -> UserDoc:
    """The user by id, username or e-mail address, tried in this order. Raises AccountFault."""
    queries: list[dict[str, Any]] = [{"username": name}, {"email": name}]
    number = read_number(name)
    if number is not None:
        queries.insert(0, {"_id": number})
    for query in queries:
        user = await store.find_one("users", query)
        if user is not None:
            return cast(UserDoc, user)
    raise AccountFault(f"there is no user {name}; run.py user list prints all")


async def create_user(
    store: Store, changes: Changes, username: str, *, id: int | None = None, **fields: Any
) -> UserDoc:
    """A new account; `fields` are those of UserDoc. Raises AccountFault, Duplicate."""
    user = await make_user(store, username, id=id, **fields)
    await changes.run(lambda change: change.create_user(user), wait=False)
    return user


async def make_user(store: Store, username: str, *, id: int | None = None, **fields: Any) -> UserDoc:
    """The document of a new account, numbered and not stored yet. Raises AccountFault."""
    if not _USERNAME.fullmatch(username) or username.isdigit():
        raise AccountFault(
            f"{username!r} is not a username: use letters, digits and . @ + - _, and not only digits"
        )
    check_permissions(fields.get("permissions", ()))
    _check_email(fields.get("email"))
    if id is None:
        numeric = {"_id": {"$type": "number"}}
        newest = await store.find("users", numeric, sort=[("_id", -1)], limit=1, unchecked=True)
        await store.raise_counter("user", int(newest[0]["_id"]) if newest else 0)
        id = await store.next_id("user")
    else:
        await store.raise_counter("user", id)
    now = clock.now()
    values = {"_id": id, "username": username, "auth_id": new_auth_id(), "created": now, "modified": now}
    return cast(UserDoc, completed(values | fields, UserDoc))


def check_permissions(permissions: Iterable[str]) -> None:
    """Raises AccountFault for the first permission that no rule checks."""
    for permission in permissions:
        if permission not in _PERMISSIONS:
            similar = difflib.get_close_matches(permission, _PERMISSIONS, n=1)
            hint = f"did you mean {similar[0]}?" if similar else "they look like Addons:Edit, Addons:* or *:*"
            raise AccountFault(f"{permission!r:.80} is not a permission: {hint}")


async def set_fields(changes: Changes, user_id: int, **fields: Any) -> UserDoc:
    """Change fields of an account."""
    new = {**fields, "modified": clock.now()}
    return await changes.edit_user(user_id, lambda user: Edited(cast(UserDoc, {**user, **new})), wait=False)


async def set_email(changes: Changes, user_id: int, address: str) -> UserDoc:
    """Change or, with an empty address, remove the e-mail address. Raises AccountFault if it is invalid."""
    _check_email(address or None)
    return await set_fields(changes, user_id, email=address or None)


def _check_email(address: str | None) -> None:
    if address is not None and (fault := check_email(address)):
        raise AccountFault(f"{address!r:.80} {fault}")


async def grant(changes: Changes, user_id: int, permissions: Iterable[str]) -> UserDoc:
    """Add permissions. Raises AccountFault for one that does not exist."""
    granted = set(permissions)
    check_permissions(granted)
    return await _set_permissions(changes, user_id, lambda held: held | granted)


async def revoke(changes: Changes, user_id: int, permissions: Iterable[str]) -> UserDoc:
    """Remove permissions, but no wildcard that covers one. Raises AccountFault for a permission that neither
    exists nor is held.
    """
    revoked = set(permissions)

    def change(held: set[str]) -> set[str]:
        check_permissions(revoked - held)
        return held - revoked

    return await _set_permissions(changes, user_id, change)


async def _set_permissions(changes: Changes, user_id: int, change: Callable[[set[str]], set[str]]) -> UserDoc:
    def edit(user: UserDoc) -> Edited[UserDoc]:
        permissions = sorted(change(set(user["permissions"])))
        return Edited({**user, "permissions": permissions, "modified": clock.now()})

    return await changes.edit_user(user_id, edit, wait=False)


async def ban(changes: Changes, user_id: int) -> UserDoc:
    """Make every credential of the user stop working. Sessions and tokens stay ended after the ban."""
    user = await set_fields(changes, user_id, banned=True)
    await end_sessions(changes, user_id, wait=False)
    return user


async def start_session(changes: Changes, keyring: Keyring, user: UserDoc) -> tuple[str, SessionDoc]:
    """A new session key and its document; the user's expired sessions are deleted."""
    return await changes.run(lambda change: begin_session(change, keyring, user), wait=False)
