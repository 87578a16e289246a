"""Where the server's secrets are kept, and the ring a running process works with.

    setting `secret_key`      the operator's own; several, separated by commas, newest first
    private mongod            the file `secret_key` in the data folder, mode 0600
    MongoDB at MONGODB_URI    the collection `secrets`: every process of the replica
                              set must accept what any of them signed, and they share
                              no folder. Set `secret_key` for each of them to keep the
                              secret out of the database.

All are made when they are first asked for. Secrets are in no dump and no log.
"""

import os
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from conf.settings import Settings
from server.auth.keyring import Keyring, Secret, new_secret, rotated
from server.errors import Conflict, Duplicate, StartError, StoreError
from server.operations import Insert, Replace
from server.store import Store

FILE: Final = "secret_key"
_ID: Final = "signing"
_REFRESH: Final = 1.0  # seconds between two looks
_TRIES: Final = 5


class KeyStore(Protocol):
    async def load(self) -> list[Secret]:
        """The ring, newest first; makes one where there is none."""

    async def rotate(self) -> list[Secret]:
        """Put a new secret in front, and return the ring."""

    async def forget(self) -> list[Secret]:
        """Keep the first secret alone."""


def key_store(settings: Settings, store: Store) -> KeyStore:
    if settings.secret_key:
        return KeySetting(settings.secret_key)
    return KeyCollection(store) if settings.mongodb_uri else KeyFile(Path(settings.data_dir) / FILE)


class Keys:
    """The ring in use; read again when a credential fails, in case it was rotated meanwhile."""

    def __init__(self, kept: KeyStore, ring: Sequence[Secret]) -> None:
        self.ring = Keyring(ring)
        self._kept = kept
        self._looked = time.monotonic()

    async def refresh(self, *, at_once: bool = False) -> bool:
        """Whether the ring is another one now. Looks at most once a second unless `at_once`."""
        now = time.monotonic()
        if now - self._looked < _REFRESH and not at_once:
            return False
        self._looked = now
        ring: Sequence[Secret] = self.ring.ring
        with suppress(StoreError):  # MongoDB is away: nobody can have rotated it there
            ring = await self._kept.load()
        if tuple(ring) == self.ring.ring:
            return False
        self.ring = Keyring(ring)
        return True


async def open_keys(settings: Settings, store: Store) -> Keys:
    kept = key_store(settings, store)
    return Keys(kept, await kept.load())


class KeySetting:
    def __init__(self, given: str) -> None:
        texts = [text.strip() for text in given.split(",")]
        self._ring = [Secret(text) for text in texts if text]
        if not self._ring:
            raise StartError("secret_key holds no secret")

    async def load(self) -> list[Secret]:
        return self._ring

    async def rotate(self) -> list[Secret]:
        """The operator has put the new secret in front; an old one verifies while it stands there."""
        return self._ring

    async def forget(self) -> list[Secret]:
        return self._ring


class KeyFile:
    """A secret a line, `<secret>` or `<secret> <date it was replaced>`, newest first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def load(self) -> list[Secret]:
        if not self._path.exists():
            self._create()
        if self._path.stat().st_mode & 0o077:
            self._path.chmod(0o600)  # a copy from elsewhere; what others could read, they no longer can
        ring = [Secret(*line.split()) for line in self._path.read_text().splitlines() if line.strip()]
        if not ring:
            raise StartError(f"{self._path} holds no secret; remove it, and a new one is made")
        return ring

    async def rotate(self) -> list[Secret]:
        return self._replace(rotated(await self.load()))

    async def forget(self) -> list[Secret]:
        return self._replace((await self.load())[:1])

    def _replace(self, ring: list[Secret]) -> list[Secret]:
        os.replace(self._written(ring), self._path)
        return ring

    def _create(self) -> None:
        """Two processes may try at once: one file wins, and both read it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        written = self._written([new_secret()])
        with suppress(FileExistsError):
            os.link(written, self._path)
        written.unlink()

    def _written(self, ring: Sequence[Secret]) -> Path:
        """A file beside ours, on disk before it takes its place."""
        path = self._path.with_name(f".{FILE}.{secrets.token_hex(8)}")
        lines = [" ".join(filter(None, secret)) for secret in ring]
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(descriptor)
        return path


class KeyCollection:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self) -> list[Secret]:
        return _ring(await self._document())

    async def rotate(self) -> list[Secret]:
        return await self._change(rotated)

    async def forget(self) -> list[Secret]:
        return await self._change(lambda ring: ring[:1])

    async def _change(self, change: Callable[[list[Secret]], list[Secret]]) -> list[Secret]:
        for _ in range(_TRIES):
            kept = await self._document()
            ring, revision = change(_ring(kept)), kept["revision"]
            with suppress(Conflict):  # changed by somebody else meanwhile
                await self._store.apply(Replace("secrets", _stored(ring, revision + 1), revision=revision))
                return ring
        raise Conflict("the secrets are being changed by somebody else")

    async def _document(self) -> dict[str, Any]:
        found = await self._store.find_one("secrets", {"_id": _ID})
        if found is None:
            with suppress(Duplicate):  # another process was first
                await self._store.apply(Insert("secrets", _stored([new_secret()], 1)))
            found = await self._store.find_one("secrets", {"_id": _ID})
        assert found is not None
        return found


def _stored(ring: Sequence[Secret], revision: int) -> dict[str, Any]:
    return {"_id": _ID, "ring": [secret._asdict() for secret in ring], "revision": revision}


def _ring(document: dict[str, Any]) -> list[Secret]:
    return [Secret(**secret) for secret in document["ring"]]
