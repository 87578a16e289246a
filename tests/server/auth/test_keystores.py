"""Where the server's secrets live: made once, private, shared, rotatable."""

import asyncio
import logging
import stat
from pathlib import Path

import pytest

from conf.settings import Settings
from server.auth.keyring import Keyring
from server.auth.keystores import (
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
from server.store import Store


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "data" / FILE
    first = await KeyFile(path).load()
    assert await KeyFile(path).load() == first
    assert mode(path) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [FILE]
    assert len(first) == 1
    assert len(first[0].text) >= 43  # 256 bits


async def test_file_that_others_could_read_is_closed(tmp_path: Path) -> None:
    path = tmp_path / FILE
    ring = await KeyFile(path).load()
    path.chmod(0o644)
    assert await KeyFile(path).load() == ring
    assert mode(path) == 0o600


async def test_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    with pytest.raises(StartError, match="holds no secret"):
        await KeyFile(tmp_path / FILE).load()


async def test_rotated_file_keeps_the_old_secret_behind_the_new(tmp_path: Path) -> None:
    kept = KeyFile(tmp_path / FILE)
    [old] = await kept.load()
    new, replaced = await kept.rotate()
    assert new.text != old.text == replaced.text
    assert new.retired is None
    assert replaced.retired is not None
    assert await kept.load() == [new, replaced]
    assert mode(tmp_path / FILE) == 0o600
    assert await kept.forget() == [new] == await kept.load()


async def test_running_process_learns_of_a_rotation(tmp_path: Path) -> None:
    kept = KeyFile(tmp_path / FILE)
    keys = Keys(kept, await kept.load())
    assert not await keys.refresh(at_once=True)
    sealed = Keyring(await kept.rotate()).seal("x")
    assert not await keys.refresh(), "looks at most once a second"
    assert await keys.refresh(at_once=True)
    assert keys.ring.unseal(sealed) == "x"


async def test_processes_of_one_replica_set_share_a_secret(store: Store) -> None:
    rings = await asyncio.gather(*(KeyCollection(store).load() for _ in range(8)))
    assert rings == [rings[0]] * 8
    rotations = await asyncio.gather(*(KeyCollection(store).rotate() for _ in range(3)))
    assert len({ring[0].text for ring in rotations}) == 3
    final = await KeyCollection(store).load()
    assert len(final) == 4, "no rotation is lost"
    assert final[-1].text == rings[0][0].text


async def test_setting_wins_and_holds_old_secrets_too(tmp_path: Path, store: Store) -> None:
    settings = Settings(secret_key="new, old", data_dir=str(tmp_path))
    ring = await KeySetting("new, old").load()
    assert [secret.text for secret in ring] == ["new", "old"]
    keys = await open_keys(settings, store)
    assert keys.ring.unseal(Keyring(ring[1:]).seal("x")) == "x"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StartError):
        KeySetting(" , ")


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
        kept: list[KeyStore] = [KeyFile(tmp_path / FILE), KeyCollection(store)]
        rings = [await one.rotate() for one in kept]
    for secret in (secret for ring in rings for secret in ring):
        assert secret.text not in caplog.text
