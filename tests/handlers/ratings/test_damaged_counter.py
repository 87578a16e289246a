"""Where no number can be given, creation is refused and the counter named; loaded anew, it goes on."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from server.storage.store import Store
from tests.handlers.loaded_server import environment, load
from tests.handlers.signed_client import SECRET, Api, lines
from tests.handlers.writable_server import OWNER, STRANGER, addon
from tests.mongod_fixture import TIMEOUT
from tests.program import Program

RATING = {"addon": 1, "version": 10, "score": 4}


def damage(mongod: OwnMongod, database: str, counter: dict[str, Any]) -> None:
    async def write() -> None:
        async with await Store.open(mongod.uri, database, TIMEOUT) as store:
            await store.database["counters"].replace_one({"_id": "rating"}, counter, upsert=True)

    asyncio.run(write())


@pytest.mark.parametrize("counter", [{}, {"value": "nine"}, {"value": None}], ids=["none", "text", "null"])
def test_a_damaged_counter(mongod: OwnMongod, tmp_path: Path, counter: dict[str, Any]) -> None:
    load(tmp_path, [*lines("user", OWNER, STRANGER), *lines("addon", addon(1))], mongod)
    damage(mongod, tmp_path.name, counter)
    env = environment(tmp_path, mongod) | {"AMOEBA_SECRET_KEY": SECRET, "AMOEBA_THROTTLING": "false"}
    with Program("serve", "--port", "0", output=tmp_path / "serve", env=env) as program:
        api = Api(program.url)
        answer = api.ask("POST", "v5", "ratings/rating/", STRANGER, RATING)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert api.get("/__heartbeat__").json["bad_documents"] == {"count": 1, "first": ["counters rating"]}
        load(tmp_path, lines("counter", {"_id": "rating", "value": 9}), mongod)
        answer = api.ask("POST", "v5", "ratings/rating/", STRANGER, RATING)
        assert (answer.status, answer.json["id"]) == (201, 10)
        assert api.get("/__heartbeat__").json["bad_documents"]["count"] == 0
        api.close()
    assert len(program.loud_records()) == 1
