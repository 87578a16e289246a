"""Replies: the same body with and without gzip, however it is stored."""

import tracemalloc
from collections.abc import Callable
from gzip import decompress as gunzip
from typing import Any

import orjson
import pytest

from conf.locales import SUPPORTED
from handlers.categories import categories
from handlers.http.base import PageHandler
from handlers.http.replies.reply import Answer, Reply, ReplyCache, success_reply
from handlers.http.requests.received import UnreadableRequest
from handlers.http.requests.request import ReadRequest
from index.documents.compiled import finish
from index.documents.compression import PackedText, Text
from index.shapes.view import View

LONG = b'{"results":[%b]}' % b",".join([b'"%d"' % number for number in range(300)])
SHORT = b'{"results":[]}'
NOISE = bytes(number * number % 251 ^ number >> 3 for number in range(256))
NO_SITE: Any = None
ASK = ReadRequest(NO_SITE, "http://a.example", "/", [], {}, View("v5"), None, b"representation", True)

TAKES = {"Accept-Encoding": "gzip"}


@pytest.mark.parametrize("body", [LONG, PackedText.pack(LONG)], ids=["kept plain", "kept packed"])
def test_kept_either_way_it_says_the_same(body: Text) -> None:
    reply = Reply(200, body, {}, 'W/"x"')
    assert "Accept-Encoding" in reply.headers["Vary"]
    for _ in range(2):
        status, headers, plain = reply.render(UnreadableRequest())
        assert (status, plain, headers["Content-Length"]) == (200, LONG, str(len(LONG)))
        assert "Content-Encoding" not in headers
        status, headers, packed = reply.render(UnreadableRequest(TAKES))
        assert (status, gunzip(packed), headers["Content-Length"]) == (200, LONG, str(len(packed)))
        assert headers["Content-Encoding"] == "gzip"
        assert reply.render(UnreadableRequest({**TAKES, "If-None-Match": 'W/"x"'}))[::2] == (304, b"")


@pytest.mark.parametrize("body", [b"", SHORT, NOISE], ids=["empty", "short", "no shorter when packed"])
def test_what_gains_nothing_is_sent_as_it_is(body: bytes) -> None:
    _, headers, sent = Reply(200, body, {}).render(UnreadableRequest(TAKES))
    assert (sent, "Content-Encoding" in headers) == (body, False)


def test_the_tag_of_an_untagged_answer_is_that_of_its_bytes() -> None:
    tags = [
        success_reply(Answer(body), ASK, PageHandler).etag
        for body in (LONG, LONG, SHORT, PackedText.pack(LONG))
    ]
    assert tags[0] == tags[1] != tags[2]
    assert len(set(tags)) == 3


def keep_replies(turn: int) -> tuple[object, int]:
    cache, size = ReplyCache(1_000_000), 0
    for number in range(20):
        reply = Reply(200, orjson.dumps({"number": number, "name": "x" * 3_000}), {})
        for _ in range(2):
            cache.put(b"%d" % number, reply)
        size += reply.size
    return cache, size


def list_categories(turn: int) -> tuple[object, int]:
    version = ("v4", "v5")[turn]
    requests = [ASK._replace(view=View(version, locale=locale)) for locale in SUPPORTED[:20]]
    answers = [categories(request) for request in requests]
    return answers, sum(len(answer.body) for answer in answers)


def say_names(turn: int) -> tuple[object, int]:
    users = range(500 * turn, 500 * turn + 500)
    names = [finish([b'\x05["anonymous_name",%d]\x05' % user], View("v5", "de", "de")) for user in users]
    return names, 1000 * len(users)


@pytest.mark.parametrize("keep", [keep_replies, list_categories, say_names])
def test_what_is_kept_takes_the_room_that_it_counts(keep: Callable[[int], tuple[object, int]]) -> None:
    """The encoder's results occupy the buffer they were written to: 260 kB for 20 kB."""
    keep(0)  # brings translations with it
    tracemalloc.start()
    try:
        kept, size = keep(1)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept
    assert used < 1.3 * size
