"""Packages for reviewers to browse, and a server whose add-ons have them."""

import asyncio
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from conf.settings.loading import load_settings
from server.cli.opening import open_context
from server.embedded.mongod import OwnMongod
from server.files.files import Files
from tests.factories import make_addon, make_file, make_user, make_version
from tests.handlers.loaded_server import environment, load
from tests.handlers.signed_client import SECRET, Api, lines
from tests.program import Program

SITE = "https://addons.example.org"
OWNER = make_user(_id=7, username="ann")
DEVELOPER = make_user(_id=8, username="ben")
STRANGER = make_user(_id=9, username="eve")
REVIEWER = make_user(_id=11, username="rev", permissions=["Addons:Review"])
UNLISTED = make_user(_id=12, username="unl", permissions=["Addons:ReviewUnlisted"])
VIEWER = make_user(_id=13, username="view", permissions=["ReviewerTools:View"])
UNLISTED_VIEWER = make_user(_id=14, username="viewu", permissions=["ReviewerTools:ViewUnlisted"])
THEMES = make_user(_id=15, username="themes", permissions=["Addons:ThemeReview"])
DELETED = make_user(_id=16, username="dead", permissions=["Addons:Review", "Addons:ViewDeleted"])
EDITOR = make_user(_id=17, username="edit", permissions=["Addons:Edit"])
BUSY = make_user(_id=18, username="busy", permissions=["Addons:Review"])
ADMIN = make_user(_id=19, username="root", permissions=["*:*"])
ROLES: dict[str, Any] = {
    "-": None,
    "stranger": STRANGER,
    "themes": THEMES,
    "editor": EDITOR,
    "owner": OWNER,
    "developer": DEVELOPER,
    "reviewer": REVIEWER,
    "viewer": VIEWER,
    "unlisted": UNLISTED,
    "unlisted viewer": UNLISTED_VIEWER,
    "deleted": DELETED,
    "admin": ADMIN,
}
AUTHORS = [
    {"user_id": 7, "role": "owner", "listed": True, "position": 0},
    {"user_id": 8, "role": "developer", "listed": False, "position": 1},
]
LINES = "".join(f"line {number} of a library\n" for number in range(40))
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
OLD: dict[str, str | bytes] = {
    "manifest.json": '{\n  "version": "1.0"\n}\n',
    "same.js": "a();\nb();\n",
    "end.js": "a();",
    "lib/old.js": LINES,
    "gone/away.css": "a {}\n",
    "icon.png": PNG,
    "long.txt": "x" * (5 * 1024 * 1024),
}
NEW: dict[str, str | bytes] = {
    "manifest.json": '{\n  "version": "1.1"\n}\n',
    "same.js": "a();\nb();\n",
    "end.js": "a();\n",
    "lib2/new.js": LINES + "more();\n",
    "_locales/de/messages.json": "{}",
    "icon.png": PNG + b"2",
    "nul.js": b"ok();\0evil();\n",
    "disguised.png": "evil();\n",
    "empty.txt": "",
    "latin.txt": "caf\xe9\n".encode("latin-1"),
    "marked.txt": "\ufeffhé\r\n".encode("utf-16"),
    "thing.wasm": b"\0asm\1\0\0\0",
    "drawing.svg": "<svg/>",
    "ünïcode #?&.txt": "ü\n",
    "long.txt": "y" * (5 * 1024 * 1024) + "y",
}


def packed(files: Mapping[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return content.getvalue()


OLDER, NEWER = packed(OLD), packed(NEW)


def _numbered(count: int, sign: str) -> str:
    return "".join(f"{sign}{number}\n" for number in range(count))


# What takes the most of a comparison: what was, what is.
WORST: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "two lines of 5 MB": ({"a.js": "a" * 5_000_000}, {"a.js": "b" * 5_000_000}),
    "lines all different": ({"a.js": _numbered(100_000, "a")}, {"a.js": _numbered(100_000, "b")}),
    "signs that take six": ({"a.js": "\1" * 5_000_000}, {"a.js": "\2" * 5_000_000}),
}
# What no reviewer is shown a part of.
REFUSED: dict[str, bytes] = {
    "no archive": b"PK\3\4 no archive",
    "a long path": packed({"a/" * 600 + "x.js": "x"}),
    "more folders than are told": packed({f"{number}/" + "a/" * 90 + "x": "" for number in range(500)}),
    "a name twice": packed({"a.js": ""}) + b"more",
}


def version(id: int, package: bytes | None, **fields: Any) -> Any:
    status = fields.pop("file_status", "public")
    stored = {"stored": id_of(package)} if package is not None else {}
    return make_version(id=id, files=[make_file(id=id * 10, status=status, **stored)], **fields)


def id_of(package: bytes) -> str:
    return f"sha256:{sha256(package).hexdigest()}"


def addons() -> Iterator[tuple[Any, list[bytes]]]:
    """Each with the packages that its versions have."""
    versions = [
        version(106, None, version="1.5", channel="unlisted"),
        version(105, None, version="1.4"),
        version(104, NEWER, version="1.3", deleted=True),
        version(103, NEWER, version="1.2", channel="unlisted", reviewed=None),
        version(102, NEWER, version="1.1", file_status="disabled", reviewed=None),
        version(101, OLDER, version="1.0", reviewed="2024-02-03T04:05:06Z"),
    ]
    yield make_addon(versions=versions, authors=AUTHORS, icons={}), [OLDER, NEWER]
    listed = [version(201, OLDER)]
    yield make_addon(_id=2, guid="two@x", slug="two", versions=listed, authors=AUTHORS), []
    for place, (was, now) in enumerate(WORST.values()):
        pair = [packed(was), packed(now)]
        both = [version(1000 + place * 10 + n, package, version=f"{n}") for n, package in enumerate(pair)]
        number = 100 + place
        yield make_addon(_id=number, guid=f"{number}@x", slug=f"s{number}", versions=both[::-1]), pair
    odd = [version(2000 + place, package) for place, package in enumerate(REFUSED.values())]
    yield make_addon(_id=200, guid="odd@x", slug="odd", versions=odd), list(REFUSED.values())


async def _store(folder: Path, mongod: OwnMongod, packages: list[bytes]) -> None:
    async with open_context(load_settings({}, environment(folder, mongod), None)) as here:
        for package in packages:
            await Files(here.store).put(io.BytesIO(package))


@contextmanager
def serving(folder: Path, mongod: OwnMongod) -> Iterator[tuple[Api, Path]]:
    """With the file in which the longest block of its event loop is (tests/blocks.py)."""
    made = list(addons())
    people = [*filter(None, ROLES.values()), BUSY]
    load(folder, [*lines("user", *people), *lines("addon", *(addon for addon, _ in made))], mongod)
    asyncio.run(_store(folder, mongod, [package for _, packages in made for package in packages]))
    block = folder / "block"
    words = ("serve", "--port", "0", "--data-dir", str(folder / "data"))
    env = environment(folder, mongod) | {"AMOEBA_SECRET_KEY": SECRET, "AMOEBA_SITE_URL": SITE}
    command = ("-m", "tests.blocks", str(block))
    with Program(*words, output=folder / "serve", env=env, command=command) as program:
        program.wait_listening()
        api = Api(program.url, timeout=60)
        yield api, block
        api.close()
        assert program.loud_records() == []
