"""From a started mongod to a primary that lets nobody in but us.

The same steps fit a fresh folder, a restart, a changed port and a start that
was cut short: each looks at what is there and does what is missing.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from server.driver import run_command
from server.embedded.folder import Credentials
from server.embedded.process import HOST
from server.errors import MongodFailed, Refused, StoreError, Unavailable
from server.operations import Document

SET = "amoeba"
_PATIENCE = 10.0  # seconds a single command may take
_ALREADY_INITIALISED = 23
_NOT_INITIALISED = 94


def uri_of(port: int, credentials: Credentials) -> str:
    """For programs that work with the database."""
    return f"{_address(port, credentials)}/?authSource=admin&replicaSet={SET}"


def _address(port: int, credentials: Credentials | None) -> str:
    user = f"{quote_plus(credentials.user)}:{quote_plus(credentials.password)}@" if credentials else ""
    return f"mongodb://{user}{HOST}:{port}"


async def _run(command: Document, port: int, credentials: Credentials | None) -> dict[str, Any]:
    """On exactly this server, whatever state its replica set is in."""
    options = "authSource=admin&" if credentials else ""
    return await run_command(
        f"{_address(port, credentials)}/?{options}directConnection=true", command, _PATIENCE
    )


async def become_primary(port: int, credentials: Credentials, is_alive: Callable[[], bool]) -> None:
    """Replica set of one, our user, writable. Raises MongodFailed, Unavailable.

    A step is repeated while mongod cannot take it yet: with a changed port it may
    first wait half a minute for whoever has the former one now to answer it.
    """
    while True:
        try:
            return await _set_up(port, credentials)
        except Unavailable:
            if not is_alive():
                raise
        await asyncio.sleep(0.1)


async def _set_up(port: int, credentials: Credentials) -> None:
    known = await _lets_in(port, credentials)
    user = credentials if known else None  # without any user MongoDB lets local callers set it up
    if not await _is_primary(port):
        await _configure(port, user)
    await _wait_primary(port)
    if not known:
        await _create_user(port, credentials)


async def answers(port: int, credentials: Credentials) -> bool:
    """Whether a primary that knows our password is there."""
    try:
        return await _lets_in(port, credentials) and await _is_primary(port)
    except StoreError:
        return False


async def _lets_in(port: int, credentials: Credentials) -> bool:
    try:
        await _run({"ping": 1}, port, credentials)
    except Refused:
        return False
    return True


async def _is_primary(port: int) -> bool:
    hello = await _run({"hello": 1}, port, None)
    return bool(hello["isWritablePrimary"]) and hello.get("me") == f"{HOST}:{port}"


async def _configure(port: int, user: Credentials | None) -> None:
    """Name the one member. A set that exists under another port is told the new one."""
    member = {"_id": 0, "host": f"{HOST}:{port}"}
    config: dict[str, Any] = {"_id": SET, "version": 1, "members": [member]}
    try:
        await _run({"replSetInitiate": config}, port, user)
    except StoreError as fault:
        if fault.code != _ALREADY_INITIALISED:
            raise
        if user is None or await _stored_host(port, user) != member["host"]:
            await _rename(config, port, user)


async def _stored_host(port: int, user: Credentials) -> str:
    try:
        stored = await _run({"replSetGetConfig": 1}, port, user)
    except StoreError as fault:
        if fault.code == _NOT_INITIALISED:  # it is still reading it
            raise Unavailable(str(fault)) from fault
        raise
    return str(stored["config"]["members"][0]["host"])


async def _rename(config: Document, port: int, user: Credentials | None) -> None:
    try:
        await _run({"replSetReconfig": config, "force": True}, port, user)
    except Unavailable:
        raise
    except StoreError as fault:
        raise MongodFailed(f"mongod does not take its new port {port}: {fault}") from fault


async def _wait_primary(port: int) -> None:
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    while not await _is_primary(port):
        if asyncio.get_running_loop().time() > deadline:
            raise Unavailable(f"mongod on port {port} does not become primary")
        await asyncio.sleep(0.05)


async def _create_user(port: int, credentials: Credentials) -> None:
    command = {"createUser": credentials.user, "pwd": credentials.password, "roles": ["root"]}
    try:
        await _run(command, port, None)
    except Refused as fault:
        raise MongodFailed(
            "mongod refuses the password in credentials.json and already has a user: "
            "the file is not the one this database was made with."
        ) from fault
