"""The recommendation service as it may be: slow, dead, wrong, huge; against a real server on loopback."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.netutil import bind_sockets

from server.outside import recommender
from server.outside.recommender import NoRecommendations, Recommender
from server.retry import Backoff

GUID = "{2e5ff8c8-32fe-46d0-9fc8-6b8986621f3c}"
TIMEOUT = 0.3

Behaviour = Callable[[HTTPServerRequest], Awaitable[None]]


class Service:
    """A recommendation service; `behave` may be changed at any time."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.requests: list[HTTPServerRequest] = []
        self.open = 0
        self.url = ""

    def __call__(self, request: HTTPServerRequest) -> None:
        self.requests.append(request)
        asyncio.get_running_loop().create_task(self._answer(request))

    async def _answer(self, request: HTTPServerRequest) -> None:
        self.open += 1
        await self.behave(request)
        self.open -= 1


@asynccontextmanager
async def running(behave: Behaviour, timeout: float = TIMEOUT) -> AsyncIterator[tuple[Service, Recommender]]:
    service = Service(behave)
    server = HTTPServer(service)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    service.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/recs"
    client = Recommender(service.url, timeout)
    try:
        yield service, client
    finally:
        await client.close()
        server.stop()
        await server.close_all_connections()


def answers(body: object, status: str = "200 OK", headers: str = "", delay: float = 0.0) -> Behaviour:
    """Answer so, after `delay` seconds; bytes as they are, anything else as JSON."""

    async def behave(request: HTTPServerRequest) -> None:
        await asyncio.sleep(delay)
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        stream = request.connection.detach()  # type: ignore[union-attr]
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(sent)}\r\nConnection: close\r\n{headers}\r\n"
        if not stream.closed():
            await stream.write(head.encode() + sent)
        stream.close()

    return behave


async def hang(request: HTTPServerRequest) -> None:
    await asyncio.sleep(5)


async def drop(request: HTTPServerRequest) -> None:
    request.connection.detach().close()  # type: ignore[union-attr]


async def break_off(request: HTTPServerRequest) -> None:
    stream = request.connection.detach()  # type: ignore[union-attr]
    await stream.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"results"')
    stream.close()


async def drip(request: HTTPServerRequest) -> None:
    """Never silent for long, never done."""
    stream = request.connection.detach()  # type: ignore[union-attr]
    await stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not stream.closed():
        await stream.write(b" ")
        await asyncio.sleep(0.05)


