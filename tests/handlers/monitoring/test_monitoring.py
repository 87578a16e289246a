"""Monitoring: Dockerflow's paths, `/metrics`, request ids, the log."""

import json
import re
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from handlers.site_urls import SITE_ROUTES
from handlers.urls import ROUTES
from server.embedded.mongod import OwnMongod
from server.telemetry.requests import REFUSED, UNKNOWN
from tests.client import Client
from tests.program import Program

TOKEN = "a token of sixteen and more"
# What is to be told of every server (families' names without the prefix).
TOLD = {
    *("requests", "request_seconds", "search_stage_seconds", "event_loop_lag_seconds", "reply_cache_hits"),
    *("reply_cache_misses", "connections", "unread_bytes", "ready", "read_only", "index_addons"),
    *(
        "index_age_seconds",
        "index_commits",
        "index_bytes",
        "change_stream_lag_seconds",
        "change_stream_waiting",
    ),
    *("bad_documents", "mongodb_up", "mongodb_uptime_seconds", "mongodb_connections", "queue_records"),
    *("queue_oldest_seconds", "change_stream_waiting", "build_info"),
}
QUERY = "q=secret+words&app=firefox&lang=en-US"


def samples(client: Client) -> dict[str, list[tuple[dict[str, str], float]]]:
    answer = client.get("/metrics")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(answer.body.decode()):
        found[family.name] = [(one.labels, one.value) for one in family.samples]
    return found


def test_dockerflow(client: Client) -> None:
    heartbeat = client.get("/__heartbeat__", headers={"Origin": "https://a.example"})
    assert heartbeat.status == 200 and heartbeat.headers["Access-Control-Allow-Origin"] == "*"
    for path in ("/__lbheartbeat__", "/__version__"):
        answer = client.get(path, headers={"Origin": "https://a.example", "Host": "elsewhere.example"})
        assert answer.status == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
        assert client.head(path).body == b"" and client.head(path).status == 200
    assert client.get("/__version__").json.keys() == {"source", "version", "commit", "build"}


def test_every_figure_is_told(client: Client) -> None:
    client.get(f"/api/v5/addons/search/?{QUERY}")
    client.get("/nothing/here")
    metrics = samples(client)
    assert {f"amoeba_{name}" for name in TOLD} <= metrics.keys()
    assert "process_resident_memory_bytes" in metrics
    labels_of = ("endpoint", "version", "status")
    counted = {tuple(map(labels.get, labels_of)): value for labels, value in metrics["amoeba_requests"]}
    assert counted["addons/search/", "v5", "200"] >= 1 and counted[UNKNOWN, "", "404"] >= 1
    assert {labels["queue"] for labels, _ in metrics["amoeba_queue_records"]} == {
        "basket",
        "webhooks",
        "mail_in",
        "mail_out",
        "uploads",
    }
    assert metrics["amoeba_index_addons"][0][1] == client.get("/__heartbeat__").json["addons"]


def test_labels_are_names_of_routes(client: Client) -> None:
    for path in ("/api/v5/addons/addon/12/", "/api/v5/addons/addon/x@y/versions/", "/a/b?c=d", "/api/v9/"):
        client.get(path)
    client.request("BREW", "/pot")
    names = {route.name for route in (*ROUTES, *SITE_ROUTES)} | {UNKNOWN, REFUSED}
    metrics = samples(client)
    assert {labels["endpoint"] for labels, _ in metrics["amoeba_requests"]} <= names
    assert all(re.fullmatch(r"[A-Za-z0-9/{}_.-]+", name) for name in names)
    assert {labels["version"] for labels, _ in metrics["amoeba_requests"]} <= {"", "v3", "v4", "v5"}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
def test_metrics_are_not_for_who_comes_through_a_proxy(client: Client, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status == 403


def test_a_request_keeps_its_id(client: Client) -> None:
    lanes: tuple[dict[str, str], ...] = ({}, {"Content-Length": "0"})
    ids = {"a1-b:c": True, "x" * 128: True, "x" * 129: False, "a b": False, "": False}
    paths = ("/api/v5/addons/search/", "/api/v5/addons/addon/0/", "/nothing", "/?" + "&" * 1000)
    for lane, (sent, is_kept), path in product(lanes, ids.items(), paths):
        answer = client.get(path, headers={"X-Request-ID": sent, **lane})
        id_ = answer.headers["X-Request-ID"]
        assert id_ == answer.headers["X-AMO-Request-ID"]
        assert (id_ == sent) is is_kept and re.fullmatch(r"[A-Za-z0-9:-]{6,128}", id_), (path, sent)


def test_log_lines_are_json_and_say_nothing_personal(mongod: OwnMongod, tmp_path: Path) -> None:
    env = {
        "AMOEBA_MONGODB_URI": mongod.uri,
        "AMOEBA_MONGODB_DATABASE": "logged",
        "AMOEBA_LOG_FORMAT": "auto",  # no terminal
        "AMOEBA_ACCESS_LOG": "true",
        "AMOEBA_SLOW_REQUEST": "0.000001",
        "AMOEBA_METRICS_ALLOWED": "",
        "AMOEBA_METRICS_TOKEN": TOKEN,
        "AMOEBA_CONSOLE": "false",
    }
    words = ("serve", "--port", "0", "--data-dir", str(tmp_path / "data"), "--demo", "20")
    with (
        Program(*words, output=tmp_path, env=env) as program,
        closing(Client(program.wait_listening())) as client,
    ):
        assert client.get("/metrics").status == 403
        sent = {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "1.2.3.4"}
        assert client.get("/metrics", headers=sent).status == 200
        assert client.get("/metrics", headers={"Authorization": "Bearer other"}).status == 403
        client.get(f"/api/v5/addons/search/?{QUERY}", headers={"X-Request-ID": "fast", "User-Agent": "A/1"})
        client.get(f"/api/v5/addons/addon/x/?{QUERY}", headers={"X-Request-ID": "slow", "Cookie": "secret"})
        client.get("/?" + "&" * 1000, headers={"X-Request-ID": "refused"})
        for path in ("/admin/", "/admin/sign-in/", "/admin/static/console.css"):
            assert client.get(path).json == {"detail": "Not found."}, "the console is off"
        assert program.stop() == 0
        lines = [json.loads(line) for line in program.stderr.splitlines() if line.startswith("{")]
    answers = {line["Fields"]["rid"]: line for line in lines if line["Type"] == "request.summary"}
    fast = answers["fast"]
    assert fast["EnvVersion"] == "2.0" and fast["Severity"] == 6 and fast["Timestamp"] > 10**18
    fields = fast["Fields"]
    assert (fields["method"], fields["path"], fields["code"]) == ("GET", "/api/v5/addons/search/", 200)
    assert (fields["agent"], fields["endpoint"], fields["version"]) == ("A/1", "addons/search/", "v5")
    assert answers["slow"]["Fields"]["code"] == 404 and answers["refused"]["Fields"]["code"] == 400
    slow = next(line for line in lines if line["Type"] == "amoeba.slow" and line["Fields"]["rid"] == "fast")
    assert slow["Fields"]["msg"].startswith("GET v5/addons/search/ took ")
    assert slow["Fields"]["msg"].endswith("200, parameters: q,app,lang")
    messages = [line["Fields"]["msg"] for line in lines if line["Type"] == "handlers.serving"]
    assert [text.split()[0] for text in messages] == ["starting,", "ready", "stopping", "stopped"]
    for secret in ("secret", TOKEN, "1.2.3.4"):
        assert secret not in program.stderr, secret
    assert "127.0.0.1" not in json.dumps(list(answers.values()))
