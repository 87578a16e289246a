"""Browsing and comparing versions (contract/reviewers.md 4)."""

import gzip
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer
from tests.handlers.reviewers.browsed_packages import (
    ADMIN,
    BUSY,
    LINES,
    NEW,
    NEWER,
    OLD,
    OLDER,
    OWNER,
    REFUSED,
    REVIEWER,
    ROLES,
    SITE,
    WORST,
    id_of,
    serving,
)
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api, authorization

VERSIONS = ("v3", "v4", "v5")
LONGEST = 50.0  # milliseconds
BASE = "reviewers/addon/1/versions/"
INSIDERS = frozenset(ROLES) - {"-", "stranger", "themes", "editor"}
OF_UNLISTED = frozenset({"owner", "developer", "unlisted", "unlisted viewer", "admin"})


NOT_DISABLED = {"is_disabled_by_developer": False, "is_disabled_by_mozilla": False}


@pytest.fixture(scope="module")
def serving_api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Path]]:
    with serving(tmp_path_factory.mktemp("browsing"), mongod) as started:
        yield started


@pytest.fixture(scope="module")
def api(serving_api: tuple[Api, Path]) -> Api:
    return serving_api[0]


def look(api: Api, path: str, user: Any = ADMIN, **params: str) -> Answer:
    return api.ask("GET", "v5", f"{path}?{urlencode(params)}", user)


# Path -> who may look; strangers are 401, the rest 403. Where a package is elsewhere nobody finds anything.
WHO: dict[str, frozenset[str]] = {
    BASE: INSIDERS,
    f"{BASE}105/": INSIDERS,
    f"{BASE}106/": OF_UNLISTED,
    f"{BASE}101/compare_to/105/": INSIDERS,
    f"{BASE}101/compare_to/106/": OF_UNLISTED,
    f"{BASE}106/compare_to/101/": OF_UNLISTED,
    "reviewers/browse/105/": INSIDERS,
    "reviewers/browse/106/": OF_UNLISTED,
    "reviewers/compare/101/106/": OF_UNLISTED,
}


@pytest.mark.parametrize("path", WHO)
def test_who_may_look(api: Api, path: str) -> None:
    for role, user in ROLES.items():
        answer = api.ask("GET", "v5", path, user)
        if role in WHO[path]:
            assert answer.status == (200 if path == BASE else 404), (role, answer.body)
            continue
        status, body = (401, NOT_AUTHENTICATED) if user is None else (403, FORBIDDEN)
        facts = {} if role in INSIDERS else NOT_DISABLED  # the version is refused, not the add-on
        assert (answer.status, answer.json) == (status, body | facts), role


def test_sessions_alone_are_taken(api: Api) -> None:
    answer = api.get(f"/api/v5/{BASE}", headers={"Authorization": "JWT abc"})
    assert (answer.status, answer.json) == (401, NOT_AUTHENTICATED | NOT_DISABLED)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_list(api: Api, version: str) -> None:
    rows = [
        (106, "unlisted", "1.5"),
        (105, "listed", "1.4"),
        (103, "unlisted", "1.2"),
        (102, "listed", "1.1"),
        (101, "listed", "1.0"),
    ]
    versions = [dict(zip(("id", "channel", "version"), row, strict=True)) for row in rows]
    assert api.ask("GET", version, BASE, OWNER).json == versions
    assert api.ask("GET", version, BASE, REVIEWER).json == [
        row for row in versions if row["channel"] == "listed"
    ]


MISSING = [
    pytest.param("reviewers/addon/99/versions/", id="no add-on"),
    pytest.param("reviewers/addon/tab-tree/versions/", id="a slug"),
    pytest.param(f"{BASE}99/", id="no version"),
    pytest.param(f"{BASE}1.0/", id="a number"),
    pytest.param(f"{BASE}201/", id="of another add-on"),
    pytest.param(f"{BASE}101/compare_to/201/", id="compared to another add-on's"),
    pytest.param(f"{BASE}201/compare_to/101/", id="another add-on's compared"),
    pytest.param(f"{BASE}101/compare_to/99/", id="compared to nothing"),
    pytest.param(f"{BASE}105/", id="its package is elsewhere"),
    pytest.param(f"{BASE}101/compare_to/105/", id="its package is elsewhere, compared"),
    pytest.param(f"{BASE}101/?file=nothing.js", id="no such file"),
    pytest.param(f"{BASE}101/compare_to/102/?file=nothing.js", id="in neither"),
    pytest.param(f"{BASE}101/compare_to/102/?file=lib/old.js", id="renamed"),
    pytest.param("reviewers/browse/99/", id="no version, the short way"),
    pytest.param("reviewers/compare/101/201/", id="of two add-ons, the short way"),
]


