"""A stored document that is damaged stops nothing else, is named, and is taken up once repaired."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from conf.settings.loading import load_settings
from server.bad_documents import BadDocuments
from server.services.uploads.automatic_versions import make_version
from server.site import Site
from server.storage.operations import Insert, Replace
from server.storage.store import Store
from tests.factories import make_addon, make_user
from tests.mongod_fixture import DATABASE

GOOD: Any = make_addon(_id=2, guid="good@example.org", slug="good")
ADDON: Any = make_addon()
DAMAGED: Any = {key: value for key, value in ADDON.items() if key != "tags"}
NONE_BAD = {"count": 0, "first": []}


@asynccontextmanager
async def opened_site(store: Store, folder: Path, uri: str) -> AsyncIterator[Site]:
    """A whole site on the test's database, but for HTTP."""
    settings = load_settings({"data_dir": str(folder)}, {"AMOEBA_MONGODB_DATABASE": DATABASE}, None)

    async def database() -> str:
        return uri

    site = Site(settings, 8000, make_version)
    try:
        await site.open(database(), lambda count: None)
        yield site
    finally:
        await site.close()


async def write(site: Site, *operations: Any) -> None:
    assert await site.feed.seen(await site.store.write(operations, maintenance=True), 5.0)


def bad(site: Site) -> Any:
    return site.health()["bad_documents"]


async def test_a_damaged_addon_beside_a_good_one(
    store: Store, mongod: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In one transaction, while running and at a start."""
    await store.write([Insert("addons", ADDON), Insert("addons", GOOD)])
    async with opened_site(store, tmp_path, mongod.uri) as site:
        assert bad(site) == NONE_BAD
        newer = {**GOOD, "weekly_downloads": 77}
        await write(site, Replace("addons", DAMAGED), Replace("addons", newer))
        assert site.catalogue.documents.addon(2)["weekly_downloads"] == 77
        assert site.catalogue.find("tab-tree") is None
        assert bad(site) == {"count": 1, "first": ["addons 1"]}
        assert "addons 1 is damaged and left out: object missing required field tags" in caplog.text
    async with opened_site(store, tmp_path, mongod.uri) as site:
        assert (site.ready, site.catalogue.find("good")) == (True, 2)
        assert (site.catalogue.find("tab-tree"), bad(site)["count"]) == (None, 1)
        await write(site, Replace("addons", ADDON))
        assert (site.catalogue.find("tab-tree"), bad(site)) == (1, NONE_BAD)


async def test_a_damaged_user_is_no_author_until_repaired(store: Store, mongod: Any, tmp_path: Path) -> None:
    users: Any = [{**make_user(), "username": None}, make_user(_id=8, username="ben")]
    await store.write([Insert("addons", ADDON), *(Insert("users", user) for user in users)])
    async with opened_site(store, tmp_path, mongod.uri) as site:
        assert site.catalogue.documents.users.keys() == {8}
        assert bad(site) == {"count": 1, "first": ["users 7"]}
        await write(site, Replace("users", make_user()))
        assert (set(site.catalogue.documents.users), bad(site)) == ({7, 8}, NONE_BAD)
        await write(site, Replace("users", users[0]))
        assert (set(site.catalogue.documents.users), bad(site)["count"]) == ({8}, 1)


class TestRegister:
    def test_logs_once_and_again_for_another_reason(self, caplog: pytest.LogCaptureFixture) -> None:
        register = BadDocuments()
        for reason in ("no tags", "no tags", "no name"):
            register.add("addons", {7: reason})
        assert [record.getMessage() for record in caplog.records] == [
            "addons 7 is damaged and left out: no tags",
            "addons 7 is damaged and left out: no name",
        ]

    def test_names_them_until_they_are_forgotten(self) -> None:
        register = BadDocuments()
        register.add("addons", {1: "x", 2: "x"})
        register.add("users", {1: "x"})
        register.forget("addons", [1, 3])
        assert register.summary() == {"count": 2, "first": ["addons 2", "users 1"]}
        register.forget("addons")
        assert register.summary() == {"count": 1, "first": ["users 1"]}

    @pytest.mark.parametrize(("collection", "count"), [("addons", 1), ("notes", 0)])
    def test_what_nobody_follows_is_named_for_an_hour(
        self, monkeypatch: pytest.MonkeyPatch, collection: str, count: int
    ) -> None:
        register = BadDocuments()
        register.add(collection, {1: "x"})
        assert register.summary()["count"] == 1
        monkeypatch.setattr("server.bad_documents._MAX_AGE", 0.0)
        assert register.summary()["count"] == count

    def test_a_whole_collection_is_told_in_few_words(self, caplog: pytest.LogCaptureFixture) -> None:
        register = BadDocuments()
        register.add("users", dict.fromkeys(range(1000), "no name"))
        assert (len(register), len(register.summary()["first"]), len(caplog.records)) == (1000, 10, 101)
        assert caplog.records[-1].getMessage() == "900 more of users are damaged: run.py check names them"
