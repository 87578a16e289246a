"""Where the server's secrets are stored, and the ring of secrets that a running process works with.

    setting `secret_key`      set by the operator; several are separated by commas, newest first
    private mongod            the file `secret_key` in the data folder, mode 0600
    MongoDB at MONGODB_URI    the collection `secrets`: every process of the replica
                              set must accept what any of them signed, and they share
                              no folder. Set `secret_key` for each of them to keep the
                              secret out of the database.

A key store has these methods; all but `exists` return the ring, newest secret first:

    read             raises NoSecret, Unavailable
    get_or_create    reads the ring, after creating its first secret if there is none yet
    rotate           adds a new secret in front
    drop_retired     drops all secrets but the first
    replace          stores another ring, for example from a backup
    exists           whether the ring was ever created, so that `read` should succeed

The first start creates the ring. A running process only reads it, and continues with the ring in its memory
if it cannot read a valid one. Every change of a ring, also of one in a file, writes to the collection
`secrets`, so that the change stream tells all processes at once. No dump and no log contains secrets.
"""

import asyncio
import logging
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from conf.files import open_file
from conf.limits import MIN_SECRET
from conf.settings.settings import Settings
from server.auth.keys.keyring import Keyring, Secret, new_secret, rotated
from server.embedded.folder import write_private
from server.embedded.mongod import is_used_elsewhere
from server.errors import Conflict, Duplicate, StartError, StoreError
from server.storage.operations import Insert, Replace, Update
from server.storage.store import Store

log = logging.getLogger(__name__)

FILE: Final = "secret_key"
_ID: Final = "signing"
_REFRESH: Final = 1.0  # seconds between two reads
_TRIES: Final = 5
_MAX_BYTES: Final = 64 * 1024  # of the file: hundreds of secrets
_ADVICE: Final = (
    "Restore it from a backup. If there is none, remove what is left and restart the server:"
    " it makes a new secret, all tokens and sessions end, and new API keys have to be made."
)


ReadRing = Callable[[], Awaitable[list[Secret]]]


class NoSecret(StartError):
    """The secrets are missing or damaged."""


def key_store(settings: Settings, store: Store) -> "KeyStore":
    if settings.secret_key:
        return KeySetting(settings.secret_key)
    if settings.mongodb_uri:
        return KeyCollection(store)
    return KeyFile(Path(settings.data_dir) / FILE, store, is_used=is_used_elsewhere(settings))


class Keys:
    """The ring in use, which is read again when it changes or a credential fails."""

    def __init__(self, read: ReadRing, ring: Sequence[Secret]) -> None:
        self.ring = Keyring(ring)
        self._read_ring = read
        self._last_read = time.monotonic()
        self._reading = asyncio.Lock()  # one read at a time, so that no earlier one replaces a later one
        self._is_lost = False  # logged once

    async def refresh(self, *, at_once: bool = False) -> bool:
        """Whether the ring has changed. Reads at most once a second unless `at_once`."""
        now = time.monotonic()
        if now - self._last_read < _REFRESH and not at_once:
            return False
        self._last_read = now
        async with self._reading:
            return await self._read()

    async def _read(self) -> bool:
        try:
            ring = await self._read_ring()
        except StoreError:  # while MongoDB is away, nobody can have rotated it
            return False
        except NoSecret as fault:
            if not self._is_lost:
                log.error("this process continues with the secrets in its memory: %s", fault)
            self._is_lost = True
            return False
        self._is_lost = False
        if tuple(ring) == self.ring.ring:
            return False
        self.ring = Keyring(ring)
        return True


async def find_fault(settings: Settings, store: Store) -> str | None:
    """What is wrong with the stored secrets; None if they are valid or not yet created."""
    keys = key_store(settings, store)
    try:
        if await keys.exists():
            await keys.read()
    except NoSecret as fault:
        return str(fault)
    return None


async def open_keys(settings: Settings, store: Store) -> Keys:
    keys = key_store(settings, store)
    return Keys(keys.read, await keys.get_or_create())


class KeySetting:
    """The ring of the setting. The operator adds new secrets in front; old ones verify until the operator
    removes them.
    """

    def __init__(self, value: str) -> None:
        texts = [text.strip() for text in value.split(",")]
        self._ring = [Secret(text) for text in texts if text]

    async def read(self) -> list[Secret]:
        return self._ring

    get_or_create = rotate = drop_retired = read

    async def replace(self, ring: list[Secret]) -> list[Secret]:
        """Does nothing: only the operator changes the setting."""
        return self._ring

    async def exists(self) -> bool:
        return True