@pytest.mark.parametrize("path", MISSING)
def test_what_there_is_not(api: Api, path: str) -> None:
    answer = api.ask("GET", "v5", path, ADMIN)
    assert (answer.status, answer.json) == (404, NOT_FOUND)


def test_a_deleted_version_is_for_who_may_see_it(api: Api) -> None:
    roles = ("owner", "reviewer", "deleted", "admin")
    statuses = {role: look(api, f"{BASE}104/", ROLES[role]).status for role in roles}
    assert statuses == {"owner": 404, "reviewer": 404, "deleted": 200, "admin": 200}


def test_a_version(api: Api) -> None:
    for version in VERSIONS:
        for path in (f"{BASE}101/", "reviewers/browse/101/")[: 2 if version == "v4" else 1]:
            body = api.ask("GET", version, path + "?lang=en-US", REVIEWER).json
            entries = body.pop("file_entries")
            assert body == {
                "id": 101,
                "channel": "listed",
                "version": "1.0",
                "reviewed": "2024-02-03T04:05:06Z",
                "addon": {
                    "id": 1,
                    "name": {"en-US": "Tab Tree"} if version == "v5" else "Tab Tree",
                    "icon_url": f"{SITE}/static/img/addon-icons/default-64.png",
                    "slug": "tab-tree",
                },
                "validation_url": f"{SITE}/en-US/developers/addon/tab-tree/file/1010/validation",
                "validation_url_json": f"{SITE}/api/{version}/reviewers/addon/1/file/1010/validation/",
                "has_been_validated": False,
                "file": {
                    "id": 1010,
                    "content": OLD["manifest.json"],
                    "selected_file": "manifest.json",
                    "filename": "manifest.json",
                    "mimetype": "application/json",
                    "mime_category": "text",
                    "sha256": sha256(str(OLD["manifest.json"]).encode()).hexdigest(),
                    "size": len(OLD["manifest.json"]),
                    "download_url": None,
                    "uses_unknown_minified_code": False,
                },
            }
            assert list(entries) == [
                *("end.js", "gone", "gone/away.css", "icon.png", "lib", "lib/old.js"),
                *("long.txt", "manifest.json", "same.js"),
            ]
            assert entries["gone/away.css"] == {
                "depth": 1,
                "filename": "away.css",
                "mime_category": "text",
                "path": "gone/away.css",
                "status": "",
            }
            assert entries["gone"]["mime_category"] == "directory"


# A file of the newer package: media type, category, content.
FILES: dict[str, tuple[str, str, str | None]] = {
    "nul.js": ("application/javascript", "text", "ok();\0evil();\n"),
    "disguised.png": ("text/plain", "text", "evil();\n"),
    "empty.txt": ("text/plain", "text", ""),
    "latin.txt": ("text/plain", "text", "caf\xe9\n"),
    "marked.txt": ("text/plain", "text", "\ufeffhé\r\n"),
    "ünïcode #?&.txt": ("text/plain", "text", "ü\n"),
    "_locales": ("application/octet-stream", "directory", None),
    "_locales/de/messages.json": ("application/json", "text", "{}"),
    "icon.png": ("image/png", "image", None),
    "drawing.svg": ("image/svg+xml", "image", None),
    "thing.wasm": ("application/wasm", "binary", None),
    "long.txt": ("text/plain", "text", None),
}


@pytest.mark.parametrize("path", FILES)
def test_a_file(api: Api, path: str) -> None:
    told = look(api, f"{BASE}102/", file=path, file_only="true").json
    assert list(told) == ["id", "file"]
    mimetype, category, content = FILES[path]
    file, body = told["file"], NEW.get(path)
    assert (file["mimetype"], file["mime_category"], file["content"]) == (mimetype, category, content)
    assert (file["selected_file"], file["filename"]) == (path, path.rpartition("/")[2])
    if body is None:
        assert (file["sha256"], file["size"], file["download_url"]) == (None, None, None)
        return
    stored = body.encode() if isinstance(body, str) else body
    assert (file["sha256"], file["size"]) == (sha256(stored).hexdigest(), len(stored))
    address = f"{SITE}/reviewers/download-git-file/102/{quote(path)}"
    assert file["download_url"] == (address if content is None else None)


