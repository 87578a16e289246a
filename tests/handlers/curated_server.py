"""A small catalogue with every list that operators keep, served by the program itself.

    def test_it(lists: Lists) -> None:
        lists.get("/api/v4/discovery/")

`lists` (conftest.py) is a client of a server that started empty and was then loaded, so what
the tests read has come through the files, MongoDB and the change stream. It is
shared by the whole run: read only. `Lists.load` loads more, in a world of one's own.
"""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer, Client
from tests.factories import make_addon, make_file, make_language_pack, make_preview, make_user, make_version
from tests.handlers.loaded_server import environment, load
from tests.program import Program

PATIENCE = 20.0  # seconds until what was loaded is shown
RECOMMENDED = {"group": "recommended", "apps": ["firefox", "android"]}
BOTH = {"firefox": {"min": "57.0", "max": "*"}, "android": {"min": "113.0", "max": "*"}}
DATE = "2024-01-02T03:04:05Z"

Document = dict[str, Any]


def _pack_version(number: int, **fields: Any) -> Any:
    """Of a language pack: for one release of Firefox, and strictly so."""
    version = f"{number}.0.20240101"
    usual: Document = {
        "id": 2000 + number,
        "version": version,
        "created": f"2024-01-{number % 28 + 1:02}T00:00:00Z",
        "compatibility": {"firefox": {"min": f"{number}.0", "max": f"{number}.*"}},
        "is_strict_compatibility_enabled": True,
        "files": [make_file(id=3000 + number, url=f"/firefox/downloads/file/{3000 + number}/pack.xpi")],
    }
    return make_version(**usual | fields)


def _extension(id: int, **fields: Any) -> Any:
    usual: Document = {
        "_id": id,
        "guid": f"ext-{id}@example.org",
        "slug": f"ext-{id}",
        "name": {"en-US": f"Extension {id}"},
        "weekly_downloads": id,
        "versions": [make_version(id=id * 10, files=[make_file(id=id * 100)], compatibility=BOTH)],
    }
    return make_addon(**usual | fields)


USERS = [make_user(_id=7), make_user(_id=8, username="mozilla", display_name="Mozilla", fxa_id="8")]
TREE = _extension(
    1,
    guid="tab-tree@example.org",
    slug="tab-tree",
    name={"en-US": "Tab Tree", "fr": "Arbre"},
    promoted=[RECOMMENDED],
    homepage={"en-US": "https://tree.example/"},
    categories={"firefox": ["tabs"], "android": ["performance"]},
)
PACK_FR = make_language_pack(
    versions=[
        _pack_version(20, channel="unlisted", id=2999, files=[make_file(id=3999)]),
        _pack_version(130),
        _pack_version(129, files=[make_file(id=3129, status="disabled")]),
        _pack_version(128),
    ],
)
PACK_JA = make_language_pack(
    _id=3,
    guid="langpack-ja@firefox.mozilla.org",
    slug="japanese",
    target_locale="ja",
    name={"en-US": "Japanese Language Pack"},
    authors=[{"user_id": 8, "role": "owner", "listed": True, "position": 0}],
    # Not strict, so a later release may use it; but listed it is only for 115 and 116.
    versions=[
        _pack_version(
            115,
            id=2500,
            files=[make_file(id=3500)],
            compatibility={"firefox": {"min": "115.0", "max": "116.*"}},
            is_strict_compatibility_enabled=False,
        )
    ],
)
DICTIONARY = make_addon(
    _id=4,
    guid="de-dict@example.org",
    slug="german",
    type="dictionary",
    target_locale="de",
    locale_disambiguation="neue Rechtschreibung",
    default_locale="de",
    name={"de": "Deutsches Wörterbuch"},
    categories={},
    versions=[make_version(id=40, files=[make_file(id=400)], compatibility={})],
)
NOT_SHOWN = [
    _extension(20, status="disabled"),
    _extension(21, disabled_by_user=True),
    _extension(22, versions=[make_version(id=220, channel="unlisted", files=[make_file(id=2200)])]),
    make_addon(**PACK_FR | {"_id": 23, "guid": "new@example.org", "slug": "new", "status": "nominated"}),
    make_addon(**DICTIONARY | {"_id": 24, "guid": "no@example.org", "slug": "no", "target_locale": None}),
]
ADDONS = [
    TREE,
    PACK_FR,
    PACK_JA,
    DICTIONARY,
    *(_extension(id) for id in (5, 6, 7, 9)),
    _extension(8, tags=["privacy"]),
    _extension(10, categories={"firefox": ["tabs"]}),
    _extension(
        11,
        type="statictheme",
        categories={"firefox": ["nature"]},
        previews=[
            make_preview(id=1, image_url="/a.png", image_size=[1000, 200]),
            make_preview(id=2, image_url="/c.png", image_size=[680, 92], position=1),
        ],
    ),
    *NOT_SHOWN,
]

