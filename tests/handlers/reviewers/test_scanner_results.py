"""Results of scanners, and who may read them (contract/reviewers.md 7)."""

import json
import time
from typing import Any

import jwt
import pytest

from tests.handlers.reviewers.reviewers_server import CUSTOMS, LABELLER, SERVICE, Reviewing, decide
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api
from tests.handlers.writable_server import ADMIN, REVIEWER

RESULTS = {
    "version": "1.2",
    "matchedRules": ["eval", "$x"],
    "annotations": {"eval": [{"a.b": 1, "$c": 2**60}]},
}
PATH = "scanner/results/"


@pytest.fixture(scope="module")
def sending(desk: Reviewing) -> Any:
    """Sends as the service with this account, by its key."""
    keys = {
        user["username"]: json.loads(desk.shell("apikey", user["username"], "--json"))
        for user in (CUSTOMS, SERVICE, LABELLER)
    }

    def send(verb: str, user: Any, path: str, body: Any = None) -> Any:
        key, now = keys[user["username"]], int(time.time())
        token = jwt.encode({"iss": key["key"], "iat": now, "exp": now + 60}, key["secret"])
        headers = {"Authorization": f"JWT {token}"}
        return desk.api.request(verb, f"/api/v5/{path}", headers=headers, json_body=body)

    return send


def ask(api: Api, query: str = "", user: Any = LABELLER, version: str = "v5") -> Any:
    return api.ask("GET", version, PATH + query, user)


def test_who_may(api: Api, sending: Any) -> None:
    for version in ("v4", "v5"):
        assert ask(api, user=None, version=version).json == NOT_AUTHENTICATED
        for user, status in ((REVIEWER, 403), (CUSTOMS, 403), (LABELLER, 200), (ADMIN, 200)):
            assert ask(api, user=user, version=version).status == status, user["username"]
    assert ask(api, version="v3").json == NOT_FOUND
    assert sending("GET", LABELLER, PATH).status == 200, "by a key too"
    for other in (None, CUSTOMS, ADMIN):
        for verb, path in (("POST", PATH), ("PATCH", f"{PATH}1/")):
            answer = api.ask(verb, "v5", path, other, {"version_id": 10, "results": RESULTS})
            assert (answer.status, answer.json) == (401, NOT_AUTHENTICATED), "keys alone"
    for verb, path in (("POST", PATH), ("PATCH", f"{PATH}1/")):
        assert sending(verb, LABELLER, path, {}).json == FORBIDDEN


def test_the_list(api: Api) -> None:
    page = ask(api, "?scanner=yara&page_size=2").json
    assert list(page) == ["page_size", "page_count", "count", "next", "previous", "results"]
    assert [one["id"] for one in page["results"]] == [903, 902], "the newest first"
    assert page["results"][0] == {
        "id": 903,
        "scanner": "yara",
        "label": "bad",
        "results": {"any": ["thing"]},
        "created": "2020-01-02T03:04:05Z",
        "model_version": "1.1",
    }
    rows = {
        "?scanner=yara": [903, 902, 901],
        "?label=bad&scanner=yara": [903],
        "?label=good&scanner=yara": [901],
        "?label=&scanner=mad": [904],
        "?label=good&scanner=wat": [],
    }
    for query, ids in rows.items():
        assert [one["id"] for one in ask(api, query).json["results"]] == ids, query
    for query, name in (
        ("?label=ugly", "label"),
        ("?scanner=me", "scanner"),
        ("?label=x&scanner=y", "label"),
    ):
        answer = ask(api, query)
        assert (answer.status, answer.json) == (400, {"detail": f"invalid value for {name}"})