@pytest.mark.parametrize("path", ["icon.png", "drawing.svg", "nul.js", "ünïcode #?&.txt"])
def test_a_file_to_store(api: Api, path: str) -> None:
    address = f"/reviewers/download-git-file/102/{quote(path)}"
    answer = api.get(address, headers=authorization(REVIEWER))
    body = NEW[path]
    assert (answer.status, answer.body) == (200, body.encode() if isinstance(body, str) else body)
    kind = "image/png" if path == "icon.png" else "application/octet-stream"
    headers = {
        name: answer.headers[name] for name in ("Content-Type", "Content-Security-Policy", "Cache-Control")
    }
    assert headers == {
        "Content-Type": kind,
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private",
    }
    name = quote(path.rpartition("/")[2], safe="")
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"


def test_who_may_store_a_file(api: Api) -> None:
    def status(version: int, user: Any, path: str = "end.js") -> int:
        return api.get(f"/reviewers/download-git-file/{version}/{path}", headers=authorization(user)).status

    refused = {
        number: {role for role, user in ROLES.items() if status(number, user) != 404} for number in (105, 106)
    }
    assert refused == {105: frozenset(ROLES) - INSIDERS, 106: frozenset(ROLES) - OF_UNLISTED}
    assert [status(102, None), status(102, ADMIN, "no.js"), status(99, ADMIN)] == [401, 404, 404]
    assert status(102, ADMIN, "_locales") == 404


def compared(api: Api, path: str | None = None) -> dict[str, Any]:
    params = {} if path is None else {"file": path}
    told: dict[str, Any] = look(api, f"{BASE}101/compare_to/102/", **params).json
    return told


def test_what_changed(api: Api) -> None:
    comparison = compared(api)
    statuses = {
        path: entry["status"] for path, entry in comparison["file_entries"].items() if entry["status"]
    }
    added = [
        *(
            "_locales/de/messages.json",
            "disguised.png",
            "drawing.svg",
            "empty.txt",
            "latin.txt",
            "marked.txt",
        ),
        *("nul.js", "thing.wasm", "ünïcode #?&.txt"),
    ]
    assert statuses == {
        **dict.fromkeys(added, "A"),
        **dict.fromkeys(("manifest.json", "end.js", "icon.png", "long.txt"), "M"),
        "lib2/new.js": "R",
        "gone/away.css": "D",
    }
    assert comparison["file_entries"]["gone"]["mime_category"] == "directory"
    assert "lib/old.js" not in comparison["file_entries"]
    file = comparison["file"]
    assert (file["id"], file["base_file"], file["selected_file"]) == (1020, {"id": 1010}, "manifest.json")
    assert "content" not in file
    assert file["diff"] == {
        "path": "manifest.json",
        "old_path": "manifest.json",
        "size": len(NEW["manifest.json"]),
        "lines_added": 1,
        "lines_deleted": 1,
        "is_binary": False,
        "mode": "M",
        "hunks": [
            {
                "header": "@@ -1,3 +1,3 @@",
                "old_start": 1,
                "new_start": 1,
                "old_lines": 3,
                "new_lines": 3,
                "changes": [
                    line("{", "normal", 1, 1),
                    line('  "version": "1.0"', "delete", 2, -1),
                    line('  "version": "1.1"', "insert", -1, 2),
                    line("}", "normal", 3, 3),
                ],
            }
        ],
        "old_ending_new_line": True,
        "new_ending_new_line": True,
        "parent": id_of(OLDER)[7:],
        "hash": id_of(NEWER)[7:],
    }
    assert comparison == look(api, "reviewers/compare/101/102/").json


def line(content: str, kind: str, old: int, new: int) -> dict[str, Any]:
    return {"content": content, "type": kind, "old_line_number": old, "new_line_number": new}


