"""The users and add-ons that the tests of writes share, and the server they write to."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer
from tests.factories import make_addon, make_file, make_user, make_version
from tests.handlers.signed_client import Api, lines, signed

OWNER = make_user(_id=7, username="ann", display_name="Ann", email="ann@example.org")
DEVELOPER = make_user(_id=8, username="ben", display_name="Ben", email="ben@example.org")
STRANGER = make_user(_id=9, username="eve", display_name="Eve", email="eve@example.org")
SUBMITTER = make_user(_id=10, username="tool", display_name="Tool", permissions=["Addons:Submit"])
REVIEWER = make_user(_id=11, username="rev", permissions=["Addons:Review"])
ADMIN = make_user(_id=12, username="root", display_name=None, permissions=["*:*"])
OUTDATED = make_user(_id=13, username="old", read_dev_agreement="2025-08-03T23:59:59Z")
DENIED = make_user(_id=14, username="spam", email="x@Spam.example")
VIEWER = make_user(_id=15, username="view", permissions=["Addons:ViewDeleted"])
USERS = (OWNER, DEVELOPER, STRANGER, SUBMITTER, REVIEWER, ADMIN, OUTDATED, DENIED, VIEWER)

AUTHORS = [
    {"user_id": 7, "role": "owner", "listed": True, "position": 0},
    {"user_id": 8, "role": "developer", "listed": True, "position": 1},
    {"user_id": 10, "role": "owner", "listed": False, "position": 2},
    {"user_id": 13, "role": "developer", "listed": False, "position": 3},
    {"user_id": 14, "role": "developer", "listed": False, "position": 4},
    {"user_id": 15, "role": "developer", "listed": False, "position": 5},
]
SETTINGS = {
    "AMOEBA_THROTTLING": "false",
    "AMOEBA_DENIED_SUBMITTERS": "@spam.example,192.0.2.0/24",
    "AMOEBA_SITE_URL": "https://addons.example.org",
}


# In the answer to who may not see or change a public add-on, beside the detail.
FLAGS = {"is_disabled_by_developer": False, "is_disabled_by_mozilla": False}
SPARE = range(20, 50)  # numbers of add-ons that each belong to one test (`number`)


def addon(number: int, **fields: Any) -> dict[str, Any]:
    """Add-on `number`: its ids, guid and slug are made from it."""
    version = make_version(id=number * 10, files=[make_file(id=number * 10)])
    made: dict[str, Any] = {
        "_id": number,
        "guid": f"addon{number}@example.org",
        "slug": f"slug-{number}",
        "authors": AUTHORS,
        "versions": [version],
    }
    return {**make_addon(**(made | fields))}


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return iter(SPARE)


@pytest.fixture
def number(numbers: Iterator[int]) -> int:
    """An add-on of the module's that no other test has."""
    return next(numbers)


@contextmanager
def writing(folder: Path, mongod: OwnMongod, *addons: dict[str, Any], **settings: str) -> Iterator[Api]:
    documents = [*lines("user", *USERS), *lines("addon", *addons)]
    with signed(folder, documents, mongod, **(SETTINGS | settings)) as api:
        yield api


def at_once(api: Api, count: int, call: Callable[[Api, int], Answer]) -> list[Answer]:
    """The answers to `count` requests of as many clients."""

    def ask(place: int) -> Answer:
        client = Api(api.base)
        try:
            return call(client, place)
        finally:
            client.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))