def test_a_service_sends_what_it_finds(api: Api, sending: Any) -> None:
    sent = sending("POST", CUSTOMS, PATH, {"version_id": 10, "results": RESULTS})
    assert (sent.status, list(sent.json)) == (201, ["id"])
    [found] = ask(api, "?scanner=customs").json["results"]
    assert (found["id"], found["results"], found["label"]) == (sent.json["id"], RESULTS, None)
    answer = sending("PATCH", CUSTOMS, f"{PATH}{sent.json['id']}/", {"results": RESULTS})
    assert (answer.status, answer.json) == (409, {"detail": "Scanner result has already been updated"})

    begun = sending("POST", SERVICE, PATH, {"version_id": 10, "results": {}}).json["id"]
    own = f"{PATH}{begun}/"
    for path in (own, f"{PATH}999999/"):
        assert sending("PATCH", CUSTOMS, path, {"results": RESULTS}).json == NOT_FOUND, "another's"
    assert sending("PATCH", SERVICE, own, {"results": {}}).status == 400
    done = sending("PATCH", SERVICE, own, {"results": RESULTS})
    assert (done.status, done.body) == (204, b"")
    assert sending("PATCH", SERVICE, own, {"results": RESULTS}).status == 409
    assert ask(api, "?scanner=webhook").json["results"][0]["results"] == RESULTS


def test_faults(sending: Any) -> None:
    required = ["This field is required."]
    rows: list[tuple[Any, Any]] = [
        ({}, {"version_id": required, "results": required}),
        ({"version_id": 999_999, "results": {}}, {"version_id": ["Version not found."]}),
        ({"version_id": "x", "results": {}}, {"version_id": ["A valid integer is required."]}),
        ({"version_id": 10, "results": []}, None),
        ({"version_id": 10, "results": None}, {"results": ["This field may not be null."]}),
        ({"version_id": 10, "results": {}, "label": "bad"}, {"label": ["Unexpected field."]}),
        ({"version_id": 10, "results": {"a": 1}}, {"results": ["'version' is a required property"]}),
        (
            {"version_id": 10, "results": {"version": "1"}},
            {"results": ["'matchedRules' is a required property"]},
        ),
        (
            {"version_id": 10, "results": RESULTS | {"version": 1}},
            {"results": ["1 is not of type 'string'"]},
        ),
        ({"version_id": 10, "results": RESULTS | {"matchedRules": "eval"}}, None),
        ({"version_id": 10, "results": RESULTS | {"matchedRules": [1]}}, None),
        ({"version_id": 10, "results": RESULTS | {"matchedRules": ["r"] * 501}}, None),
        (
            {"version_id": 10, "results": RESULTS | {"matchedRules": []}},
            {"results": ["Annotation keys not in matchedRules: ['eval']"]},
        ),
        ({"version_id": 10, "results": RESULTS | {"annotations": {"eval": {}}}}, None),
        (
            {"version_id": 10, "results": RESULTS | {"annotations": 5}},
            {"results": ["5 is not of type 'object'"]},
        ),
        ({"version_id": 10, "results": RESULTS | {"a\0b": 1}}, None),
    ]
    for body, faults in rows:
        answer = sending("POST", CUSTOMS, PATH, body)
        assert answer.status == 400, body
        assert faults in (None, answer.json), body


def test_people_label_them(desk: Reviewing, sending: Any) -> None:
    def labels() -> list[Any]:
        return [one["label"] for one in ask(desk.api, "?scanner=customs&page_size=2").json["results"]]

    for _ in range(2):
        sending("POST", CUSTOMS, PATH, {"version_id": 530, "results": RESULTS})
    assert labels() == [None, None]
    assert decide(desk.api, 53, 530, REVIEWER).status == 201
    assert labels() == ["good", "good"]
    sending("POST", CUSTOMS, PATH, {"version_id": 530, "results": RESULTS})
    assert labels() == ["good", "good"], "of a version that was decided about"
    desk.shell("block", "add", "addon53@example.org", "--reason", "It steals.")
    assert labels() == ["bad", "bad"]
    while desk.api.get("/api/v5/blocklist/block/addon53@example.org/").status != 200:
        time.sleep(0.02)  # until the server knows
    sending("POST", CUSTOMS, PATH, {"version_id": 530, "results": RESULTS})
    assert labels() == ["bad", "bad"]
