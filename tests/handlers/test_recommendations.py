"""Recommendations with a real service on loopback (contract/versions.md 16, contract/addons.md
10.8, contract/extras.md 5).
"""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.handlers.curated_server import Lists, fill, serving

VERSIONS = ("v3", "v4", "v5")
KEYS = ["outcome", "fallback_reason", "page_size", "page_count", "count", "next", "previous", "results"]
TREE = "tab-tree@example.org"
CURATED = [9, 5, 6, 1]  # of ext-9, ext-20 (not public), ext-5, ext-6, tab-tree, ext-7: the first four
PATH = "/api/{}/addons/recommendations/"
TIMEOUT = 0.5


class Service(ThreadingHTTPServer):
    """A recommendation service: guid asked for -> (status, body, seconds it takes)."""

    daemon_threads = True
    ANSWERS: dict[str, tuple[int, Any, float]] = {
        TREE: (200, [f"ext-{id}@example.org" for id in (8, 20, 7, 999, 6, 5, 9)], 0),
        "few@x": (200, ["EXT-8@example.org", "ext-8@example.org", "5", "tab-tree", TREE], 0),
        "empty@x": (200, [], 0),
        "private@x": (200, ["ext-20@example.org", "ext-22@example.org", "{nonsense}", ""], 0),
        "a" * 64: (200, [f"ext-{id}@example.org" for id in (20, 11, 8, 8, 1, 5, 6)], 0),
        "b" * 64: (200, ["ext-7@example.org"], 0),
        "e" * 64: (500, ["ext-8@example.org"], 0),
        "c" * 64: (200, ["ext-20@example.org", "de-dict@example.org"], 0),
        "{2e5ff8c8-32fe-46d0-9fc8-6b8986621f3c}": (200, ["ext-5@example.org"], 0),
    }
    FAULTS: dict[str, tuple[int, Any, float]] = {
        "slow@x": (200, [TREE], 5),
        "broken@x": (500, [TREE], 0),
        "away@x": (503, [TREE], 0),
        "wrong@x": (200, {"guid": TREE}, 0),
        "huge@x": (200, [TREE] * 100_000, 0),
    }

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.paths: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}/taar/api"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        guid = unquote(self.path.removeprefix("/taar/api/").removesuffix("/"))
        status, results, seconds = (Service.ANSWERS | Service.FAULTS).get(guid, (404, [], 0))
        time.sleep(seconds)
        body = json.dumps({"results": results}).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # the caller did not wait

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.05,))
        thread.start()
        yield service
        service.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def asking(service: Service, mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lists]:
    """A server that has a recommendation service."""
    folder = tmp_path_factory.mktemp("recommendations")
    env = {"AMOEBA_RECOMMENDATION_URL": service.url + "/", "AMOEBA_RECOMMENDATION_TIMEOUT": str(TIMEOUT)}
    with serving(folder, mongod, loud="is left alone", **env) as client:
        fill(client)
        yield client


def ask(client: Client, version: str, **params: str) -> tuple[str, str | None, list[int]]:
    answer = client.get(PATH.format(version), params=params)
    assert answer.status == 200, answer.body
    assert list(answer.json) == KEYS
    envelope = {key: answer.json[key] for key in KEYS[2:7]}
    ids = [result["id"] for result in answer.json["results"]]
    assert envelope == {
        "page_size": 1,
        "page_count": 1,
        "count": len(ids),
        "next": None,
        "previous": None,
    }
    return answer.json["outcome"], answer.json["fallback_reason"], ids


@pytest.mark.parametrize("version", VERSIONS)
class TestOutcomes:
    @pytest.mark.parametrize(
        ("guid", "wanted"),
        [
            pytest.param(TREE, ("recommended", None, [8, 7, 6, 5]), id="four public ones in its order"),
            pytest.param("few@x", ("recommended", None, [8, 1]), id="fewer are fine, none twice, guids only"),
            pytest.param("empty@x", ("recommended_fallback", "no_results", CURATED), id="none"),
            pytest.param("private@x", ("recommended_fallback", "no_results", CURATED), id="none left"),
            pytest.param("unknown@x", ("recommended_fallback", "no_results", CURATED), id="404"),
        ],
    )
    def test_recommended(self, asking: Lists, version: str, guid: str, wanted: Any) -> None:
        assert ask(asking, version, guid=guid, recommended="true") == wanted

    @pytest.mark.parametrize("recommended", [None, "false", "1", ""])
    def test_only_when_asked_to(
        self, asking: Lists, service: Service, version: str, recommended: str | None
    ) -> None:
        before = len(service.paths)
        params = {} if recommended is None else {"recommended": recommended}
        assert ask(asking, version, guid=TREE, **params) == ("curated", None, [9, 5, 6, 7])
        assert len(service.paths) == before

    def test_without_a_service_the_list_is_curated(self, lists: Lists, version: str) -> None:
        assert ask(lists, version, guid=TREE, recommended="true") == ("curated", None, [9, 5, 6, 7])

    def test_objects_are_those_of_search(self, asking: Lists, version: str) -> None:
        answer = asking.get(PATH.format(version), params={"guid": TREE, "recommended": "TRUE", "lang": "fr"})
        found = asking.get(f"/api/{version}/addons/search/?lang=fr&guid=ext-8@example.org")
        [wanted] = found.json["results"]
        wanted.pop("_score", None)
        assert answer.json["results"][0] == wanted

    def test_guid_is_checked(self, asking: Lists, version: str) -> None:
        for guid in ("", "nonsense", "{1}", "a@x/", "x" * 300 + "@x"):
            answer = asking.get(PATH.format(version), params={"guid": guid, "recommended": "true"})
            if version == "v3" and not guid:
                assert answer.json["outcome"] == "curated"
            else:
                assert (answer.status, answer.json) == (400, {"detail": "Invalid guid parameter"})