FEATURED = [
    {"_id": 1, "app": "firefox", "locale": None, "category": None, "addons": [1, 5, 11, 20, 21, 22, 999]},
    {"_id": 2, "app": "firefox", "locale": "fr", "category": None, "addons": [6]},
    {"_id": 3, "app": "android", "locale": None, "category": None, "addons": [7]},
    {"_id": 4, "app": "firefox", "locale": None, "category": "bookmarks", "addons": [8]},
]
REPLACEMENTS = [
    {"_id": "a-by-slug@old", "path": "/addon/tab-tree/"},
    {"_id": "b-by-id@old", "path": "/en-US/firefox/addon/5/"},
    {"_id": "c-hidden@old", "path": "/addon/ext-20/"},
    {"_id": "d-by-user-id@old", "path": "/collections/8/Picks/"},
    {"_id": "e-by-username@old", "path": "/collections/mozilla/picks/"},
    {"_id": "f-private@old", "path": "/collections/8/private/"},
    {"_id": "g-external@old", "path": "https://elsewhere.example/addon/tab-tree/"},
    {"_id": "h-page@old", "path": "/themes/"},
]
_RANGE = {
    "addon_min_version": "0",
    "addon_max_version": "1.2",
    "applications": [
        {
            "name": "Firefox",
            "id": 1,
            "min_version": "4.0",
            "max_version": "57.*",
            "guid": "{ec8030f7-c20a-464f-9b0e-13a3a9e97384}",
        }
    ],
}
OVERRIDES: list[Document] = [
    {"_id": 1, "addon_id": 1, "addon_guid": "tab-tree@example.org", "name": "Hangs"}
    | {"version_ranges": [_RANGE]},
    {"_id": 2, "addon_id": None, "addon_guid": "{bad}", "name": "Crashes", "version_ranges": []},
]
MAPPINGS = [
    {"_id": "aaaa", "browser": "chrome", "addon_guid": "tab-tree@example.org"},
    {"_id": "bbbb", "browser": "chrome", "addon_guid": "EXT-5@example.org"},
    {"_id": "cccc", "browser": "chrome", "addon_guid": "ext-20@example.org"},
    {"_id": "dddd", "browser": "chrome", "addon_guid": "unknown@example.org"},
]
CURATED = [
    {
        "_id": "recommendations",
        "guids": [
            *(f"ext-{id}@example.org" for id in (9, 20, 5, 6)),
            "tab-tree@example.org",
            "ext-7@example.org",
        ],
    }
]
DISCOVERY = [
    {"_id": 1, "addon_id": 11, "position": 2, "editions": []},
    {"_id": 2, "addon_id": 1, "position": 1, "heading": {"en-US": "Trees!", "fr": "Arbres !"}},
    {"_id": 3, "addon_id": 20, "position": 0, "editions": []},
    {"_id": 4, "addon_id": 5, "position": 0, "editions": ["china"], "is_recommendation": True}
    | {"description": {"en-US": "Five & more.", "fr": "Cinq."}},
]
COLLECTIONS = [
    {
        "_id": 1,
        "author_id": 8,
        "slug": "picks",
        "name": {"en-US": "Picks"},
        "addons": [
            {"addon_id": 5, "notes": None, "added": "2024-03-01T00:00:00Z"},
            {"addon_id": 20, "notes": None, "added": "2024-03-02T00:00:00Z"},
            {"addon_id": 1, "notes": {"en-US": "Tidy.", "fr": "Net."}, "added": "2024-03-03T00:00:00Z"},
            {"addon_id": 7, "notes": None, "added": "2024-02-01T00:00:00Z"},
        ],
        "created": DATE,
        "modified": DATE,
    },
    {
        "_id": 2,
        "author_id": 8,
        "slug": "private",
        "listed": False,
        "addons": [{"addon_id": 5, "notes": None, "added": DATE}],
        "created": DATE,
        "modified": DATE,
    },
]
_GRADIENT = {"start": "color-ink-80", "end": "color-blue-70"}
PRIMARY_HEROES: list[Document] = [
    {"_id": 1, "addon_id": 1, "image": "hero/tree.jpg", "gradient": _GRADIENT},
    {"_id": 2, "addon_id": 20, "description": {"en-US": "Hidden."}},
    {"_id": 3, "addon_id": 11, "description": {"en-US": "Dark.", "fr": "Sombre."}, "enabled": False},
    {
        "_id": 4,
        "external": {
            "id": 9001,
            "guid": "away@example.com",
            "homepage": {"en-US": "https://away.example/"},
            "name": {"en-US": "Away"},
            "type": "extension",
        },
        "description": {"en-US": "Elsewhere."},
    },
]
SECONDARY_HEROES: list[Document] = [
    {
        "_id": 1,
        "headline": {"en-US": "Yours", "fr": "À vous"},
        "description": {"en-US": "Find more."},
        "cta": {"url": "/blog/", "text": {"en-US": "Read on"}},
        "modules": [
            {"icon": "hero/a.svg", "description": {"en-US": "A."}, "cta": None},
            {
                "icon": "https://elsewhere.example/b.svg",
                "description": {"en-US": "B."},
                "cta": {"url": "https://elsewhere.example/", "text": {"en-US": "Go"}},
            },
            {"icon": "hero/c.svg", "description": {"en-US": "C."}, "cta": None},
        ],
    },
    {"_id": 2, "headline": {"en-US": "Off"}, "description": {"en-US": "Off."}, "enabled": False},
]
SHELVES: list[Document] = [
    {"_id": 1, "title": {"en-US": "Second"}, "endpoint": "collections", "criteria": "mozilla/picks"}
    | {"position": 2, "footer_text": {"en-US": "All picks"}, "footer_url": "https://elsewhere.example/"},
    {"_id": 2, "title": {"en-US": "First", "fr": "Premier"}, "endpoint": "search", "position": 1}
    | {"criteria": "guid=ext-5@example.org,ext-7@example.org,ext-6@example.org&sort=downloads", "count": 2},
    {"_id": 3, "title": {"en-US": "Off"}, "endpoint": "search", "criteria": "", "enabled": False},
    {"_id": 4, "title": {"en-US": "For {tag}"}, "endpoint": "random-tag", "position": 3}
    | {"criteria": "tag={tag}", "footer_text": {"en-US": "More {tag}"}},
    {"_id": 5, "title": {"en-US": "Secret"}, "endpoint": "collections", "criteria": "mozilla/private"}
    | {"position": 4},
]
RECORDS: list[tuple[str, Iterable[Any]]] = [
    ("user", USERS),
    ("addon", ADDONS),
    ("collection", COLLECTIONS),
    ("featured", FEATURED),
    ("replacement", REPLACEMENTS),
    ("override", OVERRIDES),
    ("mapping", MAPPINGS),
    ("curated", CURATED),
    ("discovery", DISCOVERY),
    ("primary_hero", PRIMARY_HEROES),
    ("secondary_hero", SECONDARY_HEROES),
    ("shelf", SHELVES),
]


