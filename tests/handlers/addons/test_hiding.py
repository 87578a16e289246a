"""An add-on that is no longer public disappears at once from every cache, list and ETag.

Rules: contract/addons.md 3.1 and 3.3.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer, Client
from tests.factories import make_addon, make_version
from tests.handlers.loaded_server import load, serving

VERSIONS = [make_version(id=10), make_version(id=11, version="0.9", created="2023-01-01T00:00:00Z")]
CHILDREN = ("", "versions/", "versions/10/", "eula_policy/")
LISTINGS = (
    "addons/search/?guid=tab-tree@example.org",
    "addons/search/?q=tab+tree",
    "addons/autocomplete/?q=tab",
)
PATIENCE = 5.0

# What happens to it -> the fields, and what its pages answer then.
CHANGES: dict[str, tuple[dict[str, Any], int]] = {
    "disabled by its developer": ({"disabled_by_user": True}, 401),
    "disabled by Mozilla": ({"status": "disabled"}, 401),
    "deleted": ({"status": "deleted", "slug": None}, 404),
    "withheld from the caller's country": ({"region_exclusions": ["FR"]}, 451),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hiding")


@pytest.fixture(scope="module")
def client(mongod: OwnMongod, folder: Path) -> Iterator[Client]:
    with serving(folder, [{"kind": "addon", **make_addon(versions=VERSIONS)}], mongod) as program:
        client = Client(program.url)
        yield client
        client.close()


def get(client: Client, path: str, **headers: str) -> Answer:
    return client.get(path, headers={"X-Country-Code": "fr", **headers})


def change(client: Client, folder: Path, mongod: OwnMongod, expected: int, fields: dict[str, Any]) -> None:
    """Load the add-on in another state and wait until it is shown, in search too where it is to be.

    Until memory has it, its own page comes from MongoDB, with another ETag.
    """
    load(folder, [{"kind": "addon", **make_addon(versions=VERSIONS, **fields)}], mongod)
    deadline = time.monotonic() + PATIENCE

    def is_shown() -> bool:
        is_listed = expected != 200 or get(client, f"/api/v5/{LISTINGS[0]}").json["count"]
        return is_listed and get(client, "/api/v5/addons/addon/1/").status == expected

    while not is_shown():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kept_tag(client: Client, path: str) -> str:
    """The ETag of an answer that is kept ready.

    Soon after a change there may be another one: the text index follows a moment later.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        for _ in range(3):  # so that it is kept
            answer = get(client, path)
            assert answer.status == 200
        tag: str = answer.headers["ETag"]
        if get(client, path, **{"If-None-Match": tag}).status == 304:
            return tag
        assert time.monotonic() < deadline


@pytest.mark.parametrize(("fields", "status"), CHANGES.values(), ids=CHANGES)
def test_nothing_of_it_is_left(
    client: Client, folder: Path, mongod: OwnMongod, fields: dict[str, Any], status: int
) -> None:
    pages = [f"/api/{api}/addons/addon/1/{child}" for api in ("v3", "v4", "v5") for child in CHILDREN]
    listings = [f"/api/{api}/{listing}" for api in ("v3", "v4", "v5") for listing in LISTINGS]
    change(client, folder, mongod, 200, {})
    tags = {path: kept_tag(client, path) for path in (*pages, *listings)}
    change(client, folder, mongod, status, fields)
    for path in pages:
        for headers in ({}, {"If-None-Match": tags[path]}):
            assert get(client, path, **headers).status == status, path
    for path in listings if status != 451 else ():
        assert get(client, path, **{"If-None-Match": tags[path]}).json["results"] == [], path
