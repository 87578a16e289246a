"""run.py user, token, apikey: beside a running server, which knows at once, and without one."""

import json
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import jwt
import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer, Client
from tests.factories import make_addon
from tests.handlers.loaded_server import environment, load, serving
from tests.program import Program
from tests.shell_commands import Shell

ADDON = make_addon(status="nominated", authors=[])
PATIENCE = 1.0  # seconds until every process knows of an end


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("commands")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serving(folder, [{"kind": "addon", **ADDON}]) as program:
        yield program.url


@pytest.fixture
def shell(folder: Path) -> Shell:
    return Shell(folder / "data")


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    client = Client(url)
    yield client
    client.close()


def get(client: Client, header: str) -> Answer:
    return client.get("/api/v5/addons/addon/1/", headers={"Authorization": header})


def eventually(ask: Callable[[], int], status: int) -> None:
    """Within the promised second."""
    deadline = time.monotonic() + PATIENCE
    while (found := ask()) != status and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found == status


def signed(printed: str, **claims: Any) -> str:
    key = json.loads(printed)
    now = int(time.time())
    said = {"iss": key["key"], "iat": now, "exp": now + 60, **claims}
    return "JWT " + jwt.encode(said, key["secret"], algorithm="HS256")


@pytest.mark.timed
def test_life_of_an_account_beside_a_running_server(shell: Shell, client: Client) -> None:
    id = shell("user", "add", "ann", "--email", "ann@example.org", "--permission", "Addons:ContentReview")
    headers = [
        "Bearer " + shell("token", "ann"),
        "Session " + shell("token", "ann@example.org", "--session"),
        signed(shell("apikey", id, "--json")),
    ]
    for header in headers:
        assert get(client, header).status == 200
    assert shell("user", "revoke", "ann", "Addons:ContentReview", "Users:Edit") == "ann holds no permission"
    for header in headers:
        eventually(lambda header=header: get(client, header).status, 403)  # type: ignore[misc]
    assert shell("user", "grant", "ann", "Addons:Review", "API:*") == "ann holds API:*, Addons:Review"
    eventually(lambda: get(client, headers[0]).status, 200)
    shell("user", "ban", "ann")
    for header in headers:
        eventually(lambda header=header: get(client, header).status, 401)  # type: ignore[misc]
    assert get(client, headers[2]).json == {"detail": "User account is disabled."}
    assert shell("token", "ann", status=1) == ""
    assert "banned" in shell.error
    shell("user", "unban", "ann")
    eventually(lambda: get(client, headers[2]).status, 200)
    assert get(client, headers[0]).status == 401, "tokens stay ended"
    fresh = "Bearer " + shell("token", id)
    assert get(client, fresh).status == 200
    shell("user", "sign-out", "ann")
    eventually(lambda: get(client, fresh).status, 401)


@pytest.mark.timed
def test_new_key_ends_the_one_before(shell: Shell, client: Client) -> None:
    shell("user", "add", "keys", "--permission", "*:*")
    first = signed(shell("apikey", "keys", "--json"))
    second = signed(shell("apikey", "keys", "--json"))
    assert get(client, second).status == 200
    assert get(client, first).json == {"detail": "Unknown JWT iss (issuer)."}
    shown = json.loads(shell("user", "show", "keys"))
    assert [key.rpartition(":")[2] for key in shown["api_keys"]] == ["2"]
    assert "auth_id" not in shown
    shell("apikey", "keys", "--revoke")
    eventually(lambda: get(client, second).status, 401)


@pytest.mark.timed
def test_rotation_keeps_tokens_and_keys_until_the_old_secret_is_forgotten(
    shell: Shell, client: Client, folder: Path
) -> None:
    shell("user", "add", "rot", "--permission", "*:*")
    token, key = "Bearer " + shell("token", "rot"), shell("apikey", "rot", "--json")
    assert get(client, token).status == get(client, signed(key)).status == 200
    shell("token", "--rotate")
    newer = "Bearer " + shell("token", "rot")
    eventually(lambda: get(client, newer).status, 200)
    assert get(client, token).status == get(client, signed(key)).status == 200
    session = "Session " + shell("token", "rot", "--session")
    assert get(client, session).status == 200
    shell("token", "--rotate", "--forget")
    for ended in (token, newer, session):
        eventually(lambda ended=ended: get(client, ended).status, 401)  # type: ignore[misc]
    assert get(client, token).json["code"] == "ERROR_DECODING_SIGNATURE"
    assert get(client, "Bearer " + shell("token", "rot")).status == get(client, signed(key)).status == 200
    file = folder / "data" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text().split()) == 1


def test_lost_secret_ends_nothing_while_the_server_runs(tmp_path: Path) -> None:
    """Anybody could end everybody's tokens by sending a bad one, once the file is gone."""
    shell, file = Shell(tmp_path / "data"), tmp_path / "data" / "secret_key"
    words = ("serve", "--port", "0", "--data-dir", str(tmp_path / "data"))
    with Program(*words, output=tmp_path) as program, closing(Client(program.url)) as client:
        load(tmp_path, [{"kind": "addon", **ADDON}])
        shell("user", "add", "ann", "--permission", "*:*")
        token = "Bearer " + shell("token", "ann")
        kept = file.rename(tmp_path / "kept")
        for _ in range(3):
            assert get(client, "Bearer forged:a:b").status == 401
            assert get(client, token).status == 200
            time.sleep(0.6)  # a process looks once a second
        for again in ("ann", "--rotate", "--rotate --forget"):
            shell("token", *again.split(), status=2)
            assert "secret_key is missing" in shell.error
        assert not file.exists()
        kept.rename(file)
        assert get(client, "Bearer " + shell("token", "ann")).status == 200
        [said] = program.loud_records()
        assert "continues with the secrets in its memory" in said


