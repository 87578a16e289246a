"""Inbound mail over HTTP: every answer in its order, and what accepted mail becomes (contract/activity.md
3).

Rules: contract/activity.md 3.1 and 3.2; contract/versions.md 19.
"""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer, Client
from tests.handlers.activity import reviewed_addons
from tests.handlers.activity.reviewed_addons import LISTED, MAIN, notes_path
from tests.handlers.addons.visibility import SECRET, USERS, authorization
from tests.handlers.loaded_server import environment, load, serving
from tests.program import Program
from tests.shell_commands import Shell
from tests.sweep import sweep

API = ("v3", "v4", "v5")
KEYS = {
    "AMOEBA_SECRET_KEY": SECRET,
    "AMOEBA_INBOUND_EMAIL_SECRET_KEY": "sesame, open now",
    "AMOEBA_INBOUND_EMAIL_VALIDATION_KEY": "validation key",
    "AMOEBA_INBOUND_EMAIL_DOMAIN": "example.org",
    "AMOEBA_MAIL_INTERVAL": "0.1",
}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
TOKENS = {letter: f"{index:032x}" for index, letter in enumerate("alsh", 1)}


def tokens() -> list[dict[str, Any]]:
    return [
        {
            "kind": "reply_token",
            "_id": token,
            "place": f"{LISTED}:{USERS[letter]['_id']}",
            "addon_id": MAIN,
            "version_id": LISTED,
            "user_id": USERS[letter]["_id"],
            "uses": 0,
            "date": "2026-01-01T00:00:00Z",
        }
        for letter, token in TOKENS.items()
    ]


