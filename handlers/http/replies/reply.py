"""Turns a page's answer into status, headers and bytes: the last step of every read.

reply_for   the reply of a page function to a request, in either lane
Reply       an answer that can be sent any number of times
ReplyCache  caches replies while the catalogue does not change, bounded in bytes
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from functools import lru_cache
from http.client import responses
from typing import Final, Protocol

import orjson
from isal import igzip

from handlers.http.replies.errors import Refusal
from handlers.http.replies.fields import with_fields
from handlers.http.requests.received import Received, UnreadableRequest
from handlers.http.requests.request import Answer, ReadRequest
from index.cache import BoundedCache
from index.documents.compression import PackedText, Text, compact_copy, stored_size

GZIP_FROM: Final = 200  # bytes; smaller bodies are sent as they are
# For a page of 100 kB, isal's output is an eighth larger than zlib's at level 4, and takes 0.14 ms, not 1.0.
_GZIP_LEVEL: Final = 2
_VARY: Final = "X-Country-Code, Accept-Language, origin"
_SEEN_LIMIT: Final = 8192


class Page(Protocol):
    """A subclass of PageHandler: a resource whose GET may be answered from memory."""

    page: Callable[..., Answer | None]
    kind: str | None

    def allow(self) -> str: ...


class Reply:
    """A response without the parts that depend on one request (its id, origin, credentials, encoding).

    `max_age` is for answers to anonymous callers: the seconds that caches may store them.
    """

    __slots__ = ("_body", "_gzipped", "_max_age", "etag", "headers", "status")

    def __init__(
        self,
        status: int,
        body: Text,
        headers: dict[str, str],
        etag: str | None = None,
        max_age: int | None = None,
    ) -> None:
        self.status = status
        self.etag = etag
        self._max_age = max_age
        self._body = body
        self._gzipped: bytes | None = None
        is_short = isinstance(body, bytes) and len(body) < GZIP_FROM
        vary = _VARY if is_short else _VARY + ", Accept-Encoding"
        self.headers = {"Content-Type": "application/json", "Vary": vary, **headers}
        if etag:
            self.headers["ETag"] = etag

    @property
    def body(self) -> bytes:
        return self._body.unpack() if isinstance(self._body, PackedText) else self._body

    @property
    def gzipped(self) -> bytes:
        """The gzipped body, made once; empty if it is not shorter."""
        if self._gzipped is None:
            body = self.body
            compressed = igzip.compress(body, _GZIP_LEVEL, mtime=0) if len(body) >= GZIP_FROM else b""
            self._gzipped = compressed if len(compressed) < len(body) else b""
        return self._gzipped

    @property
    def size(self) -> int:
        """The bytes of memory it may need: the body, the gzipped body, and 1000 for the headers."""
        body = stored_size(self._body)
        return body + (body if isinstance(self._body, PackedText) else body // 3) + 1000

    def compact(self) -> None:
        """Release unused memory of the body, which `size` does not count, before the reply is cached."""
        if isinstance(self._body, bytes):
            self._body = compact_copy(self._body)

    def render(self, request: Received | UnreadableRequest) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for one request."""
        request_headers = request.headers
        headers = {
            **self.headers,
            "Date": _date(int(time.time())),
            "X-AMO-Request-ID": request.request_id,
            "X-Request-ID": request.request_id,
            **SECURITY_HEADERS,
        }
        if self._max_age is not None and "Authorization" not in request_headers:
            headers["Cache-Control"] = f"max-age={self._max_age}"
        if "X-Forwarded-Proto" in request_headers and request.scheme == "https":
            headers["Strict-Transport-Security"] = HSTS
        if "Origin" in request_headers:
            headers.setdefault("Access-Control-Allow-Origin", "*")
        if self.etag and matches(request_headers.get("If-None-Match"), self.etag):
            del headers["Content-Type"]
            return 304, headers, b""
        gzipped = self.gzipped if accepts_gzip(request_headers.get("Accept-Encoding")) else b""
        if gzipped:
            headers["Content-Encoding"] = "gzip"
        body = gzipped or self.body
        headers["Content-Length"] = str(len(body))
        return self.status, headers, body


def response_head(status: int, headers: Mapping[str, str]) -> bytes:
    """An answer's status line and headers, with the empty line after them."""
    lines = [f"HTTP/1.1 {status} {responses[status]}", *(f"{name}: {headers[name]}" for name in headers)]
    text = "\r\n".join([*lines, "", ""])
    assert text.count("\n") == len(lines) + 1, "a header is one line"
    return text.encode("latin-1")


HSTS: Final = f"max-age={365 * 24 * 3600}"
SECURITY_HEADERS: Final = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Server": "Amoeba"}


@lru_cache(maxsize=2)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def reply_for(request: ReadRequest, page: Page, args: Sequence[str]) -> Reply | None:
    """The reply to an anonymous caller; None if it cannot be made from memory. Raises Refusal."""
    answer = page.page(request, *args)
    return None if answer is None else success_reply(answer, request, page)


def success_reply(answer: Answer, request: ReadRequest, page: Page) -> Reply:
    """200 with an ETag and the requested keys; shared caches may store it unless the request has credentials.
    Raises Refusal.
    """
    answer = with_fields(answer, request, page.kind)
    tag = f"{answer.tag}-{request.representation[:4].hex()}" if answer.tag else _digest(answer.body)
    headers = {"Cache-Control": "s-maxage=0", "Allow": page.allow(), **answer.headers}
    return Reply(200, answer.body, headers, f'W/"{tag}"', answer.max_age if request.is_shared else None)


def _digest(body: Text) -> str:
    text = body.packed if isinstance(body, PackedText) else body
    return hashlib.blake2s(text, digest_size=8).hexdigest()


def refusal_reply(error: Refusal) -> Reply:
    return Reply(error.status, orjson.dumps(error.body), {"Cache-Control": "s-maxage=0", **error.headers})


class ReplyCache:
    """Replies of one generation of the catalogue; the least recently used is evicted first.

    Keys are digests (`ReadRequest.representation`), so that long URLs take no memory.
    A reply is cached at its second request, because thousands of requests that are made
    only once should not push out popular ones.
    """

    def __init__(self, limit: int) -> None:
        self.hits = self.misses = 0
        self._generation = ""
        self._replies: BoundedCache[Reply] = BoundedCache(limit)
        self._seen: BoundedCache[bool] = BoundedCache(_SEEN_LIMIT)

    def get(self, key: bytes, generation: str) -> Reply | None:
        if generation != self._generation:
            self._replies.clear()
            self._generation = generation
        reply = self._replies.get(key)
        if reply is None:
            self.misses += 1
        else:
            self.hits += 1
        return reply

    def put(self, key: bytes, reply: Reply) -> None:
        if key in self._seen:
            reply.compact()
            self._replies.put(key, reply, reply.size)
        else:
            self._seen.put(key, True)


def accepts_gzip(header: str | None) -> bool:
    return header is not None and "gzip" in header and "gzip;q=0" not in header.replace(" ", "")


def matches(header: str | None, etag: str) -> bool:
    """Weak comparison of RFC 9110: any tag of the list, or `*`."""
    if not header:
        return False
    if header == etag or header.strip() == "*":
        return True
    opaque = etag.removeprefix("W/")
    return any(tag.strip().removeprefix("W/") == opaque for tag in header.split(","))
