"""A server of the contract on loopback that can fail in every way, and records its requests.

    with FakeSource([addon(7), addon(8)]) as source:
        source.next["/api/v5/addons/addon/7/"] = [status(429, retry_after="1")]
        source.always["/api/v5/addons/addon/8/"] = status(500)

A server that is mirrored is not ours, so this is a stand-in: a real HTTP server in threads of this process.
It has neither export nor changes, as AMO.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.server.intake.amo_objects import make_v4, make_v5

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Canned:
    """The bytes of an answer, or what writes them."""

    status: int
    body: bytes | Callable[[Any], None] = b'{"detail": "no"}'
    headers: dict[str, str] = field(default_factory=dict)


def status(number: int, **headers: str) -> Canned:
    """`retry_after="1"` is a header."""
    return Canned(number, headers={name.replace("_", "-"): value for name, value in headers.items()})


def endless(write: Any) -> None:
    """Until the reader has enough."""
    while True:
        write(b" " * 1024 * 1024)


def cut(write: Any) -> None:
    """Part of what was said to come."""
    write(b'{"count": 1, "results": [')
    raise ConnectionError


def slow(write: Any) -> None:
    time.sleep(3)
    write(b"{}")


def addon(number: int, version: str = "v5", **fields: Any) -> Json:
    """A whole add-on with one version, all of whose ids follow from its number."""
    row = make_v5() if version == "v5" else make_v4()
    row |= {"name": {"en-US": f"Tree {number}", "fr": f"Arbre {number}"}, "homepage": None}
    row |= {"description": {"en-US": "A tree."}, "summary": {"en-US": "Tabs in a tree."}, "previews": []}
    current = row["current_version"] | {"id": number * 10}
    if version == "v5":
        current["file"] = current["file"] | {"id": number * 100}
    else:
        current["files"] = [current["files"][0] | {"id": number * 100}]
    return row | {
        "id": number,
        "guid": f"tree{number}@example.org",
        "slug": f"tree-{number}",
        "ratings": row["ratings"] | {"count": 0, "text_count": 0},
        "created": f"2020-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z",
        "current_version": current,
        **fields,
    }


class FakeSource:
    """`addons` by id, as details; `versions` and `ratings` by the add-on, else the current one and none."""

    def __init__(self, addons: Iterable[Json] = (), version: str = "v5") -> None:
        self.addons = {addon["id"]: addon for addon in addons}
        self.versions: dict[int, list[Json]] = {}
        self.ratings: dict[int, list[Json]] = {}
        self.files: dict[str, bytes] = {}
        self.others: dict[str, Any] = {}  # answers of other paths
        self.version = version
        self.window = 30_000
        self.ignores: frozenset[str] = frozenset()  # parameters of the search
        self.sends_tags = False
        self.before_page: Callable[[int], None] = lambda page: None
        self.next: dict[str, list[Canned]] = defaultdict(list)
        self.always: dict[str, Canned] = {}
        self.requests: list[tuple[float, str, Any]] = []  # when, path and query, headers
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self, part: str = "") -> list[str]:
        """The requested paths with this part, in order."""
        return [path for _, path, _ in self.requests if part in path]

    def answer(self, target: str, headers: Any) -> Canned:
        """To a path with its query."""
        self.requests.append((time.monotonic(), target, headers))
        parts = urlsplit(target)
        if queue := self.next.get(target) or self.next.get(parts.path):
            return queue.pop(0)
        if canned := self.always.get(target) or self.always.get(parts.path):
            return canned
        if parts.path in self.files:
            return Canned(200, self.files[parts.path])
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        value = self._find(parts.path, query)
        if value is None:
            return status(404)
        body = json.dumps(value).encode()
        tag = f'"{hash(body)}"'
        if self.sends_tags and headers.get("If-None-Match") == tag:
            return Canned(304, b"")
        return Canned(200, body, {"ETag": tag} if self.sends_tags else {})

    def _find(self, path: str, query: dict[str, str]) -> Any:
        base = f"/api/{self.version}/"
        if path in self.others:
            return self.others[path]
        if not path.startswith(base):
            return None
        words = path.removeprefix(base).strip("/").split("/")
        if words == ["addons", "search"]:
            return self._search(query)
        if words == ["ratings", "rating"]:
            return self._page(self.ratings.get(int(query["addon"]), []), query)
        if words[:2] == ["addons", "addon"]:
            name = unquote(words[2])
            addon = next(
                (
                    addon
                    for addon in self.addons.values()
                    if name in (str(addon["id"]), addon["slug"], addon["guid"])
                ),
                None,
            )
            if addon is None or len(words) == 3:
                return addon
            return self._part(addon, words[3:], query)
        return None

    def _part(self, addon: Json, words: list[str], query: dict[str, str]) -> Any:
        versions = self.versions.get(addon["id"], [addon["current_version"]])
        if words == ["versions"]:
            return self._page(versions, query)
        if words == ["eula_policy"]:
            return {"eula": {"en-US": "Agree."}, "privacy_policy": None}
        return next((version for version in versions if words == ["versions", str(version["id"])]), None)

    def _search(self, query: dict[str, str]) -> Json | None:
        page = int(query.get("page", 1))
        self.before_page(page)
        query = {name: value for name, value in query.items() if name not in self.ignores}
        if page * int(query.get("page_size", 25)) > self.window + 49:
            return None
        order = {
            "created": lambda addon: addon["created"],
            "users": lambda addon: addon["average_daily_users"],
        }.get(query.get("sort", ""), lambda addon: str(addon["slug"]))
        addons = sorted(self.addons.values(), key=order, reverse=True)
        rows = [
            addon
            for addon in addons
            if query.get("created__gte", "") <= addon["created"] < query.get("created__lt", "9")
            and query.get("type", addon["type"]) == addon["type"]
        ]
        return self._page(rows, query)

    def _page(self, rows: list[Json], query: dict[str, str]) -> Json:
        size, number = int(query.get("page_size", 25)), int(query.get("page", 1))
        page = rows[(number - 1) * size : number * size]
        more = number * size < len(rows)
        return {"count": len(rows), "next": "https://elsewhere.example/" if more else None, "results": page}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        source = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                canned = source.answer(self.path, self.headers)
                self.send_response(canned.status)
                for name, value in canned.headers.items():
                    self.send_header(name, value)
                if isinstance(canned.body, bytes):
                    self.send_header("Content-Length", str(len(canned.body)))
                    self.end_headers()
                    self.wfile.write(canned.body)
                    return
                self.send_header("Content-Length", str(10**12))
                self.end_headers()
                self.close_connection = True
                try:
                    canned.body(self.wfile.write)
                except OSError:
                    """The reader has gone, or is left."""

            def log_message(self, format: str, *args: Any) -> None:
                """Not on the tests' standard error."""

        return Handler