class Lists(Client):
    """A client of a server of its own, and its folder."""

    def __init__(self, program: Program, folder: Path, mongod: OwnMongod | None) -> None:
        super().__init__(program.url)
        self.program = program
        self.folder = folder
        self._mongod = mongod

    def load(self, *records: tuple[str, Iterable[Any]]) -> None:
        """Load documents by kind into the running server; returns before it shows them."""
        lines = [{"kind": kind} | document for kind, documents in records for document in documents]
        load(self.folder, lines, self._mongod)

    def await_get(self, path: str, wanted: Any) -> Answer:
        """Ask until `wanted(answer)` holds, for as long as the change stream may take."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.get(path)
            if wanted(answer):
                return answer
            assert time.monotonic() < deadline, f"{path} still answers {answer.status} {answer.body[:500]!r}"
            time.sleep(0.05)


@contextmanager
def serving(folder: Path, mongod: OwnMongod | None, loud: str = "", **settings: str) -> Iterator[Lists]:
    """The program on an empty store; `loud` is what its log may say at WARNING and above."""
    env = settings | environment(folder, mongod)
    words = ("serve", "--port", "0", "--data-dir", str(folder / "data"))
    with Program(*words, output=folder / "output", env=env) as program:
        program.wait_listening()
        client = Lists(program, folder, mongod)
        yield client
        client.close()
        assert [record for record in program.loud_records() if not (loud and re.search(loud, record))] == []


def fill(client: Lists) -> None:
    """Load all of it and wait until it is shown."""
    client.load(*RECORDS)
    client.await_get("/api/v5/addons/search/?guid=ext-10@example.org", lambda answer: answer.json["count"])
    path = "/api/v4/accounts/account/8/collections/picks/addons/"
    client.await_get(path, lambda answer: answer.status == 200 and answer.json["count"] == 3)
    client.await_get("/api/v4/discovery/", lambda answer: answer.json["count"] == 2)
    client.await_get("/api/v5/shelves/", lambda answer: len(answer.json["results"]) == 4)


@pytest.fixture(scope="session")
def lists(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lists]:
    with serving(tmp_path_factory.mktemp("lists"), mongod) as client:
        fill(client)
        yield client
