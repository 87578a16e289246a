"""`export/` has the detail of every public add-on once (contract/extras.md 9 and 9.1)."""

import gzip
import json
import socket
import time
from contextlib import ExitStack
from typing import Any

from conf.limits import MAX_EXPORTS
from tests.client import Client
from tests.handlers.curated_server import ADDONS, Lists
from tests.sweep import sweep

EXPORT = "/api/v5/export/"
PATIENCE = 10.0  # seconds until the server knows that a client has gone


def rows(client: Client, query: str = "", **headers: str) -> list[Any]:
    answer = client.get(EXPORT + query, headers=headers)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.body.splitlines()]


def test_every_public_addon_once(client: Client) -> None:
    exported = rows(client)
    ids = [row["id"] for row in exported]
    assert ids == sorted(set(ids))
    listed = client.get("/api/v5/addons/search/").json["count"]
    assert listed <= len(ids)
    for row in exported[:: len(exported) // 20]:
        assert client.get(f"/api/v5/addons/addon/{row['id']}/").json == row


def test_nothing_that_strangers_do_not_see(lists: Lists) -> None:
    public = {
        addon["_id"] for addon in ADDONS if lists.get(f"/api/v5/addons/addon/{addon['_id']}/").status == 200
    }
    assert {row["id"] for row in rows(lists)} == public
    assert {addon["_id"] for addon in ADDONS} - public


@sweep("query, like", [("?lang=fr", "?lang=fr"), ("?app=android&lang=de", "?app=android&lang=de")])
def test_as_the_caller_reads_it(client: Client, query: str, like: str) -> None:
    exported = rows(client, query)
    for row in exported[:: len(exported) // 5]:
        assert client.get(f"/api/v5/addons/addon/{row['id']}/{like}").json == row


def test_it_goes_on_after_a_cursor(client: Client) -> None:
    whole = rows(client)
    for place in (0, 7, len(whole) - 2, len(whole) - 1):
        assert rows(client, f"?cursor={whole[place]['id']}") == whole[place + 1 :]
    assert rows(client, "?cursor=0") == rows(client, "?cursor=") == whole
    answer = client.get(f"{EXPORT}?cursor=x")
    assert (answer.status, answer.json) == (400, {"detail": 'Invalid "cursor" parameter.'})


def test_gzip_head_and_etag(client: Client) -> None:
    plain, packed = client.get(EXPORT), client.get(EXPORT, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 3
    etag = plain.headers["ETag"]
    assert packed.headers["ETag"] == etag != client.get(f"{EXPORT}?lang=fr").headers["ETag"]
    same = client.get(EXPORT, headers={"If-None-Match": etag})
    assert (same.status, same.body) == (304, b"")
    head = client.head(EXPORT)
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", etag)


def test_the_newest_version_alone_has_it(client: Client) -> None:
    assert [client.get(f"/api/{version}/export/").status for version in ("v3", "v4")] == [404, 404]


def test_so_many_at_once(client: Client) -> None:
    """Clients that do not read occupy an export until they disconnect."""
    host, _, port = client.base.removeprefix("http://").partition(":")
    with ExitStack() as stack:
        for _ in range(MAX_EXPORTS):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.connect((host, int(port)))
            connection.sendall(f"GET {EXPORT} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert connection.recv(12) == b"HTTP/1.1 200"
        refused = client.get(EXPORT)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
    deadline = time.monotonic() + PATIENCE
    while client.head(EXPORT).status != 200 or client.get(EXPORT).status != 200:
        assert time.monotonic() < deadline
