"""Add-ons in every state that matters to update checks and downloads, on one server that nobody writes to.

def test_it(published: Api) -> None:
    published.get("/update/?" + check(STATES["plain"]))
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest

from conf.settings.loading import load_settings
from conf.vocabulary import APPS
from server.auth.credentials.apikeys import make_api_key
from server.cli.opening import open_context
from server.embedded.mongod import OwnMongod
from server.files.files import Files
from tests.factories import make_addon, make_file, make_user, make_version
from tests.handlers.loaded_server import environment
from tests.handlers.signed_client import KEYRING, Api, lines, signed
from tests.handlers.writable_server import AUTHORS, OWNER, USERS

SITE = "https://addons.example.org"
BYTES = Random(13).randbytes(600_000)
SHA = "sha256:" + sha256(BYTES).hexdigest()
LOST = "sha256:" + "00" * 32  # not in the store
UNLISTED_REVIEWER = make_user(_id=16, username="unlisted", permissions=["Addons:ReviewUnlisted"])
EDITOR = make_user(_id=17, username="editor", permissions=["Addons:Edit"])
THEME_REVIEWER = make_user(_id=18, username="themes", permissions=["Addons:ThemeReview"])
SOURCE_ADMIN = make_user(_id=19, username="sources", permissions=["Reviews:Admin"])
PEOPLE = (*USERS, UNLISTED_REVIEWER, EDITOR, THEME_REVIEWER, SOURCE_ADMIN)
SOURCE = {"source": "/firefox/downloads/source/1/my-x-src.tar.gz", "source_stored": SHA}
ANY = {"firefox": {"min": "57.0", "max": "*"}}


def addon(number: int, *versions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Add-on `number` with two versions, 1.0 and 1.1, the newer of which is changed by `versions`."""
    first, second = number * 10 + 1, number * 10 + 2
    usual_second = {"version": "1.1", "compatibility": span(58)}
    made = [
        version(first, version="1.0"),
        *(version(second + place, **usual_second | changed) for place, changed in enumerate(versions)),
    ]
    usual: dict[str, Any] = {
        "_id": number,
        "guid": f"x{number}@y",
        "slug": f"my-x{number}",
        "authors": AUTHORS,
        "versions": made[::-1],
    }
    return {**make_addon(**usual | fields)}


def span(least: int | str, most: str = "*", app: str = "firefox") -> dict[str, dict[str, str]]:
    return {app: {"min": f"{least}.0" if isinstance(least, int) else least, "max": most}}


def version(id: int, **fields: Any) -> dict[str, Any]:
    name = f"my_x-{fields['version']}.xpi"
    file = make_file(id=id + 1000, url=f"/firefox/downloads/file/{id + 1000}/{name}", hash=SHA, stored=SHA)
    usual: dict[str, Any] = {
        "id": id,
        "created": f"2024-01-02T03:{id % 10:02}:00Z",
        "compatibility": ANY,
        "files": [file | fields.pop("file", {})],
    }
    return {**make_version(**usual | fields)}


NOTES = {"en-US": "Faster.\n\n<b>Safer</b> & sound.", "fr": "Plus rapide."}
PLAIN = {}  # type: dict[str, Any]
STATES: dict[str, dict[str, Any]] = {
    "plain": addon(10, PLAIN),
    "awaiting": addon(11, {"file": {"status": "unreviewed"}}),
    "file disabled": addon(12, {"file": {"status": "disabled"}}),
    "unlisted": addon(13, {"channel": "unlisted"}),
    "version deleted": addon(14, {"deleted": True}),
    "strict": addon(15, {"compatibility": span(58, "58.*"), "is_strict_compatibility_enabled": True}),
    "with a maximum": addon(16, {"compatibility": span(58, "58.*")}),
    "lower number later": addon(17, PLAIN, {"version": "0.9"}),
    "disabled by its developer": addon(18, PLAIN, disabled_by_user=True),
    "disabled by Mozilla": addon(19, PLAIN, status="disabled"),
    "deleted": addon(20, PLAIN, status="deleted", slug=None),
    "with notes": addon(21, {"release_notes": NOTES}, slug="my-é"),
    "dictionary": addon(22, {"compatibility": {}}, type="dictionary"),
    "thunderbird": addon(23, {"compatibility": span(60, app="thunderbird")}),
    "withheld": addon(24, PLAIN, region_exclusions=["DE"]),
    "not hashed": addon(25, {"file": {"hash": "", "stored": LOST, "url": "https://elsewhere.example/x.xpi"}}),
    "braces": addon(26, PLAIN, guid="{01234567-89AB-cdef-0123-456789abcdef}"),
    "no bytes": addon(28, {"files": [make_file(id=1282, url="/firefox/downloads/file/1282/x.xpi")]}),
    "theme disabled": addon(29, {"file": {"status": "disabled"}}, type="statictheme"),
    "with sources": addon(30, SOURCE),
    "with sources, disabled by Mozilla": addon(31, SOURCE, status="disabled"),
    "with sources, disabled by its developer": addon(32, SOURCE, disabled_by_user=True),
    "with sources, file disabled": addon(33, SOURCE | {"file": {"status": "disabled"}}),
    "with sources, deleted": addon(34, SOURCE | {"deleted": True}),
    "incomplete": addon(35, PLAIN, status="incomplete"),
    "withheld, disabled": addon(36, PLAIN, disabled_by_user=True, region_exclusions=["DE"]),
    "odd name": addon(37, {"file": {"url": "/firefox/downloads/file/1372/木-1.0.xpi"}}),
    "a file a platform": addon(
        27,
        {
            "files": [
                make_file(
                    id=5000 + place, platform=platform, url=f"/firefox/downloads/file/{5000 + place}/x.xpi"
                )
                for place, platform in enumerate(("linux", "windows"))
            ]
        },
    ),
}


def check(state: str, **changed: str | None) -> str:
    """The query of a check as Firefox 119 sends it; None leaves a parameter out."""
    asked: dict[str, str | None] = {
        "reqVersion": "2",
        "id": STATES[state]["guid"] if state in STATES else state,
        "version": "1.0",
        "maxAppVersion": "*",
        "status": "userEnabled",
        "appID": APPS["firefox"].guid,
        "appVersion": "119.0",
        "appOS": "WINNT",
        "appABI": "x86_64-msvc",
        "locale": "en-US",
        "currentAppVersion": "119.0",
        "updateType": "112",
        "compatMode": "normal",
    }
    return urlencode({name: value for name, value in (asked | changed).items() if value is not None})


async def _store_bytes(folder: Path, mongod: OwnMongod) -> None:
    async with open_context(load_settings({}, environment(folder, mongod), None)) as here:
        await Files(here.store).put(BytesIO(BYTES))


# Its secret and its document.
SIGNING_KEY = make_api_key(OWNER["_id"], 1, KEYRING)


@contextmanager
def serving_published(folder: Path, mongod: OwnMongod, **settings: str) -> Iterator[Api]:
    documents = [*lines("user", *PEOPLE), *lines("addon", *STATES.values()), *lines("apikey", SIGNING_KEY[1])]
    with signed(folder, documents, mongod, AMOEBA_SITE_URL=SITE, **settings) as api:
        asyncio.run(_store_bytes(folder, mongod))
        yield api


@pytest.fixture(scope="package")
def published(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with serving_published(tmp_path_factory.mktemp("published"), mongod) as api:
        yield api