@pytest.fixture(scope="module")
def program(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    documents = [*reviewed_addons.world(), *tokens()]
    settings = KEYS | {
        "AMOEBA_ALLOWED_CLIENTS_EMAIL_API": "127.0.0.1,10.0.0.0/8",
        "AMOEBA_INBOUND_MAX_BYTES": "5000",
    }
    settings |= {"AMOEBA_TRUSTED_PROXIES": "127.0.0.0/8"}
    with serving(tmp_path_factory.mktemp("mail"), documents, mongod, **settings) as program:
        yield program


@pytest.fixture
def world(program: Program) -> Iterator[Client]:
    client = Client(program.url)
    yield client
    client.close()


def mail(text: str = "Hello.", *, token: str = TOKENS["a"], id: str = "<1@example.org>", **more: Any) -> Any:
    to = [{"EmailAddress": f"reviewreply+{token}@example.org"}]
    return {
        "SecretKey": "sesame, open now",
        "Message": {"TextBody": text, "To": to, "MessageId": id, **more},
    }


def post(client: Client, body: Any, version: str = "v5", slash: str = "", **headers: str) -> Answer:
    return client.post(f"/api/{version}/activity/mail{slash}", json_body=body, headers=headers)


def soon(true: Callable[[], bool], patience: float = 15.0) -> bool:
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def texts(client: Client, role: str = "a") -> list[str]:
    answer = client.get(notes_path("v5", MAIN, LISTED) + "?page_size=50", headers=authorization(role))
    return [row["comments"] for row in answer.json["results"]]


class TestAnswers:
    @pytest.mark.parametrize("slash", ["", "/"])
    @sweep("version", API)
    def test_validation(self, world: Client, version: str, slash: str) -> None:
        answer = post(world, {"SecretKey": "sesame, open now", "Type": "Validation"}, version, slash)
        assert (answer.status, answer.body) == (200, b'"validation key"')

    def test_validation_as_a_form(self, world: Client) -> None:
        answer = world.post(
            "/api/v4/activity/mail",
            body="SecretKey=sesame%2C+open+now&Type=Validation",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert (answer.status, answer.json) == (200, "validation key")

    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize("slash", ["", "/"])
    def test_other_methods(self, world: Client, method: str, slash: str) -> None:
        answer = world.request(
            method, f"/api/v5/activity/mail{slash}", headers={"X-Forwarded-For": "192.0.2.1"}
        )
        assert (answer.status, answer.headers["Allow"]) == (405, "OPTIONS, POST")

    @pytest.mark.parametrize(
        ("forwarded", "status"),
        [
            pytest.param(None, 400, id="exact address"),
            pytest.param("10.2.3.4", 400, id="network, behind a trusted proxy"),
            pytest.param("192.0.2.1", 403, id="another"),
            pytest.param("10.2.3.4, 192.0.2.1", 403, id="what a client claims before it"),
        ],
    )
    def test_clients(self, world: Client, forwarded: str | None, status: int) -> None:
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        answer = post(world, {"SecretKey": "sesame, open now"}, **headers)
        assert answer.status == status
        if status == 403:
            assert answer.json == FORBIDDEN

    @pytest.mark.parametrize(
        ("body", "headers", "status", "text"),
        [
            pytest.param(
                b"x" * 5001,
                {"X-Forwarded-For": "192.0.2.1"},
                403,
                FORBIDDEN["detail"],
                id="client before size",
            ),
            pytest.param(b"x" * 5001, {}, 413, "Request content length exceeds 5000.", id="size before form"),
            pytest.param(b"{", {}, 400, "JSON parse error - ", id="form before secret"),
            pytest.param(b"{}", {}, 403, FORBIDDEN["detail"], id="no secret"),
            pytest.param(b"[]", {}, 403, FORBIDDEN["detail"], id="no object"),
            pytest.param(b"", {}, 403, FORBIDDEN["detail"], id="nothing"),
            pytest.param(
                b'{"SecretKey":"other","Type":"Validation"}', {}, 403, FORBIDDEN["detail"], id="wrong secret"
            ),
            pytest.param(b'{"SecretKey":1}', {}, 403, FORBIDDEN["detail"], id="secret of another type"),
            pytest.param(
                b'{"SecretKey":"sesame, open now "}', {}, 403, FORBIDDEN["detail"], id="secret and a blank"
            ),
            *(
                pytest.param(
                    b'{"SecretKey":"sesame, open now"%b}' % message,
                    {},
                    400,
                    "Message not present in the POST data.",
                    id=f"message{message.decode() or ' missing'}",
                )
                for message in (b"", b',"Message":null', b',"Message":{}', b',"Message":""')
            ),
        ],
    )
    def test_in_order(
        self, world: Client, body: bytes, headers: dict[str, str], status: int, text: str
    ) -> None:
        sent = {"Content-Type": "application/json", **headers}
        answer = world.post("/api/v5/activity/mail", body=body, headers=sent)
        assert answer.status == status
        assert answer.json["detail"].startswith(text)

    def test_a_credential_changes_nothing(self, world: Client) -> None:
        assert post(world, {"SecretKey": "x"}, Authorization="Bearer nonsense").status == 403

    @pytest.mark.parametrize("message", ["text", [1], {"TextBody": 1}, {"To": "x", "CustomHeaders": 3}])
    def test_whatever_is_wrong_inside_is_accepted(self, world: Client, message: Any) -> None:
        answer = post(world, {"SecretKey": "sesame, open now", "Message": message})
        assert (answer.status, answer.body) == (201, b'"validation key"')


class TestTaken:
    @sweep("version", API)
    def test_becomes_a_note(self, world: Client, version: str) -> None:
        text = f"Fixed for {version}.\n\nOn Mon, 1 Jan 2024 at 10:00, AMO <a@example.org> wrote:\n> Please.\n"
        assert post(world, mail(text, id=f"<{version}@b>"), version).status == 201
        assert soon(lambda: f"Fixed for {version}." in texts(world))
        row = world.get(notes_path(version, MAIN, LISTED), headers=authorization("a")).json["results"][0]
        assert (row["action"], row["user"]["name"]) == ("developer-reply", "Real a")

    def test_of_a_reviewer(self, world: Client) -> None:
        post(world, mail("A question.", token=TOKENS["l"], id="<l@b>"))
        assert soon(lambda: "A question." in texts(world))

    def test_once_for_each_message_id(self, world: Client) -> None:
        for text in ("first", "second"):
            assert post(world, mail(text, id="<same@b>")).status == 201
        assert post(world, mail("last of them", id="<after@b>")).status == 201
        assert soon(lambda: "last of them" in texts(world))
        comments = texts(world)
        assert ("first" in comments) + ("second" in comments) == 1

    def test_to_at_the_top(self, world: Client) -> None:
        sent = mail("To at the top.", id="<top@b>")
        sent["To"] = sent["Message"].pop("To")
        post(world, sent)
        assert soon(lambda: "To at the top." in texts(world))


def test_read_only_comes_first_and_nothing_is_taken(mongod: OwnMongod, tmp_path: Path) -> None:
    state = {"kind": "site", "_id": "state", "read_only": True, "notice": None}
    with serving(tmp_path, [*reviewed_addons.world(), *tokens(), state], mongod, **KEYS) as program:
        client = Client(program.url)
        answer = client.post("/api/v5/activity/mail", body=b"{", headers={"Content-Type": "text/plain"})
        assert (answer.status, list(answer.json)) == (503, ["error"])
        assert post(client, mail()).status == 503
        client.close()


def test_without_a_secret_all_is_refused(mongod: OwnMongod, tmp_path: Path) -> None:
    with serving(tmp_path, reviewed_addons.world(), mongod, AMOEBA_SECRET_KEY=SECRET) as program:
        client = Client(program.url)
        assert post(client, {"SecretKey": ""}).status == 403
        assert post(client, {"SecretKey": None}).status == 403
        client.close()


def test_killed_between_the_answer_and_the_note(mongod: OwnMongod, tmp_path: Path) -> None:
    """A mail answered 201 becomes exactly one note, even if processes die meanwhile."""
    load(tmp_path, [*reviewed_addons.world(), *tokens()], mongod)
    env = KEYS | environment(tmp_path, mongod)
    words = ("serve", "--port", "0", "--data-dir", str(tmp_path / "data"))
    slow = env | {"AMOEBA_MAIL_INTERVAL": "3600"}
    with Program(*words, output=tmp_path / "first", env=slow) as program:
        client = Client(program.url)
        for number in range(3):
            assert post(client, mail(f"kept {number}", id=f"<kept{number}@b>")).status == 201
        program.kill()
        client.close()
    with Program(*words, output=tmp_path / "second", env=env) as program:
        client = Client(program.url)
        assert soon(lambda: sum(text.startswith("kept") for text in texts(client)) == 3)
        # The mail service did not hear of the first answer and sends again.
        assert post(client, mail("kept 1", id="<kept1@b>")).status == 201
        shell = Shell(env=env)
        assert soon(lambda: "inbox: 0 pending, 0 parked, 1 discarded" in shell("mail", "status"))
        assert "discarded 1: seen before" in shell.output
        assert "became notes: 3" in shell.output
        assert sorted(text for text in texts(client) if text.startswith("kept")) == [
            "kept 0",
            "kept 1",
            "kept 2",
        ]
        client.close()


def test_the_example_of_the_readme(mongod: OwnMongod, tmp_path: Path) -> None:
    """The address that run.py mail token prints takes a mail posted as curl does."""
    with serving(tmp_path, reviewed_addons.world(), mongod, **KEYS) as program:
        shell = Shell(env=KEYS | environment(tmp_path, mongod))
        address = shell("mail", "token", str(MAIN), str(LISTED), str(USERS["a"]["_id"]))
        assert address.startswith("reviewreply+") and address.endswith("@example.org")
        message = {
            "MessageId": "<1@example.org>",
            "To": [{"EmailAddress": address}],
            "TextBody": "From curl.",
        }
        client = Client(program.url)
        body = json.dumps({"SecretKey": "sesame, open now", "Message": message})
        answer = client.post("/api/v5/activity/mail", body=body, headers={"Content-Type": "application/json"})
        assert answer.status == 201
        assert soon(lambda: "From curl." in texts(client))
        client.close()