class KeyFile:
    """A file with one secret a line, newest first: `<secret>` or `<secret> <date it was replaced>`."""

    def __init__(self, path: Path, store: Store, *, is_used: bool = False) -> None:
        """`is_used`: another process may still have the secrets of a missing file in memory."""
        self._path = path
        self._store = store
        self._is_used = is_used

    async def read(self) -> list[Secret]:
        try:
            with open(open_file(self._path), "rb") as file:
                if os.fstat(file.fileno()).st_mode & 0o077:  # a copy from elsewhere
                    os.fchmod(file.fileno(), 0o600)
                lines = file.read(_MAX_BYTES).decode("ascii").splitlines()
        except FileNotFoundError:
            raise NoSecret(f"{self._path} is missing. {_ADVICE}") from None
        except OSError as fault:
            raise NoSecret(f"{self._path} cannot be read: {fault.strerror}") from fault
        except UnicodeDecodeError:
            lines = []
        return _parse([line.split() for line in lines if line.strip()], str(self._path))

    async def get_or_create(self) -> list[Secret]:
        if not self._path.exists() and not (self._is_used and await self._is_announced()):
            self._create()
            await self._announce()
        return await self.read()

    async def rotate(self) -> list[Secret]:
        return await self._write(rotated(await self.get_or_create()))

    async def drop_retired(self) -> list[Secret]:
        return await self._write((await self.read())[:1])

    async def replace(self, ring: list[Secret]) -> list[Secret]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return await self._write(ring)

    async def _write(self, ring: list[Secret]) -> list[Secret]:
        os.replace(self._write_temporary(ring), self._path)
        await self._announce()
        return ring

    async def _announce(self) -> None:
        """Make every process read the file again; the database gets no secret."""
        await self._store.apply(Update("secrets", FILE, {"$inc": {"revision": 1}}, upsert=True))

    async def exists(self) -> bool:
        return self._path.exists() or await self._is_announced()

    async def _is_announced(self) -> bool:
        return await self._store.find_one("secrets", {"_id": FILE}) is not None

    def _create(self) -> None:
        """Create the file. Of two processes that try at once one wins, and both read its file."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._write_temporary([new_secret()])
        with suppress(FileExistsError):
            os.link(temporary, self._path)
        temporary.unlink()

    def _write_temporary(self, ring: Sequence[Secret]) -> Path:
        """A temporary file with the ring in the same folder, flushed to disk so that it can be renamed."""
        path = self._path.with_name(f".{FILE}.{secrets.token_hex(8)}")
        write_private(path, "".join(" ".join(filter(None, secret)) + "\n" for secret in ring))
        return path


class KeyCollection:
    """The ring in the collection `secrets`, shared by all processes of a replica set."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self) -> list[Secret]:
        return _from_document(await self._document())

    async def exists(self) -> bool:
        return bool(await self._document())

    async def get_or_create(self) -> list[Secret]:
        if not await self._document():
            with suppress(Duplicate):  # another process was first
                await self._store.apply(Insert("secrets", _to_document([new_secret()], 1)))
        return await self.read()

    async def rotate(self) -> list[Secret]:
        await self.get_or_create()
        return await self._change(rotated)

    async def drop_retired(self) -> list[Secret]:
        return await self._change(lambda ring: ring[:1])

    async def replace(self, ring: list[Secret]) -> list[Secret]:
        await self.get_or_create()
        return await self._change(lambda _: ring)

    async def _change(self, change: Callable[[list[Secret]], list[Secret]]) -> list[Secret]:
        for _ in range(_TRIES):
            document = await self._document()
            ring, revision = change(_from_document(document)), document["revision"]
            with suppress(Conflict):  # changed by somebody else meanwhile
                await self._store.apply(
                    Replace("secrets", _to_document(ring, revision + 1), revision=revision)
                )
                return ring
        raise Conflict("the secrets are being changed by somebody else")

    async def _document(self) -> dict[str, Any]:
        return await self._store.find_one("secrets", {"_id": _ID}) or {}


KeyStore = KeySetting | KeyFile | KeyCollection


def _to_document(ring: Sequence[Secret], revision: int) -> dict[str, Any]:
    return {"_id": _ID, "ring": [secret._asdict() for secret in ring], "revision": revision}


def _from_document(document: dict[str, Any]) -> list[Secret]:
    """Raises NoSecret."""
    stored = document.get("ring")
    rows = stored if isinstance(stored, list) else []
    parsed = [[row.get("text"), row.get("retired")] if isinstance(row, dict) else [] for row in rows]
    return _parse(parsed, "the collection secrets")


def _parse(rows: Sequence[Sequence[Any]], source: str) -> list[Secret]:
    """The ring of rows `[text]` or `[text, date]`; faults name the `source`. Raises NoSecret."""
    for row in rows:
        text, retired = (*row, None, None)[:2]
        if len(row) > 2 or not isinstance(text, str) or not isinstance(retired, str | None):
            raise NoSecret(f"{source} is damaged. {_ADVICE}")
        if len(text) < MIN_SECRET:
            raise NoSecret(f"{source} has a secret of less than {MIN_SECRET} characters. {_ADVICE}")
    if not rows:
        raise NoSecret(f"{source} holds no secret. {_ADVICE}")
    return [Secret(*row) for row in rows]
