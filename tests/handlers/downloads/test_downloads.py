"""Files and sources as programs and people fetch them (contract/downloads.md)."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer, Client
from tests.handlers.downloads.published import (
    BYTES,
    EDITOR,
    LOST,
    SHA,
    SIGNING_KEY,
    SITE,
    SOURCE_ADMIN,
    STATES,
    THEME_REVIEWER,
    UNLISTED_REVIEWER,
    serving_published,
)
from tests.handlers.loaded_server import environment, load
from tests.handlers.signed_client import Api, authorization, lines
from tests.handlers.signing_client import Signer
from tests.handlers.writable_server import ADMIN, DEVELOPER, OWNER, REVIEWER, STRANGER
from tests.program import Program

ETAG = f'"{SHA[7:]}"'
ROLES = {
    "-": None,
    "stranger": STRANGER,
    "owner": OWNER,
    "developer": DEVELOPER,
    "reviewer": REVIEWER,
    "unlisted": UNLISTED_REVIEWER,
    "themes": THEME_REVIEWER,
    "editor": EDITOR,
    "sources": SOURCE_ADMIN,
    "admin": ADMIN,
}
ALL = frozenset(ROLES)


def number(state: str) -> int:
    """The id of the newer version; the id of its file is 1000 more."""
    return int(STATES[state]["_id"]) * 10 + 2


def file_of(state: str) -> str:
    return f"/firefox/downloads/file/{number(state) + 1000}/"


def fetch(published: Api, path: str, user: Any = None, **headers: str) -> Answer:
    return published.get(path, headers=headers | authorization(user))


@pytest.mark.parametrize(
    "name", ["", "whatever.xpi", "a%20b.xpi", "type:attachment/", "type:attachment/a.xpi", "type:x/a"]
)
def test_a_file_and_what_is_said_of_it(published: Api, name: str) -> None:
    """contract/downloads.md 1 and 2"""
    answer = published.get(file_of("plain") + name + "?src=a")
    assert (answer.status, answer.body) == (200, BYTES)
    headers = {
        "Content-Type": "application/x-xpinstall",
        "Content-Length": str(len(BYTES)),
        "Content-Disposition": "attachment" if "attachment" in name else None,
        "Cache-Control": "max-age=86400",
        "Access-Control-Allow-Origin": "*",
        "Vary": "X-Country-Code",
        "X-Target-Digest": SHA,
        "ETag": ETAG,
        "Accept-Ranges": "bytes",
        "Content-Encoding": None,
    }
    assert {name: answer.headers[name] for name in headers} == headers


# Who has the file, and whether it is open to everybody.
FILES: dict[str, tuple[frozenset[str], bool]] = {
    "plain": (ALL, True),
    "awaiting": (ALL, True),
    "incomplete": (ALL, True),
    "strict": (ALL, True),
    "file disabled": (frozenset({"owner", "developer", "reviewer", "editor", "admin"}), False),
    "theme disabled": (frozenset({"owner", "developer", "themes", "editor", "admin"}), False),
    "disabled by Mozilla": (frozenset({"owner", "developer", "reviewer", "editor", "admin"}), False),
    "disabled by its developer": (frozenset({"owner", "developer", "reviewer", "editor", "admin"}), False),
    "unlisted": (frozenset({"owner", "developer", "unlisted", "editor", "admin"}), False),
    "version deleted": (frozenset({"reviewer", "admin"}), False),
    "deleted": (frozenset({"reviewer", "admin"}), False),
    "no bytes": (frozenset(), False),
}
# Who has the sources.
SOURCES = {
    "with sources": frozenset({"owner", "developer", "sources", "admin"}),
    "with sources, disabled by its developer": frozenset({"owner", "developer", "sources", "admin"}),
    "with sources, disabled by Mozilla": frozenset({"sources", "admin"}),
    "with sources, file disabled": frozenset({"sources", "admin"}),
    "with sources, deleted": frozenset({"sources", "admin"}),
    "plain": frozenset(),
}


@pytest.mark.parametrize("state", FILES)
def test_who_may_have_a_file(published: Api, state: str) -> None:
    """contract/downloads.md 3"""
    allowed, is_open = FILES[state]
    for role, user in ROLES.items():
        answer = published.head(file_of(state), headers=authorization(user))
        assert answer.status == (200 if role in allowed else 404), role
        assert answer.headers["Cache-Control"] == ("max-age=86400" if is_open else "private")


@pytest.mark.parametrize("state", SOURCES)
def test_who_may_have_sources(published: Api, state: str) -> None:
    """contract/downloads.md 6"""
    for role, user in ROLES.items():
        answer = published.head(f"/firefox/downloads/source/{number(state)}/x", headers=authorization(user))
        assert answer.status == (200 if role in SOURCES[state] else 404), role
        assert answer.headers["Cache-Control"] == "private"


def test_sources_come_with_a_name(published: Api) -> None:
    """contract/downloads.md 6"""
    answer = fetch(published, f"/firefox/downloads/source/{number('with sources')}", OWNER)
    assert answer.body == BYTES
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''my-x30-1.1-src.tar.gz"


def test_credentials(published: Api) -> None:
    """contract/downloads.md 3"""
    for scheme in ("Bearer", "Session", "JWT"):
        for state in ("plain", "unlisted"):
            answer = published.get(file_of(state), headers={"Authorization": f"{scheme} broken"})
            assert answer.status == 401
    assert published.get("/firefox/downloads/file/999999/").json == {"detail": "Not found."}
    assert published.get("/firefox/downloads/file/999999/").headers["Cache-Control"] == "private"
    unsigned = published.get(f"/api/v4/file/{number('plain') + 1000}/a.xpi")
    assert (unsigned.status, unsigned.headers["WWW-Authenticate"][:4]) == (401, "JWT ")
    assert published.get(f"/api/v5/file/{number('plain') + 1000}/a.xpi").status == 404


def test_regions(published: Api) -> None:
    """contract/downloads.md 3"""
    country = {"X-Country-Code": "de"}
    for user in (None, OWNER, ADMIN):
        answer = published.get(file_of("withheld"), headers=country | authorization(user))
        assert answer.status == 451
        assert 'rel="blocked-by"' in answer.headers["Link"]
    assert published.get(file_of("withheld")).status == 200
    assert published.get(file_of("withheld, disabled"), headers=country | authorization(OWNER)).status == 200


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-", 10, None),
        ("bytes=-5", len(BYTES) - 5, None),
        ("bytes=300000-400000", 300000, 400001),
        ("bytes=5-99999999999999", 5, None),
        ("bytes=-99999999999999", 0, None),
    ],
)
def test_parts(published: Api, asked: str, start: int, stop: int | None) -> None:
    """contract/downloads.md 4"""
    answer = fetch(published, file_of("plain"), Range=asked)
    assert answer.status == 206
    assert answer.body == BYTES[start:stop]
    last = (len(BYTES) if stop is None else stop) - 1
    assert answer.headers["Content-Range"] == f"bytes {start}-{last}/{len(BYTES)}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=1-2,5-6"},
        {"Range": "bytes=5-2"},
        {"Range": "bytes=-"},
        {"Range": "lines=1-2"},
        {"Range": "bytes=1-2", "If-Range": '"another"'},
    ],
    ids=str,
)
def test_what_is_no_part_is_the_whole(published: Api, headers: dict[str, str]) -> None:
    """contract/downloads.md 4"""
    answer = fetch(published, file_of("plain"), **headers)
    assert (answer.status, answer.body) == (200, BYTES)


def test_the_whole_compared_and_headed(published: Api) -> None:
    """contract/downloads.md 4"""
    for beyond in (f"bytes={len(BYTES)}-", "bytes=-0"):
        answer = fetch(published, file_of("plain"), Range=beyond)
        assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{len(BYTES)}")
    known = fetch(published, file_of("plain"), **{"If-None-Match": ETAG})
    assert (known.status, known.body) == (304, b"")
    head = published.head(file_of("plain"))
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(BYTES)))
    assert fetch(published, file_of("plain"), Range="bytes=1-2", **{"If-Range": ETAG}).body == BYTES[1:3]
    assert published.post(file_of("plain")).status == 405


LATEST, FILE = "/firefox/downloads/latest", "/firefox/downloads/file"


@pytest.mark.parametrize(
    ("path", "status", "place"),
    [
        (
            f"{LATEST}/my-x10/type:attachment/platform:2/l",
            302,
            f"{SITE}{FILE}/1102/type:attachment/my_x-1.1.xpi",
        ),
        ("/android/downloads/latest/my-x10/l", 302, f"{SITE}/android/downloads/file/1102/my_x-1.1.xpi"),
        (f"{LATEST}/my-x10/type:x/?src=a", 302, f"{SITE}{FILE}/1102/my_x-1.1.xpi"),
        (f"{LATEST}/my-x11/", 302, f"{SITE}{FILE}/1111/my_x-1.0.xpi"),
        (f"{LATEST}/10/l.xpi?src=a", 301, f"{LATEST}/my-x10/l.xpi?src=a"),
        (f"{LATEST}/x21@y/type:attachment/", 301, f"{LATEST}/my-%C3%A9/type:attachment/"),
        (f"{FILE}/1102", 301, f"{FILE}/1102/"),
        ("/downloads/file/1102/?a=b", 302, f"{FILE}/1102/?a=b"),
        (f"/en-US{FILE}/1102/", 302, f"{FILE}/1102/"),
        ("/en-US/downloads/latest/x/", 302, f"{LATEST}/x/"),
        (f"{FILE}/1102/?lang=fr&a=b", 302, f"{FILE}/1102/?a=b"),
    ],
)
def test_redirects(published: Api, path: str, status: int, place: str) -> None:
    """contract/downloads.md 1 and 5"""
    answer = published.get(path)
    assert (answer.status, answer.headers["Location"]) == (status, place)
    if status == 302 and "latest/my" in path:
        assert answer.headers["Cache-Control"] == "max-age=3600"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_what_publishing_programs_print_leads_somewhere(published: Api) -> None:
    """contract/downloads.md 8"""
    version = fetch(published, "/api/v5/addons/addon/my-x10/versions/102/", OWNER).json
    answer = published.get(version["edit_url"].removeprefix(SITE))
    assert (answer.status, answer.headers["Cache-Control"]) == (302, "no-store")
    assert fetch(published, answer.headers["Location"], OWNER).json["id"] == version["id"]
    places = {
        "addon/%7Bx%7D/edit": "addon/%7Bx%7D",
        "upload/0f": "upload/0f",
        "addon/a/versions/1/": "addon/a/versions/1",
    }
    for path, place in places.items():
        answer = published.get(f"/fr/developers/{path}")
        assert (answer.status, answer.headers["Location"]) == (302, f"/api/v5/addons/{place}/")
    for path in ("addon/a/agreement/", "addon/a/versions/", "nothing/x"):
        assert published.get(f"/fr/developers/{path}").status == 404


def test_the_application_of_who_asks(published: Api) -> None:
    """contract/downloads.md 1"""
    agent = {"User-Agent": "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"}
    answer = published.get("/downloads/file/1102/", headers=agent)
    assert answer.headers["Location"] == "/android/downloads/file/1102/"
    assert answer.headers["Vary"] == "User-Agent"


@pytest.mark.parametrize(
    "state", ["deleted", "disabled by Mozilla", "disabled by its developer", "incomplete"]
)
def test_there_is_no_latest_of_what_is_not_public(published: Api, state: str) -> None:
    """contract/downloads.md 5"""
    path = f"/firefox/downloads/latest/{STATES[state]['guid']}/"
    assert fetch(published, path, OWNER).status == 404


@pytest.fixture(scope="module")
def fronted(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Behind a web server that has the files of one host, and a host that has the public ones."""
    folder = tmp_path_factory.mktemp("fronted")
    settings = {"AMOEBA_ACCEL_REDIRECT": "/files/", "AMOEBA_DOWNLOADS_URL": "https://cdn.example.org/"}
    with serving_published(folder, mongod, **settings) as api:
        yield api


