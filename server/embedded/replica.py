"""Makes a started mongod a primary that requires our password.

Each step does only what is missing. So the same steps serve a new folder, a restart, a
moved folder (or one whose mongod listened on a port) and an interrupted start.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from server.embedded.folder import Credentials
from server.errors import AccessDenied, MongodFailed, StoreError, Unavailable
from server.storage.driver import run_command
from server.storage.operations import Document

SET = "amoeba"
_PATIENCE = 10.0  # seconds a single command may take
_ALREADY_INITIALISED = 23
_NOT_INITIALISED = 94
_OTHER_PASSWORD = (
    "mongod refuses the password in credentials.json and already has a user: "
    "the file is not the one this database was made with."
)


def connection_uri(socket: Path, credentials: Credentials) -> str:
    """The URI for programs that use the database: they wait for it to be primary."""
    return f"{_address(socket, credentials)}/?authSource=admin&replicaSet={SET}"


def direct_uri(socket: Path, credentials: Credentials | None = None) -> str:
    """The URI of this server in any state of its replica set; `credentials` None: without a user."""
    options = "authSource=admin&" if credentials else ""
    return f"{_address(socket, credentials)}/?{options}directConnection=true"


def _address(socket: Path, credentials: Credentials | None) -> str:
    user = f"{quote_plus(credentials.user)}:{quote_plus(credentials.password)}@" if credentials else ""
    return f"mongodb://{user}{quote_plus(str(socket))}"


async def _run(command: Document, socket: Path, credentials: Credentials | None) -> dict[str, Any]:
    return await run_command(direct_uri(socket, credentials), command, _PATIENCE)


async def become_primary(socket: Path, credentials: Credentials, is_alive: Callable[[], bool]) -> None:
    """Set up a writable replica set of one, with our user. Raises MongodFailed, Unavailable.

    Steps are repeated until mongod can do them: if it listened on a port before, it may first wait half a
    minute for an answer from that port.
    """
    while True:
        try:
            return await _set_up(socket, credentials)
        except Unavailable:
            if not is_alive():
                raise
        await asyncio.sleep(0.1)


async def _set_up(socket: Path, credentials: Credentials) -> None:
    has_user = await _accepts_password(socket, credentials)
    user = credentials if has_user else None  # before it has a user, MongoDB lets local clients set it up
    if not await _is_primary(socket):
        await _configure(socket, user)
    await _wait_primary(socket)
    if not has_user:
        await _create_user(socket, credentials)


async def is_usable(socket: Path, credentials: Credentials) -> bool:
    """Whether a primary answers that accepts our password."""
    try:
        return await _accepts_password(socket, credentials) and await _is_primary(socket)
    except StoreError:
        return False


async def _accepts_password(socket: Path, credentials: Credentials) -> bool:
    try:
        await _run({"ping": 1}, socket, credentials)
    except AccessDenied:
        return False
    return True


async def _is_primary(socket: Path) -> bool:
    hello = await _run({"hello": 1}, socket, None)
    return bool(hello["isWritablePrimary"]) and hello.get("me") == str(socket)


async def _configure(socket: Path, user: Credentials | None) -> None:
    """Configure the only member; an existing set with another address gets the new address."""
    member = {"_id": 0, "host": str(socket)}
    config: dict[str, Any] = {"_id": SET, "version": 1, "members": [member]}
    try:
        await _run({"replSetInitiate": config}, socket, user)
    except AccessDenied as fault:
        raise MongodFailed(_OTHER_PASSWORD) from fault
    except StoreError as fault:
        if fault.code != _ALREADY_INITIALISED:
            raise
        if user is None or await _stored_host(socket, user) != member["host"]:
            await _reconfigure(config, socket, user)


async def _stored_host(socket: Path, user: Credentials) -> str:
    try:
        stored = await _run({"replSetGetConfig": 1}, socket, user)
    except StoreError as fault:
        if fault.code == _NOT_INITIALISED:  # mongod is still reading its configuration
            raise Unavailable(str(fault)) from fault
        raise
    return str(stored["config"]["members"][0]["host"])


async def _reconfigure(config: Document, socket: Path, user: Credentials | None) -> None:
    try:
        await _run({"replSetReconfig": config, "force": True}, socket, user)
    except Unavailable:
        raise
    except StoreError as fault:
        raise MongodFailed(f"mongod does not take its new address {socket}: {fault}") from fault


async def _wait_primary(socket: Path) -> None:
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    while not await _is_primary(socket):
        if asyncio.get_running_loop().time() > deadline:
            raise Unavailable(f"mongod at {socket} does not become primary")
        await asyncio.sleep(0.05)


async def _create_user(socket: Path, credentials: Credentials) -> None:
    command = {"createUser": credentials.user, "pwd": credentials.password, "roles": ["root"]}
    try:
        await _run(command, socket, None)
    except AccessDenied as fault:
        raise MongodFailed(_OTHER_PASSWORD) from fault
