"""Queries are parsed as Python's parser does, which takes several times as long."""

import random
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

from tornado.httputil import RequestStartLine

from handlers.http.requests.received import Received

# "\udcff" stands for a byte that is not UTF-8.
PARTS = [*"a=&+%;*ü", "==", "%2", "%20", "%2B", "%2b", "%2A", "%2C", "%252C", "%7Bx%7D", "%26", "%3D"]
PARTS += ["%E2%82%AC", "%ff", "%00", "\udcff", "%%", "%g1", "%4", "%0D%0A", "\r", "\n"]


def test_as_the_standard_library() -> None:
    rnd, site = random.Random(1), SimpleNamespace(settings=None)
    for _ in range(3000):
        query = "".join(rnd.choices(PARTS, k=rnd.randint(0, 9))).encode("utf-8", "surrogateescape")
        received: Any = Received(
            site,  # type: ignore[arg-type]
            RequestStartLine("GET", f"/?{query.decode('latin-1')}", "HTTP/1.1"),
            {},
            "",
            "http",
        )
        text = query.decode(errors="replace")
        assert received.pairs == parse_qsl(text, keep_blank_values=True, errors="replace"), query