async def flood(request: HTTPServerRequest) -> None:
    """No length, no end."""
    stream = request.connection.detach()  # type: ignore[union-attr]
    await stream.write(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        while not stream.closed():
            await stream.write(b"x" * 65536)
    except Exception:
        pass


@pytest.mark.parametrize(
    ("body", "guids"),
    [
        pytest.param({"results": ["b@x", "a@x"]}, ["b@x", "a@x"], id="in its order"),
        pytest.param({"results": []}, [], id="none is an answer"),
        pytest.param({"results": ["a@x", 7, None, ["b@x"], "c@x"]}, ["a@x", "c@x"], id="only texts"),
        pytest.param({"more": 1, "results": ["a@x"]}, ["a@x"], id="other keys"),
        pytest.param({"results": ["a@x"] * 500}, ["a@x"] * 100, id="no more than are looked at"),
        pytest.param({"results": ["x" * 256, "a@x"]}, ["a@x"], id="too long for a guid"),
    ],
)
async def test_answer(body: object, guids: list[str]) -> None:
    async with running(answers(body)) as (service, client):
        assert await client.recommend(GUID) == guids
        [request] = service.requests
        assert request.uri == "/recs/%7B2e5ff8c8-32fe-46d0-9fc8-6b8986621f3c%7D/"
        assert request.method == "GET"
        assert "Cookie" not in request.headers


async def test_guid_is_one_segment_of_the_path() -> None:
    async with running(answers({"results": []})) as (service, client):
        await client.recommend("a/../b?c#d%2F@x.org")
        assert service.requests[0].uri == "/recs/a%2F..%2Fb%3Fc%23d%252F%40x.org/"


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(hang, id="silent"),
        pytest.param(drip, id="a byte now and then"),
        pytest.param(drop, id="closes the connection"),
        pytest.param(break_off, id="breaks off"),
        pytest.param(flood, id="without end"),
        pytest.param(answers({"results": ["a@x"]}, "500 Internal Server Error"), id="500"),
        pytest.param(answers({"results": ["a@x"]}, "401 Unauthorized"), id="401"),
        pytest.param(answers({"results": ["a@x"]}, "429 Too Many Requests"), id="429"),
        pytest.param(answers(b"", "204 No Content"), id="204"),
        pytest.param(answers(b"", "302 Found", "Location: /recs/else/\r\n"), id="a redirect is not followed"),
        pytest.param(answers(b"not JSON"), id="no JSON"),
        pytest.param(answers(b""), id="empty body"),
        pytest.param(answers(b"\xff\xfe"), id="no UTF-8"),
        pytest.param(answers([1]), id="a list"),
        pytest.param(answers({"results": {"a": 1}}), id="results no list"),
        pytest.param(answers({}), id="no results"),
        pytest.param(answers({"results": ["x" * 100_000]}), id="too large"),
        pytest.param(
            answers(gzip.compress(b'{"results":["a@x"]}'), headers="Content-Encoding: gzip\r\n"),
            id="compressed unasked",
        ),
    ],
)
async def test_failure_is_told_within_the_timeout(behave: Behaviour) -> None:
    async with running(behave) as (_, client):
        async with asyncio.timeout(TIMEOUT + 0.5):
            with pytest.raises(NoRecommendations):
                await client.recommend(GUID)


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "400 Bad Request", "414 URI Too Long"])
async def test_a_guid_it_does_not_know_is_an_answer_without_results(
    status: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Or anybody could have the service left alone by asking for guids that it does not know."""
    async with running(answers(b"no JSON", status)) as (service, client):
        for number in range(recommender.FAILURES * 2):
            assert await client.recommend(f"{number}@x") == []
        assert await client.recommend("0@x") == []
        assert len(service.requests) == recommender.FAILURES * 2, "kept as every answer is"
        service.behave = answers({"results": ["a@x"]})
        assert await client.recommend(GUID) == ["a@x"]
    assert caplog.records == []


async def test_nobody_there() -> None:
    client = Recommender("http://127.0.0.1:9", TIMEOUT)
    with pytest.raises(NoRecommendations):
        await client.recommend(GUID)
    await client.close()


async def test_same_question_at_the_same_time_is_asked_once() -> None:
    async with running(answers({"results": ["a@x"]}, delay=0.1)) as (service, client):
        requests = [client.recommend(GUID) for _ in range(20)] + [client.recommend("other@x")]
        assert await asyncio.gather(*requests) == [["a@x"]] * 21
        assert len(service.requests) == 2


async def test_who_goes_away_takes_nobody_else_along() -> None:
    async with running(answers({"results": ["a@x"]}, delay=0.1)) as (service, client):
        first = asyncio.create_task(client.recommend(GUID))
        second = asyncio.create_task(client.recommend(GUID))
        await asyncio.sleep(0.02)
        first.cancel()
        assert await second == ["a@x"]
        assert len(service.requests) == 1


async def test_answers_are_kept_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommender, "CACHE_SECONDS", 0.3)
    async with running(answers({"results": ["a@x"]})) as (service, client):
        await client.recommend(GUID)
        await client.recommend(GUID)
        assert len(service.requests) == 1
        await asyncio.sleep(0.3)
        await client.recommend(GUID)
        assert len(service.requests) == 2


async def test_kept_answers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommender, "MAX_ANSWERS", 2)
    async with running(answers({"results": ["a@x"]})) as (service, client):
        for guid in ("a@x", "b@x", "c@x", "b@x", "c@x", "a@x"):
            await client.recommend(guid)
        paths = [(request.uri or "").removeprefix("/recs/")[0] for request in service.requests]
        assert paths == ["a", "b", "c", "a"]


async def test_questions_under_way_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommender, "MAX_WAITING", 3)
    async with running(answers({"results": ["a@x"]}, delay=0.1)) as (service, client):
        requests = [client.recommend(f"{number}@x") for number in range(5)]
        done = await asyncio.gather(*requests, return_exceptions=True)
        assert done[:3] == [["a@x"]] * 3
        assert all(isinstance(one, NoRecommendations) for one in done[3:])
        assert len(service.requests) == 3


@pytest.mark.timed
async def test_dead_service_costs_nothing_and_comes_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recommender, "BACKOFF", Backoff(0.2, 60.0))
    async with running(hang, timeout=0.05) as (service, client):
        for number in range(recommender.FAILURES):
            with pytest.raises(NoRecommendations):
                await client.recommend(f"{number}@x")
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number in range(200):
            with pytest.raises(NoRecommendations):
                await client.recommend(f"{number}@y")
        assert loop.time() - start < 0.1
        assert len(service.requests) == recommender.FAILURES
        assert [record.levelname for record in caplog.records] == ["WARNING"]

        service.behave = answers({"results": ["a@x"]})
        await asyncio.sleep(0.25)
        with pytest.raises(NoRecommendations):  # a try in the background; its caller does not wait
            await client.recommend("try@x")
        with pytest.raises(NoRecommendations):
            await client.recommend("meanwhile@x")
        assert len(service.requests) <= recommender.FAILURES + 1, "one try at a time"
        for _ in range(50):
            await asyncio.sleep(0.01)
            if client._breaker.is_open is False:
                break
        assert await client.recommend("try@x") == ["a@x"]
        assert await client.recommend("another@x") == ["a@x"]