def test_bytes_that_others_send(fronted: Api) -> None:
    """contract/downloads.md 7"""
    answer = fronted.get(file_of("plain") + "type:attachment/a.xpi?a=b")
    assert answer.status == 302
    assert answer.headers["Location"] == f"https://cdn.example.org{file_of('plain')}type:attachment/a.xpi"
    assert answer.headers["X-Target-Digest"] == SHA
    secret, key = SIGNING_KEY
    signing = Signer(fronted, key["_id"], secret).get(f"file/{number('plain') + 1000}/a%20b.xpi")
    assert (signing.status, signing.headers["Location"]) == (
        302,
        f"https://cdn.example.org{file_of('plain')}a%20b.xpi",
    ), "by a path that the other host has"
    assert fronted.get(file_of("unlisted")).status == 404
    own = fetch(fronted, file_of("unlisted"), OWNER)
    assert (own.status, own.body) == (200, b"")
    assert own.headers["X-Accel-Redirect"] == f"/files/{SHA[7:9]}/{SHA[7:]}"
    assert own.headers["Content-Type"] == "application/x-xpinstall"


def test_slow_clients_hold_nobody_and_get_all(published: Api) -> None:
    """contract/downloads.md 4"""
    with ExitStack() as stack:
        slow = [
            stack.enter_context(closing(HTTPConnection(published.base[7:], timeout=20))) for _ in range(8)
        ]
        for connection in slow:
            connection.request("GET", file_of("plain"))
        assert {published.get(file_of("plain")).status for _ in range(8)} == {200}
        assert [connection.getresponse().read() for connection in slow] == [BYTES] * 8


