"""Read-only mode: who switches it, what it refuses, how it gets about (contract/requests.md 13).

Rules: contract/versions.md 15.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from conf.locales import SUPPORTED
from conf.messages import text
from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.factories import make_addon, make_user
from tests.handlers.loaded_server import environment
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, SECRET, Api, lines, signed
from tests.program import Program
from tests.shell_commands import Shell

OPERATOR = make_user(_id=1, username="op", permissions=["Site:Edit"])
ADMIN = make_user(_id=2, username="admin", permissions=["*:*"])
ANN = make_user(_id=7, permissions=["Addons:Edit"])
DOCUMENTS = [*lines("user", OPERATOR, ADMIN, ANN), *lines("addon", make_addon())]
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
OFF = {"read_only": False, "notice": None}
ENGLISH = (
    "Some features are temporarily disabled while we perform website maintenance. "
    "We'll be back to full capacity shortly."
)


@pytest.fixture(scope="module")
def open_api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with signed(tmp_path_factory.mktemp("maintenance"), DOCUMENTS, mongod) as started:
        yield started


@pytest.fixture
def api(open_api: Api) -> Iterator[Api]:
    yield open_api
    assert open_api.ask("PATCH", "v5", "site/", OPERATOR, OFF).json == OFF


@pytest.fixture
def closed(api: Api) -> Api:
    assert api.ask("PATCH", "v5", "site/", OPERATOR, {"read_only": True}).status == 200
    return api


class TestSwitch:
    @pytest.mark.parametrize("version", ["v4", "v5"])
    @pytest.mark.parametrize(
        ("body", "state"),
        [
            pytest.param({"read_only": True}, {"read_only": True, "notice": None}, id="read-only"),
            pytest.param({"notice": "Soon."}, {"read_only": False, "notice": "Soon."}, id="notice"),
            pytest.param({"notice": ""}, OFF, id="blank-notice-is-none"),
            pytest.param({}, OFF, id="neither-changes-nothing"),
            pytest.param({"other": 1}, OFF, id="unknown-keys-are-ignored"),
            pytest.param(
                {"read_only": True, "notice": "Back at noon."},
                {"read_only": True, "notice": "Back at noon."},
                id="both",
            ),
        ],
    )
    def test_either_key_answers_the_new_state(self, api: Api, version: str, body: Any, state: Any) -> None:
        answer = api.ask("PATCH", version, "site/", OPERATOR, body)
        assert (answer.status, answer.json) == (200, state)
        assert api.ask("GET", version, "site/").json == state
        assert answer.headers["Cache-Control"] == "s-maxage=0"

    def test_the_key_not_given_stays(self, api: Api) -> None:
        api.ask("PATCH", "v5", "site/", OPERATOR, {"notice": "Soon."})
        answer = api.ask("PATCH", "v5", "site/", OPERATOR, {"read_only": True})
        assert answer.json == {"read_only": True, "notice": "Soon."}

    @pytest.mark.parametrize(
        ("user", "status", "body"),
        [(None, 401, NOT_AUTHENTICATED), (ANN, 403, FORBIDDEN), (OPERATOR, 200, OFF), (ADMIN, 200, OFF)],
        ids=["anonymous", "without-permission", "Site:Edit", "admin"],
    )
    @pytest.mark.parametrize("sent", [OFF, {"read_only": "x"}], ids=["good-body", "bad-body"])
    def test_who_may(self, api: Api, user: Any, status: int, body: Any, sent: Any) -> None:
        answer = api.ask("PATCH", "v5", "site/", user, sent)
        if status == 200 and sent is not OFF:
            assert answer.status == 400
        else:
            assert (answer.status, answer.json) == (status, body)

    @pytest.mark.parametrize(
        ("body", "faults"),
        [
            ({"read_only": None}, {"read_only": ["This field may not be null."]}),
            ({"read_only": "yes"}, {"read_only": ["Must be a valid boolean."]}),
            ({"read_only": 2}, {"read_only": ["Must be a valid boolean."]}),
            ({"notice": True}, {"notice": ["Not a valid string."]}),
            ({"notice": "x" * 1001}, {"notice": ["Ensure this field has no more than 1000 characters."]}),
            (
                {"read_only": [], "notice": []},
                {"read_only": ["Must be a valid boolean."], "notice": ["Not a valid string."]},
            ),
            ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        ],
    )
    def test_faults(self, api: Api, body: Any, faults: Any) -> None:
        answer = api.ask("PATCH", "v5", "site/", OPERATOR, body)
        assert (answer.status, answer.json) == (400, faults)
        assert api.ask("GET", "v5", "site/").json == OFF

    def test_v3_has_none(self, api: Api) -> None:
        assert api.ask("PATCH", "v3", "site/", OPERATOR, {"read_only": True}).status == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_other_verbs_are_405(self, api: Api, method: str) -> None:
        answer = api.ask(method, "v5", "site/", OPERATOR)
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PATCH"

    def test_reading_it_looks_at_no_credential(self, api: Api) -> None:
        answer = api.ask("GET", "v5", "site/", **{"Authorization": "Bearer broken"})
        assert (answer.status, answer.json) == (200, OFF)
        assert api.ask("PATCH", "v5", "site/", **{"Authorization": "Bearer broken"}).status == 401


class TestReadOnly:
    @pytest.mark.parametrize("method", UNSAFE)
    @pytest.mark.parametrize(
        "path",
        [
            "/api/v5/addons/addon/",
            "/api/v5/addons/addon/tab-tree/",
            "/api/v4/addons/addon/no-such/versions/",
            "/api/v3/reviews/review/1/flag/",
            "/api/v4/ratings/rating/",
            "/api/v3/abuse/report/addon/",
            "/api/v3/reviewers/addon/1/flags/",
            "/api/v4/scanner/results/",
            "/api/v5/addons/search/",  # where the verb is not known: before 405
            "/api/v5/accounts/session/",
            "/api/v4/accounts/unsubscribe/",
            "/api/auth/fxa-notification",
            "/api/v5/accounts/account/7/",
            "/api/v5/never/existed/",  # before 404
            "/api/v5/addons/search",  # before the redirect
            "/api/v9/anything/",
            "/api/v5/addons/search/?format=xml",
        ],
    )
    def test_every_write_is_503(self, closed: Api, method: str, path: str) -> None:
        for headers in ({}, {"Authorization": "Bearer broken"}, {"Accept": "text/html"}):
            answer = closed.request(method, path, headers=headers, body=b"{not json")
            assert (answer.status, answer.json) == (503, {"error": ENGLISH})
            assert answer.headers["Content-Type"] == "application/json"
            assert "Retry-After" not in answer.headers

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_of_the_site_itself_only_patch_passes(self, closed: Api, method: str) -> None:
        assert closed.ask(method, "v5", "site/", OPERATOR, OFF).status == 503
        assert closed.ask("PATCH", "v3", "site/", OPERATOR, OFF).status == 503

    @pytest.mark.parametrize(("user", "status"), [(None, 401), (ANN, 403)])
    def test_the_site_write_asks_for_permission_as_ever(self, closed: Api, user: Any, status: int) -> None:
        assert closed.ask("PATCH", "v5", "site/", user, OFF).status == status
        assert closed.ask("GET", "v5", "site/").json["read_only"] is True

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    @pytest.mark.parametrize("path", ["addons/search/", "addons/addon/tab-tree/", "site/"])
    def test_reads_go_on(self, closed: Api, method: str, path: str) -> None:
        assert closed.ask(method, "v5", path).status == 200
        assert closed.ask(method, "v5", path, ANN).status == 200

    def test_a_broken_form_is_503_too(self, closed: Api) -> None:
        sent = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = closed.request("POST", "/api/v5/addons/addon/", headers=sent, body=b"nonsense")
        assert (answer.status, answer.json) == (503, {"error": ENGLISH})

    @pytest.mark.parametrize("locale", SUPPORTED)
    def test_the_text_follows_the_request(self, closed: Api, locale: str) -> None:
        wanted = {"error": text("read_only", locale)}
        assert closed.request("POST", f"/api/v5/nothing/?lang={locale}").json == wanted
        by_header = closed.request("DELETE", "/api/v5/nothing/", headers={"Accept-Language": locale})
        assert by_header.json == wanted

    def test_at_least_twelve_languages_have_it(self) -> None:
        assert len({text("read_only", locale) for locale in SUPPORTED}) > 12

    def test_a_language_without_it_gets_english(self, closed: Api) -> None:
        assert closed.request("POST", "/api/v5/nothing/?lang=xx").json == {"error": ENGLISH}

    def test_writes_come_back_with_the_end(self, closed: Api) -> None:
        assert closed.ask("PATCH", "v5", "site/", OPERATOR, {"read_only": False}).json == OFF
        assert closed.request("POST", "/api/v5/addons/search/").status == 405


def _run(*words: str, env: dict[str, str], status: int = 0) -> str:
    """What the command prints, on the database of the environment."""
    shell = Shell(env=env)
    shell("readonly", *words, status=status)
    return shell.output


def _environment(mongod: OwnMongod, database: str) -> dict[str, str]:
    return {
        "AMOEBA_MONGODB_URI": mongod.uri,
        "AMOEBA_MONGODB_DATABASE": database,
        "AMOEBA_SECRET_KEY": SECRET,
    }


def _await_state(client: Client, wanted: Any, within: float = 1.0) -> None:
    deadline = time.monotonic() + within
    while client.get("/api/v5/site/").json != wanted:
        assert time.monotonic() < deadline, f"still {client.get('/api/v5/site/').json}"
        time.sleep(0.01)


class TestCommand:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["status"], "read-only: off\nnotice: none\n"),
            (["on", "--notice", "Back at noon."], "read-only: on\nnotice: Back at noon.\n"),
            (["status"], "read-only: on\nnotice: Back at noon.\n"),
            (["on"], "read-only: on\nnotice: Back at noon.\n"),
            (["on", "--notice", ""], "read-only: on\nnotice: none\n"),
            (["off", "--notice", "Done."], "read-only: off\nnotice: Done.\n"),
            (["off"], "read-only: off\nnotice: none\n"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_says_and_does(self, mongod: OwnMongod, words: list[str], said: str) -> None:
        """In order: each begins with what the one before it has stored."""
        assert _run(*words, env=_environment(mongod, "readonly")) == said

    @pytest.mark.parametrize("words", [[], ["maybe"], ["on", "off"]])
    def test_other_words_are_status_2(self, mongod: OwnMongod, words: list[str]) -> None:
        _run(*words, env=_environment(mongod, "readonly"), status=2)

    def test_status_takes_no_notice(self, mongod: OwnMongod) -> None:
        _run("status", "--notice", "x", env=_environment(mongod, "readonly"), status=2)

    @pytest.mark.timed
    def test_a_running_server_follows_and_a_restart_remembers(
        self, mongod: OwnMongod, tmp_path: Path
    ) -> None:
        env = environment(tmp_path, mongod) | {"AMOEBA_SECRET_KEY": SECRET}
        with signed(tmp_path, DOCUMENTS, mongod) as api:
            _run("on", "--notice", "Soon.", env=env)
            _await_state(api, {"read_only": True, "notice": "Soon."})
            assert api.request("POST", "/api/v5/nothing/").status == 503
        words = ("serve", "--port", "0", "--data-dir", str(tmp_path / "data"))
        with Program(*words, output=tmp_path / "again", env=env) as program:
            client = Client(program.url)
            assert client.get("/api/v5/site/").json == {"read_only": True, "notice": "Soon."}
            assert client.request("POST", "/api/v5/nothing/").status == 503
            _run("off", env=env)
            _await_state(client, OFF)
            client.close()


@pytest.mark.timed
def test_every_process_on_one_mongodb_follows_within_a_second(mongod: OwnMongod, tmp_path: Path) -> None:
    env = _environment(mongod, "maintenance")
    records = tmp_path / "records.jsonl"
    records.write_text("".join(json.dumps(line) + "\n" for line in DOCUMENTS))
    with Program("load", str(records), output=tmp_path / "load", env=env) as loading:
        assert loading.wait() == 0, loading.stderr
    words = ("serve", "--port", "0", "--data-dir", str(tmp_path / "data"))
    with ExitStack() as stack:
        servers = [
            stack.enter_context(Program(*words, output=tmp_path / name, env=env)) for name in ("one", "two")
        ]
        first, second = (Api(server.url) for server in servers)
        on = {"read_only": True, "notice": "Soon."}
        assert first.ask("PATCH", "v5", "site/", OPERATOR, on).json == on
        _await_state(second, on)
        assert [api.request("POST", "/api/v4/nothing/").status for api in (first, second)] == [503, 503]
        assert second.ask("PATCH", "v4", "site/", OPERATOR, OFF).json == OFF
        _await_state(first, OFF)
        _run("on", env=env)
        for api in (first, second):
            _await_state(api, {"read_only": True, "notice": None})
            api.close()
        assert [server.loud_records() for server in servers] == [[], []]
