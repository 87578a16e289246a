"""Where the server's secrets are stored, and the ring a running process works with.

    setting `secret_key`      the operator's own; several, separated by commas, newest first
    private mongod            the file `secret_key` in the data folder, mode 0600
    MongoDB at MONGODB_URI    the collection `secrets`: every process of the replica
                              set must accept what any of them signed, and they share
                              no folder. Set `secret_key` for each of them to keep the
                              secret out of the database.

Each store can `read` the ring, newest first (raises NoSecret, Unavailable); `make`: read it, with a new
secret where there is none yet; `rotate`: put a new secret in front; `forget`: drop all but the first;
`put`: replace the ring; and say whether it `is_made`, so that `read` should succeed. All others return the
ring.

The ring is made on the first start. A running process only reads, and goes on with
the ring in its memory where it cannot read a valid one. Every change of a ring, also
in a file, writes to the collection `secrets`, so that the change stream tells all
processes at once. Secrets are in no dump and no log.
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
    """The ring in use; read again when it changes, and when a credential fails."""

    def __init__(self, read: ReadRing, ring: Sequence[Secret]) -> None:
        self.ring = Keyring(ring)
        self._read_ring = read
        self._last_read = time.monotonic()
        self._reading = asyncio.Lock()  # serial, because an earlier read must not replace a later one
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
    """What is wrong with the stored secrets; None where they are valid or not made yet."""
    keys = key_store(settings, store)
    try:
        if await keys.is_made():
            await keys.read()
    except NoSecret as fault:
        return str(fault)
    return None


async def open_keys(settings: Settings, store: Store) -> Keys:
    keys = key_store(settings, store)
    return Keys(keys.read, await keys.make())


class KeySetting:
    """The operator puts a new secret in front; an old one verifies until it is removed."""

    def __init__(self, value: str) -> None:
        texts = [text.strip() for text in value.split(",")]
        self._ring = [Secret(text) for text in texts if text]

    async def read(self) -> list[Secret]:
        return self._ring

    make = rotate = forget = read

    async def put(self, ring: list[Secret]) -> list[Secret]:
        """The setting stays what it is."""
        return self._ring

    async def is_made(self) -> bool:
        return True


class KeyFile:
    """A secret a line, `<secret>` or `<secret> <date it was replaced>`, newest first."""

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
        return _checked([line.split() for line in lines if line.strip()], str(self._path))

    async def make(self) -> list[Secret]:
        if not self._path.exists() and not (self._is_used and await self._was_made()):
            self._create()
            await self._announce()
        return await self.read()

    async def rotate(self) -> list[Secret]:
        return await self._replace(rotated(await self.make()))

    async def forget(self) -> list[Secret]:
        return await self._replace((await self.read())[:1])

    async def put(self, ring: list[Secret]) -> list[Secret]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return await self._replace(ring)

    async def _replace(self, ring: list[Secret]) -> list[Secret]:
        os.replace(self._written(ring), self._path)
        await self._announce()
        return ring

    async def _announce(self) -> None:
        """Make every process read the file again; the database gets no secret."""
        await self._store.apply(Update("secrets", FILE, {"$inc": {"revision": 1}}, upsert=True))

    async def is_made(self) -> bool:
        return self._path.exists() or await self._was_made()

    async def _was_made(self) -> bool:
        return await self._store.find_one("secrets", {"_id": FILE}) is not None

    def _create(self) -> None:
        """Two processes may try at once: one file wins, and both read it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        written = self._written([new_secret()])
        with suppress(FileExistsError):
            os.link(written, self._path)
        written.unlink()

    def _written(self, ring: Sequence[Secret]) -> Path:
        """A temporary file beside ours, on disk before it is renamed."""
        path = self._path.with_name(f".{FILE}.{secrets.token_hex(8)}")
        write_private(path, "".join(" ".join(filter(None, secret)) + "\n" for secret in ring))
        return path


class KeyCollection:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self) -> list[Secret]:
        return _ring(await self._document())

    async def is_made(self) -> bool:
        return bool(await self._document())

    async def make(self) -> list[Secret]:
        if not await self._document():
            with suppress(Duplicate):  # another process was first
                await self._store.apply(Insert("secrets", _stored([new_secret()], 1)))
        return await self.read()

    async def rotate(self) -> list[Secret]:
        await self.make()
        return await self._change(rotated)

    async def forget(self) -> list[Secret]:
        return await self._change(lambda ring: ring[:1])

    async def put(self, ring: list[Secret]) -> list[Secret]:
        await self.make()
        return await self._change(lambda _: ring)

    async def _change(self, change: Callable[[list[Secret]], list[Secret]]) -> list[Secret]:
        for _ in range(_TRIES):
            document = await self._document()
            ring, revision = change(_ring(document)), document["revision"]
            with suppress(Conflict):  # changed by somebody else meanwhile
                await self._store.apply(Replace("secrets", _stored(ring, revision + 1), revision=revision))
                return ring
        raise Conflict("the secrets are being changed by somebody else")

    async def _document(self) -> dict[str, Any]:
        return await self._store.find_one("secrets", {"_id": _ID}) or {}


KeyStore = KeySetting | KeyFile | KeyCollection


def _stored(ring: Sequence[Secret], revision: int) -> dict[str, Any]:
    return {"_id": _ID, "ring": [secret._asdict() for secret in ring], "revision": revision}


def _ring(document: dict[str, Any]) -> list[Secret]:
    """Raises NoSecret."""
    stored = document.get("ring")
    rows = stored if isinstance(stored, list) else []
    words = [[row.get("text"), row.get("retired")] if isinstance(row, dict) else [] for row in rows]
    return _checked(words, "the collection secrets")


def _checked(rows: Sequence[Sequence[Any]], source: str) -> list[Secret]:
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