def test_what_the_store_has_lost_is_told_to_the_operator(mongod: OwnMongod, tmp_path: Path) -> None:
    """contract/downloads.md 4"""
    lost = [*lines("addon", STATES["not hashed"])]
    load(tmp_path, lost, mongod)
    words = ("serve", "--port", "0", "--data-dir", str(tmp_path / "data"))
    with Program(*words, output=tmp_path / "serve", env=environment(tmp_path, mongod)) as program:
        program.wait_listening()
        with closing(Client(program.url)) as client:
            assert client.get(file_of("not hashed")).status == 404
        [record] = program.loud_records()
        assert f"{LOST} is not in the store of files" in record


def test_an_address_with_any_signs_is_led_on_and_no_header_is_written_in_it(published: Api) -> None:
    signs = "a%0d%0aX-Own:%20b%E6%9C%A8%25%3F%2e.xpi"
    slug = STATES["plain"]["slug"]
    paths = [
        f"/en-US/firefox/downloads/file/1/{signs}",
        f"/downloads/latest/{signs}/",
        f"/fr/downloads/file/1/{signs}",
        f"/en-US/update/{signs}",
        f"/firefox/downloads/file/{number('plain') + 1000}/{signs}?lang=de&app=%0d%0aX-Own:b",
        f"/firefox/downloads/latest/{STATES['plain']['_id']}/{signs}",
        f"/en-US/firefox/addon/{STATES['plain']['_id']}/versions/{signs}/updateinfo/",
        f"/update/?id=a%0d%0ab&lang={signs}",
    ]
    for path in paths:
        answer = published.get(path)
        assert answer.status in (301, 302), (path, answer.status, answer.body)
        place = answer.headers["Location"]
        assert answer.headers["X-Own"] is None
        assert place.isascii(), path
        assert place.isprintable(), path
    odd = published.get(f"/firefox/downloads/latest/{STATES['odd name']['slug']}/")
    assert odd.headers["Location"].endswith("/%E6%9C%A8-1.0.xpi")
    assert published.get(f"/firefox/downloads/latest/{slug}/{signs}").status == 302
    strange = ("type:%0d%0aX-Own:b/", f"type:attachment/{signs}")
    for kind in strange:
        assert published.get(f"/firefox/downloads/file/{number('plain') + 1000}/{kind}").status == 200


def test_head_is_about_the_whole(published: Api) -> None:
    """RFC 9110 14.2: ranges are defined only for GET."""
    head = published.head(file_of("plain"), headers={"Range": "bytes=1-2"})
    assert (head.status, head.headers["Content-Length"]) == (200, str(len(BYTES)))
