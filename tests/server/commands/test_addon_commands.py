"""run.py addon and log: beside a running server, which shows it within a second, and what they refuse."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.factories import make_addon, make_file, make_user, make_version
from tests.handlers.loaded_server import environment, serving
from tests.shell_commands import Shell

PATIENCE = 2.0  # seconds until a server shows what the shell did


def addon(id: int, **fields: Any) -> dict[str, Any]:
    own = {"_id": id, "guid": f"a{id}@example.org", "slug": f"a{id}"}
    version = make_version(id=id, files=[make_file(id=id)])
    return {"kind": "addon", **make_addon(**own, versions=[version]), **fields}


DOCUMENTS = [
    {"kind": "user", **make_user()},
    *(addon(id) for id in range(1, 9)),
    addon(9, status="deleted", slug=None),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("addon-commands")


@pytest.fixture(scope="module")
def url(folder: Path, mongod: OwnMongod) -> Iterator[str]:
    with serving(folder, DOCUMENTS, mongod) as program:
        yield program.url


@pytest.fixture
def shell(folder: Path, url: str, mongod: OwnMongod) -> Shell:
    return Shell(env=environment(folder, mongod))


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    client = Client(url)
    yield client
    client.close()


def eventually(ask: Callable[[], Any], expected: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while (found := ask()) != expected and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found == expected


def test_a_takedown_and_its_end(shell: Shell, client: Client) -> None:
    def state() -> tuple[int, int]:
        listed = client.get("/api/v5/addons/search/?guid=a1@example.org").json["count"]
        return client.get("/api/v5/addons/addon/a1/").status, listed

    assert state() == (200, 1)
    said = shell("addon", "disable", "a1", "a2@example.org", "--reason", "Court order 12/24", "--by", "ann")
    assert said.splitlines() == ["addon:1  a1  disabled", "addon:2  a2  disabled"]
    eventually(state, (401, 0))
    assert shell("addon", "enable", "1", "a2") == "addon:1  a1  public\naddon:2  a2  public"
    eventually(state, (200, 1))
    first, second = (json.loads(text) for text in shell("log", "--addon", "a1", "--json").splitlines())
    assert (first["kind"], first["user_id"], first["addon_id"]) == ("force-disabled", 7, 1)
    assert first["details"] == {"old": "public", "new": "disabled", "reason": "Court order 12/24"}
    assert (second["kind"], second["user_id"]) == ("force-enabled", None)


def test_a_deletion_wants_a_yes(shell: Shell, client: Client) -> None:
    shell("addon", "delete", "a3", status=2)
    assert "add --yes" in shell.error
    assert client.get("/api/v5/addons/addon/a3/").status == 200
    assert shell("addon", "delete", "a3", "--yes") == "addon:3  a3@example.org  deleted"
    eventually(lambda: client.get("/api/v5/addons/addon/3/").status, 404)


def test_a_promotion_is_shown_and_ends(shell: Shell, client: Client) -> None:
    def promoted() -> Any:
        return client.get("/api/v5/addons/addon/a4/").json["promoted"]

    said = shell("addon", "promote", "a4", "recommended", "--app", "firefox")
    assert said == "addon:4  a4  public  recommended (firefox)"
    eventually(promoted, [{"apps": ["firefox"], "category": "recommended"}])
    assert shell("addon", "demote", "a4", "recommended") == "addon:4  a4  public"
    eventually(promoted, [])


def test_a_status_is_printed_and_set(shell: Shell, client: Client) -> None:
    assert shell("addon", "status", "a5") == "addon:5  a5  public"
    assert shell("addon", "status", "a5", "rejected", "--reason", "No.") == "addon:5  a5  rejected"
    eventually(lambda: client.get("/api/v5/addons/addon/a5/").status, 401)


def test_show_prints_a_line_of_a_dump(shell: Shell) -> None:
    shown = json.loads(shell("addon", "show", "a6"))
    assert list(shown)[:2] == ["kind", "_id"]
    assert shown == DOCUMENTS[6]


def test_one_that_cannot_be_does_not_keep_the_others(shell: Shell) -> None:
    assert shell("addon", "disable", "nothing", "9", "a7", status=1) == "addon:7  a7  disabled"
    assert (
        shell.error
        == "amoeba: there is no add-on nothing; name it by id, slug or guid\namoeba: add-on 9 is deleted\n"
    )


WRONG = [
    ("addon disable", 2, "required: ADDON"),
    ("addon show nothing", 1, "there is no add-on nothing"),
    ("addon status a8 deleted", 2, "invalid choice: 'deleted'"),
    ("addon promote a8 nonsense", 2, "invalid choice: 'nonsense'"),
    ("addon promote a8 line --app toaster", 2, "invalid choice: 'toaster'"),
    ("addon disable a8 --by nobody", 1, "there is no user nobody"),
    ("log --user nobody", 1, "there is no user nobody"),
    ("log --addon nothing", 1, "there is no add-on nothing"),
    ("log --since yesterday", 2, "'yesterday' is no date"),
    ("log --since 2026-13-01", 2, "'2026-13-01' is no date"),
    ("log --limit -1", 2, "'-1' is not a whole number"),
]


@pytest.mark.parametrize(("words", "status", "reason"), WRONG, ids=[row[0] for row in WRONG])
def test_what_cannot_be_is_said(words: str, status: int, reason: str, shell: Shell) -> None:
    shell(*words.split(), status=status)
    assert reason in shell.error


def test_the_log_is_for_reading(shell: Shell) -> None:
    shell("addon", "promote", "a8", "line", "--by", "ann")
    last = shell("log", "--kind", "promoted", "--limit", "1")
    date, *rest = last.split("  ")
    assert rest == ["promoted", "addon:8", "user:7", '{"group":"line"}']
    assert shell("log", "--since", date).endswith(last)
    assert shell("log", "--since", "1d", "--user", "ann", "--kind", "promoted") == last
    assert shell("log", "--since", "2999-01-01") == ""
    assert shell.error == "no entries\n"


def test_partial_objects_are_merged_beside_a_server(shell: Shell, client: Client, tmp_path: Path) -> None:
    path = tmp_path / "partial.jsonl"
    path.write_text(
        '{"guid": "a8@example.org", "tags": ["music"]}\n{"id": 8, "name": {"fr": "Huit"}}\n{"id": 99}\n'
    )
    shell("load", "--merge", str(path), status=1)
    assert f"{path}:3: there is no addon with _id 99" in shell.error
    assert "2 records loaded, 1 bad; 0 documents new, 2 changed" in shell.error
    url = "/api/v5/addons/addon/a8/"
    eventually(lambda: client.get(url).json["tags"], ["music"])
    eventually(lambda: client.get(url).json["name"].get("fr"), "Huit")
    kinds = [json.loads(line)["kind"] for line in shell("log", "--addon", "a8", "--json").splitlines()]
    assert kinds[-2:] == ["tag-added", "property-edited"]
