"""The fast lane: reads answered from the bytes of their header.

    fast_reads.answer(header, "203.0.113.7")      -> FastAnswer; anything else is for Tornado

Tornado's connection, and the RequestHandler it makes for every request, take longer than most answers
themselves. So a simple GET whose page function can answer from memory is answered before Tornado parses it.
Everything else (other methods, bodies, callers who see more than anonymous ones, objects that are not public,
malformed requests) takes the slow lane (exchange.py), whose handlers use the same `reply_for`.
`tests/bench` measures the gain.
"""

import logging
import re
from collections.abc import Callable
from time import perf_counter
from typing import Final, NamedTuple

from tornado.httputil import RequestStartLine

from handlers.http.base import PageHandler
from handlers.http.connections.refusals import refused_at_once
from handlers.http.replies.errors import Refusal, server_error, throttled
from handlers.http.replies.reply import Reply, ReplyCache, refusal_reply, reply_for, response_head
from handlers.http.requests.received import Received, header_name
from server.site import Site
from server.telemetry.requests import REFUSED, Endpoint

log = logging.getLogger(__name__)

# What Tornado accepts as a request (RFC 9112), except other methods and lines that end without a CR.
_HEADER: Final = re.compile(
    r"(GET|HEAD) ([\x21-\x7e\x80-\xff]+) (HTTP/1\.[01])\r\n"
    r"((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*)\r\n"
)
_MEGABYTE: Final = 1024 * 1024
_FOR_TORNADO: Final = ("Content-Length", "Transfer-Encoding", "Expect")


class RouteMatch(NamedTuple):
    """The resource of a path, its API version, and its path arguments, decoded."""

    version: str
    handler: type[PageHandler]
    args: tuple[str, ...]
    endpoint: Endpoint


FindRoute = Callable[[str], RouteMatch | None]


class FastAnswer(NamedTuple):
    """The bytes to write."""

    head: bytes
    body: bytes
    is_last: bool  # the connection is closed after it


class FastReads:
    """`find(path)` gives the resource of a path, or None if it is not in this lane."""

    def __init__(self, site: Site, find: FindRoute) -> None:
        self._site = site
        self._find = find
        replies = self._replies = ReplyCache(site.settings.response_cache_mb * _MEGABYTE)
        self._refused = site.telemetry.requests.endpoint(REFUSED)
        add = site.telemetry.add
        add("counter", "reply_cache_hits", "Responses that were cached.", lambda: replies.hits)
        add("counter", "reply_cache_misses", "Responses that were not cached.", lambda: replies.misses)

    def answer(self, header: bytes, peer: str) -> FastAnswer | Received | None:
        """`header` includes the empty line at its end; `peer` is the address of the connected client.

        For a request that Tornado has to answer, returns it as parsed here, or None if it could not be.
        """
        began = perf_counter()
        parsed = _HEADER.fullmatch(header.decode("latin-1"))
        if parsed is None:
            return None
        line = RequestStartLine(*parsed.group(1, 2, 3))
        received = Received(self._site, line, _fields(parsed[4]), peer, "http")
        match = self._find(received.path) if self._site.ready else None
        if match is None or not self._is_for_everybody(received, match) or refused_at_once(received):
            return received
        wait = self._site.limits.wait_to_read(received.address)
        received.is_counted = True
        reply = refusal_reply(throttled(wait, received.locale)) if wait else self._reply(received, match)
        if reply is None:
            return received
        status, headers, body = reply.render(received)
        connection, is_last = _connection(line.version, received.headers.get("Connection", "").lower())
        head = response_head(status, headers | connection)
        endpoint = self._refused if wait else match.endpoint
        self._site.telemetry.requests.record(endpoint, received, status, began, received.request_id)
        return FastAnswer(head, b"" if line.method == "HEAD" else body, is_last)

    def _is_for_everybody(self, received: Received, match: RouteMatch) -> bool:
        """Whether the caller gets the answer of anonymous ones; False if only MongoDB could tell."""
        if any(name in received.headers for name in _FOR_TORNADO):
            return False
        header = received.headers.get("Authorization")
        if header is None or not match.handler.mechanisms:
            return True
        caller = self._site.authenticator.identify_cached(header, match.handler.mechanisms)
        return caller is not None and not match.handler.may_differ_for(self._site, caller, *match.args)

    def _reply(self, received: Received, match: RouteMatch) -> Reply | None:
        """The page's reply; None if the request needs the Application after all."""
        try:
            return self._recall(received, match)
        except Refusal as error:
            return refusal_reply(error)
        except Exception:
            log.exception("%s %s failed", received.method, received.path, extra={"rid": received.request_id})
            return refusal_reply(server_error(received.locale))

    def _recall(self, received: Received, match: RouteMatch) -> Reply | None:
        """The cached reply, or a new one. Raises Refusal."""
        version, handler, args, _ = match
        site, replies = self._site, self._replies
        key = handler.representation(received)
        reply = replies.get(key, site.generation) if key else None
        if reply is not None and received.accepts_json:
            return reply
        reply = reply_for(handler.read(version, received), handler, args)
        if reply is not None and key:
            replies.put(key, reply)
        return reply


def _fields(lines: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines.split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name, value = header_name(name), value.strip(" \t")
        fields[name] = f"{fields[name]},{value}" if name in fields else value
    return fields


def _connection(version: str, header: str) -> tuple[dict[str, str], bool]:
    """The Connection header of the answer, as Tornado would send it, and whether the connection is closed."""
    if version == "HTTP/1.0":
        return ({"Connection": "Keep-Alive"}, False) if header == "keep-alive" else ({}, True)
    return ({"Connection": "close"}, True) if header == "close" else ({}, False)