def test_v3_needs_no_guid(asking: Lists) -> None:
    assert ask(asking, "v3") == ("curated", None, CURATED)
    assert asking.get(PATH.format("v5")).json == {"detail": "Invalid guid parameter"}


def test_guid_is_percent_encoded(asking: Lists, service: Service) -> None:
    guid = "{2e5ff8c8-32fe-46d0-9fc8-6b8986621f3c}"
    assert ask(asking, "v5", guid=guid, recommended="true") == ("recommended", None, [5])
    assert service.paths[-1] == "/taar/api/%7B2e5ff8c8-32fe-46d0-9fc8-6b8986621f3c%7D/"


def test_curated_list_is_data(asking: Lists) -> None:
    """What follows sees another curated list."""
    asking.load(("curated", [{"_id": "recommendations", "guids": ["ext-7@example.org"]}]))
    asking.await_get(PATH.format("v5") + "?guid=a@x", lambda answer: answer.json["count"] == 1)
    assert ask(asking, "v5", guid="a@x") == ("curated", None, [7])
    assert ask(asking, "v5", guid="empty@x", recommended="true") == (
        "recommended_fallback",
        "no_results",
        [7],
    )


@pytest.fixture(scope="module")
def panel(asking: Lists) -> Lists:
    """With two extensions around a theme: 1, 11, 7."""
    asking.load(("discovery", [{"_id": 5, "addon_id": 7, "position": 3, "heading": {"en-US": "Seven!"}}]))
    asking.await_get("/api/v4/discovery/", lambda answer: answer.json["count"] == 3)
    return asking


class TestDiscovery:
    """The list browsers show, for a browser that says which one it is (contract/extras.md 5)."""

    CURATED = [(1, False), (11, False), (7, False)]

    @pytest.mark.parametrize(
        ("query", "items"),
        [
            pytest.param("a" * 64, [(8, True), (11, False), (5, True)], id="extensions, in its order"),
            pytest.param("A" * 64, [(8, True), (11, False), (5, True)], id="in capitals"),
            pytest.param("a" * 64 + "&edition=Default", [(8, True), (11, False), (5, True)], id="no edition"),
            pytest.param("b" * 64, [(7, True), (11, False), (1, False)], id="fewer, none twice"),
            pytest.param("c" * 64, CURATED, id="none that is a public extension"),
            pytest.param("d" * 64, CURATED, id="a browser it does not know"),
            pytest.param("e" * 64, CURATED, id="no answer"),
            pytest.param("a" * 64 + "&edition=other", CURATED, id="an edition"),
            pytest.param("a" * 64 + "&edition=MozillaOnline", [(5, True)], id="an edition with its own list"),
            pytest.param("a" * 63 + "g", CURATED, id="no hash"),
            pytest.param("a" * 65, CURATED, id="too long a hash"),
        ],
    )
    def test_items(self, panel: Lists, query: str, items: list[tuple[int, bool]]) -> None:
        for version in VERSIONS:
            answer = panel.get(f"/api/{version}/discovery/?telemetry-client-id={query}")
            shown = [(item["addon"]["id"], item["is_recommendation"]) for item in answer.json["results"]]
            assert (answer.status, shown, answer.json["count"]) == (200, items, len(items)), version

    def test_curated_texts_stay(self, panel: Lists) -> None:
        results = panel.get(f"/api/v4/discovery/?telemetry-client-id={'b' * 64}").json["results"]
        assert [result["heading_text"] for result in results] == ["Seven!", "Extension 11", "Trees!"]

    def test_without_a_service_the_list_is_curated(self, lists: Lists) -> None:
        results = lists.get(f"/api/v4/discovery/?telemetry-client-id={'a' * 64}").json["results"]
        assert [result["addon"]["id"] for result in results] == [1, 11]


@pytest.mark.timed
def test_faults_of_the_service(asking: Lists, service: Service) -> None:
    """The last of the file: after it the service is left alone for seconds."""
    wanted = ("recommended_fallback", "timeout", [7])
    for guid in Service.FAULTS:
        start = time.monotonic()
        assert ask(asking, "v4", guid=guid, recommended="true") == wanted
        assert time.monotonic() - start < TIMEOUT + 0.5
    before = len(service.paths)
    start = time.monotonic()
    for _ in range(20):
        assert ask(asking, "v4", guid="slow@x", recommended="true") == wanted
    assert time.monotonic() - start < TIMEOUT
    assert len(service.paths) == before
