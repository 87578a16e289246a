"""Where the server's secrets are stored: created once, private, shared, rotatable."""

import asyncio
import logging
import os
import stat
from pathlib import Path

import pytest

from conf.settings.loading import load_settings
from conf.settings.settings import Settings
from conf.settings.sources import SettingsError
from server.auth.keys.keyring import Keyring, Secret, new_secret
from server.auth.keys.keystores import (
    FILE,
    KeyCollection,
    KeyFile,
    Keys,
    KeySetting,
    KeyStore,
    key_store,
    open_keys,
)
from server.errors import StartError
from server.storage.operations import Delete, Update
from server.storage.store import Store


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_file_is_created_once_and_private(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "data" / FILE
    first = await KeyFile(path, store).get_or_create()
    assert await KeyFile(path, store).get_or_create() == await KeyFile(path, store).read() == first
    assert mode(path) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [FILE]
    assert len(first) == 1
    assert len(first[0].text) >= 43  # 256 bits


async def test_file_that_others_could_read_is_closed(tmp_path: Path, store: Store) -> None:
    path = tmp_path / FILE
    ring = await KeyFile(path, store).get_or_create()
    path.chmod(0o644)
    assert await KeyFile(path, store).read() == ring
    assert mode(path) == 0o600


BAD = {
    "empty": ("", "holds no secret"),
    "blank": (" \n\n", "holds no secret"),
    "one character": ("x\n", "less than 16 characters"),
    "fifteen": ("x" * 15, "less than 16 characters"),
    "a short one behind": ("x" * 43 + "\nshort 2026-01-01T00:00:00Z\n", "less than 16 characters"),
    "three words": ("x" * 43 + " 2026-01-01T00:00:00Z more\n", "damaged"),
    "no text": ("\xff\xfe" * 40, "holds no secret"),
}


@pytest.mark.parametrize("case", BAD)
async def test_damaged_file_is_refused_and_stays(tmp_path: Path, store: Store, case: str) -> None:
    text, reason = BAD[case]
    (tmp_path / FILE).write_text(text, encoding="latin-1")
    with pytest.raises(StartError, match=reason) as refused:
        await KeyFile(tmp_path / FILE, store).get_or_create()
    assert "backup" in str(refused.value)
    assert "x" * 15 not in str(refused.value)
    assert (tmp_path / FILE).read_text(encoding="latin-1") == text, "the file is not overwritten"


async def lose(path: Path, store: Store, damage: str) -> None:
    """Remove or damage the secrets in the file or collection."""
    if path.exists():
        path.unlink()
    if damage == "a directory":
        path.mkdir()
    elif damage == "a FIFO":
        os.mkfifo(path)
    elif damage == "damaged":
        path.write_bytes(b"\xff")
        await store.apply(Update("secrets", "signing", {"$set": {"ring": [{"text": "x"}]}}, upsert=True))
    else:
        await store.apply(Delete("secrets", "signing"))


@pytest.mark.parametrize(
    ("place", "damage"),
    [
        ("file", "gone"),
        ("file", "damaged"),
        ("file", "a directory"),
        ("file", "a FIFO"),
        ("collection", "gone"),
        ("collection", "damaged"),
    ],
)
async def test_running_process_continues_with_the_ring_in_memory(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture, place: str, damage: str
) -> None:
    """A bad token makes it read the secrets again; it creates none, and logs the fault once."""
    path = tmp_path / FILE
    stored_keys: KeyStore = KeyFile(path, store) if place == "file" else KeyCollection(store)
    ring = await stored_keys.get_or_create()
    keys = Keys(stored_keys.read, ring)
    await lose(path, store, damage)
    for _ in range(3):
        assert not await keys.refresh(at_once=True)
    assert keys.ring.ring == tuple(ring)
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert "continues with the secrets in its memory" in record.getMessage()
    assert not path.is_file() or damage == "damaged"
    assert await store.count("secrets", {"ring.1": {"$exists": True}}) == 0
    if place == "file" and damage == "gone":
        path.write_text(new_secret().text)
        assert await keys.refresh(at_once=True), "put back, it is read again"


async def test_command_creates_no_secret_that_a_server_may_have_in_memory(
    tmp_path: Path, store: Store
) -> None:
    path = tmp_path / FILE
    in_use = KeyFile(path, store, is_used=True)
    first = await in_use.get_or_create()
    assert first, "no server can have a secret that was never created"
    path.unlink()
    for use in (in_use.get_or_create, in_use.rotate, in_use.drop_retired):
        with pytest.raises(StartError, match="is missing"):
            await use()
    assert not path.exists()
    assert await KeyFile(path, store).get_or_create() != first, "a start makes a new one"


async def test_rotated_file_keeps_the_old_secret_behind_the_new(tmp_path: Path, store: Store) -> None:
    key_file = KeyFile(tmp_path / FILE, store)
    [old] = await key_file.get_or_create()
    new, replaced = await key_file.rotate()
    assert new.text != old.text == replaced.text
    assert new.retired is None
    assert replaced.retired is not None
    assert await key_file.read() == [new, replaced]
    assert mode(tmp_path / FILE) == 0o600
    assert await key_file.drop_retired() == [new] == await key_file.read()


async def test_running_process_learns_of_a_rotation(tmp_path: Path, store: Store) -> None:
    key_file = KeyFile(tmp_path / FILE, store)
    keys = Keys(key_file.read, await key_file.get_or_create())
    assert not await keys.refresh(at_once=True)
    sealed = Keyring(await key_file.rotate()).seal("x")
    assert not await keys.refresh(), "looks at most once a second"
    assert await keys.refresh(at_once=True)
    assert keys.ring.unseal(sealed) == "x"


async def test_slow_read_does_not_replace_a_later_ring() -> None:
    """A bad credential makes a process read the ring while somebody rotates it."""
    slow = _Slow([Secret("old" * 10)])
    keys = Keys(slow.read, slow.ring)
    early = asyncio.create_task(keys.refresh(at_once=True))
    await asyncio.sleep(0.05)
    slow.ring, slow.delay = [Secret("new" * 10)], 0.0
    assert await keys.refresh(at_once=True)
    await early
    assert keys.ring.ring == tuple(slow.ring)


class _Slow:
    def __init__(self, ring: list[Secret]) -> None:
        self.ring = ring
        self.delay = 0.2

    async def read(self) -> list[Secret]:
        ring = self.ring
        await asyncio.sleep(self.delay)
        return ring

    get_or_create = rotate = drop_retired = read


async def test_processes_of_one_replica_set_share_a_secret(store: Store) -> None:
    rings = await asyncio.gather(*(KeyCollection(store).get_or_create() for _ in range(8)))
    assert rings == [rings[0]] * 8
    rotations = await asyncio.gather(*(KeyCollection(store).rotate() for _ in range(3)))
    assert len({ring[0].text for ring in rotations}) == 3
    final = await KeyCollection(store).read()
    assert len(final) == 4, "no rotation is lost"
    assert final[-1].text == rings[0][0].text


async def test_setting_wins_and_holds_old_secrets_too(tmp_path: Path, store: Store) -> None:
    texts = ["new" * 8, "old" * 8]
    settings = load_settings({"secret_key": ", ".join(texts), "data_dir": str(tmp_path)})
    keys = await open_keys(settings, store)
    assert [secret.text for secret in keys.ring.ring] == texts
    assert keys.ring.unseal(Keyring(keys.ring.ring[1:]).seal("x")) == "x"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("secret", ["x", "x" * 15, "x" * 16 + ",short", " , ", ","])
def test_short_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY: must have at least 16 characters") as refused:
        load_settings({}, {"AMOEBA_SECRET_KEY": secret})
    assert "xxx" not in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (Settings(), KeyFile),
        (Settings(mongodb_uri="mongodb://db/?replicaSet=a"), KeyCollection),
        (Settings(mongodb_uri="mongodb://db/?replicaSet=a", secret_key="x"), KeySetting),
    ],
)
def test_key_store_follows_the_settings(settings: Settings, kind: type, store: Store) -> None:
    assert type(key_store(settings, store)) is kind


async def test_secrets_are_never_logged(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        stores: list[KeyStore] = [KeyFile(tmp_path / FILE, store), KeyCollection(store)]
        rings = [await keys.rotate() for keys in stores]
    for secret in (secret for ring in rings for secret in ring):
        assert secret.text not in caplog.text
