"""Where the server's secrets live: made once, private, shared, rotatable."""

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


async def test_file_is_made_once_and_private(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "data" / FILE
    first = await KeyFile(path, store).make()
    assert await KeyFile(path, store).make() == await KeyFile(path, store).read() == first
    assert mode(path) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [FILE]
    assert len(first) == 1
    assert len(first[0].text) >= 43  # 256 bits


async def test_file_that_others_could_read_is_closed(tmp_path: Path, store: Store) -> None:
    path = tmp_path / FILE
    ring = await KeyFile(path, store).make()
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
async def test_what_is_no_secret_is_refused(tmp_path: Path, store: Store, case: str) -> None:
    text, reason = BAD[case]
    (tmp_path / FILE).write_text(text, encoding="latin-1")
    with pytest.raises(StartError, match=reason) as refused:
        await KeyFile(tmp_path / FILE, store).make()
    assert "backup" in str(refused.value)
    assert "x" * 15 not in str(refused.value)
    assert (tmp_path / FILE).read_text(encoding="latin-1") == text, "nothing is written over"


async def lose(path: Path, store: Store, way: str) -> None:
    """Take the secrets away, of the file or of the collection."""
    if path.exists():
        path.unlink()
    if way == "a directory":
        path.mkdir()
    elif way == "a FIFO":
        os.mkfifo(path)
    elif way == "damaged":
        path.write_bytes(b"\xff")
        await store.apply(Update("secrets", "signing", {"$set": {"ring": [{"text": "x"}]}}, upsert=True))
    else:
        await store.apply(Delete("secrets", "signing"))


@pytest.mark.parametrize(
    ("place", "way"),
    [
        ("file", "gone"),
        ("file", "damaged"),
        ("file", "a directory"),
        ("file", "a FIFO"),
        ("collection", "gone"),
        ("collection", "damaged"),
    ],
)
async def test_running_process_goes_on_with_what_it_has(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture, place: str, way: str
) -> None:
    """Whoever sends a bad token makes it look; nothing new is made, and it is said once."""
    path = tmp_path / FILE
    kept: KeyStore = KeyFile(path, store) if place == "file" else KeyCollection(store)
    ring = await kept.make()
    keys = Keys(kept.read, ring)
    await lose(path, store, way)
    for _ in range(3):
        assert not await keys.refresh(at_once=True)
    assert keys.ring.ring == tuple(ring)
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert "continues with the secrets in its memory" in record.getMessage()
    assert not path.is_file() or way == "damaged"
    assert await store.count("secrets", {"ring.1": {"$exists": True}}) == 0
    if place == "file" and way == "gone":
        path.write_text(new_secret().text)
        assert await keys.refresh(at_once=True), "put back, it is read again"


async def test_command_makes_no_secret_while_a_server_has_the_lost_one(tmp_path: Path, store: Store) -> None:
    path = tmp_path / FILE
    beside = KeyFile(path, store, is_used=True)
    first = await beside.make()
    assert first, "a server that has not come so far has none to lose"
    path.unlink()
    for use in (beside.make, beside.rotate, beside.forget):
        with pytest.raises(StartError, match="is missing"):
            await use()
    assert not path.exists()
    assert await KeyFile(path, store).make() != first, "a start makes a new one"


async def test_rotated_file_keeps_the_old_secret_behind_the_new(tmp_path: Path, store: Store) -> None:
    kept = KeyFile(tmp_path / FILE, store)
    [old] = await kept.make()
    new, replaced = await kept.rotate()
    assert new.text != old.text == replaced.text
    assert new.retired is None
    assert replaced.retired is not None
    assert await kept.read() == [new, replaced]
    assert mode(tmp_path / FILE) == 0o600
    assert await kept.forget() == [new] == await kept.read()


async def test_running_process_learns_of_a_rotation(tmp_path: Path, store: Store) -> None:
    kept = KeyFile(tmp_path / FILE, store)
    keys = Keys(kept.read, await kept.make())
    assert not await keys.refresh(at_once=True)
    sealed = Keyring(await kept.rotate()).seal("x")
    assert not await keys.refresh(), "looks at most once a second"
    assert await keys.refresh(at_once=True)
    assert keys.ring.unseal(sealed) == "x"


async def test_ring_read_before_a_rotation_does_not_hold_after_it() -> None:
    """A bad credential makes a process look at the moment somebody rotates."""
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
        found = self.ring
        await asyncio.sleep(self.delay)
        return found

    make = rotate = forget = read


async def test_processes_of_one_replica_set_share_a_secret(store: Store) -> None:
    rings = await asyncio.gather(*(KeyCollection(store).make() for _ in range(8)))
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


@pytest.mark.parametrize("given", ["x", "x" * 15, "x" * 16 + ",short", " , ", ","])
def test_short_secret_is_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY: must have at least 16 characters") as refused:
        load_settings({}, {"AMOEBA_SECRET_KEY": given})
    assert "xxx" not in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (Settings(), KeyFile),
        (Settings(mongodb_uri="mongodb://db/?replicaSet=a"), KeyCollection),
        (Settings(mongodb_uri="mongodb://db/?replicaSet=a", secret_key="x"), KeySetting),
    ],
)
def test_place_follows_the_deployment(settings: Settings, kind: type, store: Store) -> None:
    assert type(key_store(settings, store)) is kind


async def test_secrets_are_never_logged(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        kept: list[KeyStore] = [KeyFile(tmp_path / FILE, store), KeyCollection(store)]
        rings = [await one.rotate() for one in kept]
    for secret in (secret for ring in rings for secret in ring):
        assert secret.text not in caplog.text
