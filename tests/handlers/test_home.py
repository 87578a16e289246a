"""`/` says what this is and where to go; an empty catalogue says there, and at the start, how to fill it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.home import EMPTY, EXAMPLES
from tests.client import Client
from tests.program import Program

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        pytest.param(BROWSER, "text/html; charset=utf-8", id="a browser"),
        pytest.param("text/html", "text/html; charset=utf-8", id="HTML alone"),
        pytest.param("text/html, application/json", "text/html; charset=utf-8", id="HTML first"),
        pytest.param(None, "application/json", id="nothing"),
        pytest.param("*/*", "application/json", id="anything"),
        pytest.param("application/json", "application/json", id="JSON alone"),
        pytest.param("application/json, text/html", "application/json", id="JSON first"),
        pytest.param("text/html;q=0.5, application/json", "application/json", id="JSON with more weight"),
        pytest.param("text/html;q=0, */*", "application/json", id="no HTML"),
        pytest.param("text/html;q=\u00b2", "text/html; charset=utf-8", id="a weight that is no number"),
    ],
)
def test_the_front_page_is_html_or_json(client: Client, accept: str | None, kind: str) -> None:
    answer = client.get("/", headers={"Accept": accept} if accept else {})
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert "Accept" in answer.headers["Vary"]
    for path in (*EXAMPLES.values(), "/__heartbeat__"):
        assert path in answer.body.decode().replace("&amp;", "&")
        assert client.get(path).status == 200


def test_it_says_how_much_there_is(client: Client) -> None:
    count = client.get("/__heartbeat__").json["addons"]
    assert client.get("/").json["state"] == f"{count} public add-ons."


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v5/", "/index.html", "/favicon.ico", "//", "/en-US/firefox/"]
)
def test_it_is_the_only_page(client: Client, path: str) -> None:
    answer = client.get(path, headers={"Accept": BROWSER})
    assert (answer.status, answer.json) == (404, {"detail": "Not found."})


def test_other_verbs(client: Client) -> None:
    assert client.request("HEAD", "/").status == 200
    assert client.request("POST", "/").status == 405
    assert client.get("/", headers={"Accept": "image/png"}).status == 406
    assert client.get("/?format=json", headers={"Accept": BROWSER}).json["name"] == "Amoeba"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("empty")
    with Program("serve", "--port", "0", "--data-dir", str(folder / "data"), output=folder) as program:
        program.wait_listening()
        yield program


def test_an_empty_catalogue_says_how_to_fill_it(empty: Program, tmp_path: Path) -> None:
    client = Client(empty.url)
    assert client.get("/").json["state"] == EMPTY
    assert b"run.py load FILE" in client.get("/", headers={"Accept": BROWSER}).body
    client.close()
    lines = empty.stdout.splitlines()
    assert lines[0].startswith("data folder /")
    assert lines[0].endswith("/data")
    assert lines[1:] == [f"listening on {empty.url}", EMPTY]
