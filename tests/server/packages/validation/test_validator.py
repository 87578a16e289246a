"""The background's part in uploads: what a process that dies leaves, the next finishes
(contract/uploads.md 3 and 7.3).
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from conf.settings.settings import Settings
from server import clock
from server.auth.credentials.apikeys import make_api_key
from server.auth.credentials.stored_apikeys import LeakedKeys
from server.auth.keys.keystores import open_keys
from server.changes import Changes
from server.files.files import Files
from server.packages.validation.validator import Validator
from server.storage.lease_queue import new_record
from server.storage.operations import Insert, Update
from server.storage.store import Store
from tests.handlers.signed_client import KEYRING, SECRET
from tests.packages import package

KEY = "1" * 32


class NoKeys:
    """Of users who have none."""

    async def active_secrets(self, user_id: int) -> dict[str, str]:
        return {}

    async def revoke(self, key_ids: object) -> None:
        raise AssertionError


class Died(BaseException):
    """As kill -9 would: nothing is tidied up."""


async def given(store: Store, content: bytes = package(), **more: Any) -> None:
    """An upload that waits for its validation."""
    stored = await Files(store).put(BytesIO(content))
    upload = {
        "_id": KEY,
        "user_id": 7,
        "channel": "unlisted",
        "name": "tree.xpi",
        "stored": stored.id,
        "size": stored.size,
        "address": "192.0.2.1",
        "created": clock.now(),
        "validation": None,
        "package": None,
        "submitted": False,
        **more,
    }
    await store.write([Insert("uploads", upload), Insert("validations", new_record(_id=KEY))])


SIGNING = {"guid": "tree@example.org", "folded": "tree@example.org", "version": "1.0"}


@pytest.mark.parametrize("signing", [SIGNING, None], ids=["to be signed", "only uploaded"])
async def test_who_dies_between_validation_and_version_leaves_it_to_the_next(
    store: Store, tmp_path: Path, signing: Any
) -> None:
    await given(store, **({"signing": signing} if signing else {}))
    made: list[str] = []
    settings = Settings(data_dir=str(tmp_path))

    async def die(upload: Any) -> None:
        assert upload["validation"]["success"] is True
        raise Died

    async def make(upload: Any) -> None:
        made.append(upload["_id"])

    first, second = (
        Validator(store, Files(store), settings, lambda: False, release, NoKeys()) for release in (die, make)
    )
    if signing:
        with pytest.raises(Died):
            await first.work()
        assert (await store.find_one("uploads", {"_id": KEY}) or {})["validation"] is not None
        await store.write([Update("validations", KEY, {"$set": {"lease_until": 0.0}})])
    await second.work()
    assert made == ([KEY] if signing else [])
    assert await store.count("validations") == 0
    assert (await store.find_one("uploads", {"_id": KEY}) or {})["validation"]["success"] is True


async def test_an_api_key_in_a_package_is_told_and_later_revoked(store: Store, tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path), secret_key=SECRET)
    leaked = LeakedKeys(store, Changes(store, None), await open_keys(settings, store))
    secret, key = make_api_key(7, 1, KEYRING)
    _, others = make_api_key(8, 1, KEYRING)
    _, former = make_api_key(7, 2, KEYRING)
    await store.write([Insert("apikeys", one) for one in (key, others, former | {"active": False})])
    # Across the border of two parts that the archive is read in.
    await given(store, package(files={"a.js": f"{'x' * (256 * 1024 - 9)}{secret}"}), signing=SIGNING)

    async def make(upload: Any) -> None:
        raise AssertionError

    validator = Validator(store, Files(store), settings, lambda: False, make, leaked)
    await validator.work()
    upload = await store.find_one("uploads", {"_id": KEY}) or {}
    [error] = [one for one in upload["validation"]["messages"] if one["type"] == "error"]
    assert error["id"] == ["validation", "messages", "api_key_detected"]
    assert error["message"].startswith("Your developer API key was found in the submitted file.")
    assert await active(store) == {"user:7:1", "user:8:1"}
    await store.write([Update("validations", KEY, {"$set": {"due": 0.0}})])
    await validator.work()
    assert await active(store) == {"user:8:1"}
    assert await store.count("validations") == 0


async def active(store: Store) -> set[str]:
    return {key["_id"] for key in await store.find("apikeys", {"active": True})}


async def test_no_version_is_made_of_what_is_not_valid(store: Store, tmp_path: Path) -> None:
    await given(store, package(""), signing=SIGNING)
    settings = Settings(data_dir=str(tmp_path))

    async def make(upload: Any) -> None:
        raise AssertionError

    await Validator(store, Files(store), settings, lambda: False, make, NoKeys()).work()
    assert (await store.find_one("uploads", {"_id": KEY}) or {})["validation"]["errors"] == 1
    assert await store.count("validations") == 0