LACKING = "\n\\ No newline at end of file"
# A file -> mode, old path, the changes of its hunk, lines added and deleted.
DIFFS: dict[str, tuple[str, str, list[dict[str, Any]], tuple[int, int]]] = {
    "same.js": ("", "same.js", [line("a();", "normal", 1, 1), line("b();", "normal", 2, 2)], (0, 0)),
    "end.js": (
        *("M", "end.js"),
        [
            line("a();", "delete", 1, -1),
            line(LACKING, "insert-eofnl", 1, -1),
            line("a();", "insert", -1, 1),
        ],
        (1, 1),
    ),
    "gone/away.css": ("D", "gone/away.css", [line("a {}", "delete", 1, -1)], (0, 1)),
    "disguised.png": ("A", "disguised.png", [line("evil();", "insert", -1, 1)], (1, 0)),
    "nul.js": ("A", "nul.js", [line("ok();\0evil();", "insert", -1, 1)], (1, 0)),
    "lib2/new.js": (
        *("R", "lib/old.js"),
        [
            *(line(text, "normal", place, place) for place, text in enumerate(LINES.splitlines(), 1)),
            line("more();", "insert", -1, 41),
        ],
        (1, 0),
    ),
}


@pytest.mark.parametrize("path", DIFFS)
def test_the_lines_of_a_file(api: Api, path: str) -> None:
    mode, old_path, changes, (added, deleted) = DIFFS[path]
    file = compared(api, path)["file"]
    diff = file["diff"]
    assert (diff["mode"], diff["path"], diff["old_path"], diff["is_binary"]) == (mode, path, old_path, False)
    assert (diff["lines_added"], diff["lines_deleted"]) == (added, deleted)
    [hunk] = diff["hunks"]
    assert hunk["changes"] == changes
    endings = (diff["old_ending_new_line"], diff["new_ending_new_line"])
    assert endings == (path != "end.js", True)
    assert file["download_url"] is None
    if mode == "D":
        assert (file["size"], file["sha256"], diff["size"]) == (None, None, None)


@pytest.mark.parametrize("path", ["icon.png", "long.txt", "thing.wasm"])
def test_what_has_no_lines_to_tell(api: Api, path: str) -> None:
    file = compared(api, path)["file"]
    assert (file["diff"]["is_binary"], file["diff"]["hunks"], file["diff"]["lines_added"]) == (True, [], 0)
    assert file["download_url"] == f"{SITE}/reviewers/download-git-file/102/{path}"


def test_a_folder_has_no_difference(api: Api) -> None:
    assert compared(api, "_locales")["file"]["diff"] is None


@pytest.mark.parametrize("case", REFUSED)
def test_a_package_that_cannot_be_shown_whole(api: Api, case: str) -> None:
    number = 2000 + list(REFUSED).index(case)
    text = "This package takes more than it may to be looked into. Download it instead."
    for path in (f"{number}/", f"2000/compare_to/{number}/"):
        answer = look(api, f"reviewers/addon/200/versions/{path}")
        assert (answer.status, answer.json) == (422, {"detail": text}), case


@pytest.mark.timed
@pytest.mark.parametrize("case", WORST)
def test_the_worst_comparisons_hold_nothing_up(serving_api: tuple[Api, Path], case: str) -> None:
    """They take few seconds in a process of their own, and never block the event loop."""
    api, block = serving_api
    number = 1000 + list(WORST).index(case) * 10
    block.write_text("")
    path = f"/api/v5/reviewers/compare/{number}/{number + 1}/"
    answer = api.get(path, headers=authorization(ADMIN) | {"Accept-Encoding": "gzip"})
    assert answer.status == 200
    unpacked = gzip.decompress(answer.body)
    assert len(unpacked) <= 24 * 1024 * 1024 + 4096
    is_told = case not in ("more lines than are told", "signs that take six")
    assert (b'"is_binary":false' in unpacked) == is_told
    assert float(block.read_text() or 0) < LONGEST


def test_one_caller_looks_so_often(api: Api) -> None:
    answers = [look(api, f"{BASE}99/", BUSY).status for _ in range(61)]
    assert answers == [404] * 60 + [429]
    assert look(api, BASE, BUSY).status == 200  # a list costs nothing
    assert look(api, "reviewers/browse/99/", REVIEWER).status == 404
