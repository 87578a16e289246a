"""The worst requests that are allowed: how long they block the event loop, how much memory they occupy.

Time is the loop's own on the processor, for one callback (tests/blocks.py); what a slow machine adds, two
more tries take away. Fields and parameters take turns with the values: a third each (tests/samples.py). An
endpoint of the URL table that no table of worst_requests.py knows is a failure.
"""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from conf.gates import GATES
from conf.vocabulary import VERSIONS
from handlers.urls import ROUTES, Route
from tests.client import Answer, send_raw
from tests.handlers.signed_client import authorization
from tests.handlers.watched_server import Watched, watching
from tests.handlers.worst_requests import (
    ADDON,
    BODIES,
    DOCUMENTS,
    DRAFT,
    EVERY_READ,
    HEADERS,
    INVITED,
    LONG,
    OTHER,
    OWNER,
    PARAMETERS,
    QUERIES,
    RATING,
    SEARCH,
    VERSION,
    WRITES,
    field_values,
    parameter_values,
)
from tests.samples import Sample

LONGEST = 50.0  # milliseconds
MEMORY = 100.0  # MB that the caches of all kinds may take
VERBS = ("POST", "PUT", "PATCH")

pytestmark = pytest.mark.timed


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with watching(DOCUMENTS) as started:
        yield started


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query(watched: Watched, query: str) -> None:
    assert watched.block(lambda: watched.client.get(SEARCH + query)) < LONGEST


@pytest.mark.parametrize("name", HEADERS)
def test_a_header(watched: Watched, name: str) -> None:
    sent = {name: HEADERS[name]}
    assert watched.block(lambda: watched.client.get(SEARCH, headers=sent)) < LONGEST


def test_many_headers(watched: Watched) -> None:
    lines = b"GET /api/v5/site/ HTTP/1.1\r\nHost: localhost\r\n" + b"a:b\r\n" * 6400
    assert watched.block(lambda: send_raw(watched.program.url, lines + b"\r\n")) < LONGEST


@pytest.mark.parametrize("sent", BODIES.values(), ids=BODIES)
def test_a_body(watched: Watched, sent: tuple[str, str, bytes]) -> None:
    assert watched.block(lambda: watched.post(*sent)) < LONGEST


def test_what_is_asked_once_leaves_nothing(watched: Watched) -> None:
    """8,192 URLs of 98 kB held 750 MB."""
    before = watched.memory()
    for number in range(250):
        for query in (f"q=tab&tag={number}", f"q=tab&sort=users&page=2&author={number}", f"x={number}"):
            for _ in range(2):  # what is asked for twice is kept
                watched.client.get(f"{SEARCH}{query}{'x' * (LONG - 100)}")
    assert watched.memory() - before < 12  # bytes of the URLs alone


def verbs(route: Route) -> set[str]:
    return set(route.handler.allow().split(", "))


READS = [route for route in ROUTES if "GET" in verbs(route)]
WRITTEN = [(verb, route) for route in ROUTES for verb in VERBS if verb in verbs(route)]


def test_every_endpoint_is_in_a_table() -> None:
    assert {(verb, route.path) for verb, route in WRITTEN} == WRITES.keys()


def path(route: Route) -> str:
    """Of the newest version that has it; every object in it is there and open to its user."""
    served = [version for version in VERSIONS if route.gate is None or version in GATES[route.gate]]
    words = route.path.replace("mail/?", "mail/")
    for name, id_ in (("addon", ADDON), ("versions", VERSION), ("rating", RATING), ("review", RATING)):
        for pattern in ("([^/]+)", "([0-9]+)"):
            words = words.replace(f"{name}/{pattern}/", f"{name}/{id_}/")
    words = words.replace("draft_comments/([0-9]+)/", f"draft_comments/{DRAFT}/")
    words = words.replace("pending-authors/([^/]+)/", f"pending-authors/{INVITED['_id']}/")
    words = words.replace("authors/([^/]+)/", f"authors/{OTHER['_id']}/")
    words = words.replace("account/([^/]+)/", f"account/{OWNER['_id']}/")
    words = words.replace("applications/([^/]+)/", "applications/firefox/")
    words = words.replace("collections/([^/]+)/addons/([^/]+)/", "collections/1/addons/10000001/")
    return f"/api/{served[-1]}/{words}".replace("([^/]+)", "1")


@pytest.mark.parametrize("route", READS, ids=lambda route: route.path)
def test_parameters(watched: Watched, sample: Sample, route: Route) -> None:
    pairs = [
        *zip(EVERY_READ, parameter_values(), strict=True),  # read by the same code everywhere: a value each
        *(
            (name, value)
            for turn, name in enumerate(PARAMETERS[route.path], READS.index(route))
            for value in sample(parameter_values(), 3, turn)
        ),
    ]
    before = watched.memory()
    headers = authorization(OWNER)

    def ask() -> None:
        for name, value in pairs:
            usual = "addon=900010&" if name != "addon" and "rating" in route.path else ""
            answer = watched.client.get(f"{path(route)}?{usual}{name}={value}", headers=headers)
            assert answer.status < 500
            assert watched.longest() < LONGEST, f"{name}={value[:20]}"

    assert watched.block(ask) < LONGEST
    assert watched.memory() - before < MEMORY


def sent(field: str, value: Any) -> dict[str, Any]:
    outer, _, inner = field.partition(".")
    return {outer: {inner: value}} if inner else {outer: value}


@pytest.mark.parametrize(("verb", "route"), WRITTEN, ids=[f"{verb} {route.path}" for verb, route in WRITTEN])
def test_fields(watched: Watched, sample: Sample, verb: str, route: Route) -> None:
    write, handler = WRITES[verb, route.path], route.handler
    target = path(route) if verb != "PUT" else path(route).replace(str(ADDON), "new@example.org")
    before = watched.memory()

    def ask() -> None:
        for turn, field in enumerate(write.fields, WRITTEN.index((verb, route))):
            for value in sample(field_values(handler.max_json_bytes()), 3, turn):
                answer = ask_with(watched, verb, target, write.user, {**write.beside, **sent(field, value)})
                assert write.user is None or answer.status not in (401, 403, 404), answer.json
                assert answer.status < 500
                assert len(answer.body) < 64 * 1024 or answer.status < 300
                assert watched.longest() < LONGEST, f"{field}: {str(value)[:30]}"

    assert watched.block(ask) < LONGEST
    assert watched.memory() - before < MEMORY


def ask_with(watched: Watched, verb: str, target: str, user: Any, body: Any) -> Answer:
    headers = authorization(user) | {"Content-Type": "application/json"}
    return watched.client.request(verb, target, headers=headers, body=orjson.dumps(body))