@pytest.mark.parametrize(
    ("secrets", "flag", "status", "said"),
    [
        ("the-first-of-the-secrets", "", 1, "nothing is rotated"),
        ("the-first-of-the-secrets", "--forget", 1, "nothing is rotated"),
        ("the-second-of-the-secrets,the-first-of-the-secrets", "", 0, "nothing is forgotten yet"),
        ("the-second-of-the-secrets,the-first-of-the-secrets", "--forget", 1, "nothing is forgotten yet"),
    ],
)
def test_where_the_secret_is_a_setting_the_command_says_what_is_left_to_do(
    tmp_path: Path, mongod: OwnMongod, secrets: str, flag: str, status: int, said: str
) -> None:
    shell = Shell(env=environment(tmp_path, mongod) | {"AMOEBA_SECRET_KEY": secrets})
    shell("token", "--rotate", *flag.split(), status=status)
    assert said in shell.error
    assert "restart every server" in shell.error.replace("\n", " ")
    assert "-of-the-secrets" not in shell.error + shell.output


@pytest.mark.timed
def test_key_waits_for_the_developer_agreement(shell: Shell, client: Client) -> None:
    shell("user", "add", "late", "--no-agreement")
    printed = shell("apikey", "late", "--json")
    assert "run.py user agree" in shell.error
    assert get(client, signed(printed)).json == {"detail": "User has not read developer agreement."}
    shell("user", "agree", "late")
    eventually(lambda: get(client, signed(printed)).status, 403)


def test_accounts_are_listed_readdressed_and_deleted(shell: Shell, client: Client, folder: Path) -> None:
    id = shell("user", "add", "temp", "--email", "a@example.org", "--permission", "Site:Edit")
    assert f"{id}  temp  a@example.org  Site:Edit" in shell("user", "list").splitlines()
    assert shell("user", "email", "temp", "b@example.org") == "temp has b@example.org"
    assert shell("user", "list", "--permission", "Site:Edit") == f"{id}  temp  b@example.org  Site:Edit"
    [line] = shell("user", "list", "--permission", "Site:Edit", "--json").splitlines()
    assert (json.loads(line)["username"], "auth_id" in json.loads(line)) == ("temp", False)
    own = make_addon(_id=2, guid="2@example.org", slug="two", status="nominated")
    own["authors"] = [{"user_id": int(id), "role": "owner", "listed": True, "position": 0}]
    load(folder, [{"kind": "addon", **own}])
    token = "Bearer " + shell("token", "temp")
    eventually(lambda: client.get("/api/v5/addons/addon/2/", headers={"Authorization": token}).status, 200)
    assert shell("user", "delete", "temp", "--yes") == "temp is deleted"
    eventually(lambda: get(client, token).status, 401)
    assert json.loads(shell("addon", "show", "2"))["status"] == "deleted"
    shell("user", "email", id, "c@example.org", status=1)
    assert f"{id}  deleted-{id}  -  deleted" in shell("user", "list").splitlines()
    shell("user", "delete", id, "--yes", status=1)
    assert [json.loads(line)["kind"] for line in shell("log", "--limit", "2", "--json").splitlines()] == [
        "addon-deleted",
        "account-deleted",
    ]


def test_login_of_a_key_is_stored(shell: Shell, client: Client) -> None:
    shell("user", "add", "logs", "--permission", "*:*")
    header = signed(shell("apikey", "logs", "--json"))
    assert get(client, header).status == 200
    deadline = time.monotonic() + 15
    while json.loads(shell("user", "show", "logs"))["last_login"] is None:
        assert time.monotonic() < deadline


WRONG = [
    ("user add ann2 --permission nonsense", "is not a permission"),
    ("user add 123", "is not a username"),
    ("user add taken", "another account has this username"),
    ("user show nobody", "there is no user nobody"),
    ("user grant taken Addons", "is not a permission"),
    ("user grant taken Addons:Reveiw", "'Addons:Reveiw' is not a permission: did you mean Addons:Review?"),
    ("user grant taken Nonsense:*", "is not a permission"),
    ("user revoke taken addons:edit", "is not a permission: did you mean Addons:Edit?"),
    ("user email taken nonsense", "'nonsense' must be an email address"),
    ("user add ann3 --email nonsense", "'nonsense' must be an email address"),
    ("user delete nobody --yes", "there is no user nobody"),
    ("token nobody", "there is no user nobody"),
    ("apikey 999999", "there is no user 999999"),
]


def test_what_cannot_be_is_said(shell: Shell, url: str) -> None:
    shell("user", "add", "taken")
    for words, reason in WRONG:
        shell(*words.split(), status=1)
        assert reason in shell.error
    for words in (
        "token",
        "token ann --rotate",
        "token ann --forget",
        "user delete taken",
        "user add x --id -1",
    ):
        shell(*words.split(), status=2)


def test_without_a_server(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert shell("user", "add", "ann", "--id", "70") == "70"
    key, secret = shell("apikey", "ann").splitlines()
    assert key == "key: user:70:1"
    assert len(secret.removeprefix("secret: ")) == 64
    assert shell("token", "ann").count(":") == 2
