"""run.py replay: a server, and one that answers otherwise on purpose (server/replay/README.md)."""

import io
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.program import Program
from tests.server.replay.altering_proxy import Alteration, Proxy, Whole, changed, late
from tests.shell_commands import Shell
from tests.sweep import sweep

SEARCH = "/api/v5/addons/search/?lang=de&n="
Read = Callable[..., Any]


def in_rows(change: Callable[[dict[str, Any]], Any]) -> Alteration:
    """`change` is done to each row of a page."""

    def alter(page: dict[str, Any]) -> dict[str, Any]:
        for row in page["results"]:
            change(row)
        return page

    return changed(alter)


# What is done to an answer -> class, kind and general path of what is told of it.
ALTERED: dict[str, tuple[Alteration, str, str, str]] = {
    "a value": (in_rows(lambda row: row.update(slug="x")), "data differs", "value", "results[].slug"),
    "a text": (
        in_rows(lambda row: row["name"].update({"de": "Anders"})),
        "data differs",
        "value",
        "results[].name.*",
    ),
    "a key less": (
        in_rows(lambda row: row.pop("promoted")),
        "behaviour differs",
        "key",
        "results[].promoted",
    ),
    "another type": (
        in_rows(lambda row: row.update(id=str(row["id"]))),
        "behaviour differs",
        "type",
        "results[].id",
    ),
    "the order": (
        changed(lambda page: page | {"results": page["results"][::-1]}),
        "behaviour differs",
        "order",
        "results[]",
    ),
    "pages that shift": (
        changed(lambda page: page | {"results": page["results"][1:]}),
        "behaviour differs",
        "page",
        "results",
    ),
    "a status": (changed(lambda page: page, 201), "behaviour differs", "status", "status"),
    "a header": (
        changed(lambda page: page, Cache_Control="no-store"),
        "behaviour differs",
        "header",
        "headers.cache-control",
    ),
    "500": (changed(lambda page: page, 500), "error", "server error", "b"),
    "429 without end": (changed(lambda page: page, 429, Retry_After="0"), "error", "server error", "b"),
    "too late": (late(4), "error", "no answer", "b"),
    "broken JSON": (lambda answer: answer._replace(body=b'{"a').as_bytes(), "error", "broken answer", "b"),
    "the half": (lambda answer: answer.as_bytes()[:-100], "error", "no answer", "b"),
    "nothing": (lambda answer: b"", "error", "no answer", "b"),
    "no HTTP": (lambda answer: b"\x00\x01 hello\r\n\r\n", "error", "no answer", "b"),
    "far too much": (
        lambda answer: answer._replace(body=b" " * 300_000).as_bytes(),
        "error",
        "no answer",
        "b",
    ),
}


@pytest.fixture
def replay(server: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """The report about a file of these lines."""
    monkeypatch.setattr("server.replay.sending.MAX_REPLAYED_ANSWER", 250_000)
    shell = Shell()

    def read(lines: str, b: str, *arguments: str, status: int) -> Any:
        file = tmp_path / "recorded"
        file.write_text(lines)
        # Without SITE_URL a server calls itself what it listens on, whoever asks.
        sites = ("--a", server.url, "--b", b, "--site-b", server.url)
        shell("replay", str(file), *sites, "--rate", "0", *arguments, status=status)
        return json.loads(shell.output) if "--json" in arguments else shell.output

    return read


# Of every kind that is public: pages, lists, objects, a redirect, refusals, a file, what is no API.
SAME = """
/api/v3/addons/search/?q=tab&lang=de
/api/v4/addons/search/?sort=random&promoted=recommended
/api/v5/addons/search/?page=2&page_size=5&facets=type,tag
/api/v3/addons/featured/?app=firefox
/api/v4/addons/autocomplete/?q=ta
/api/v5/addons/addon/10000001/
/api/v5/addons/addon/10000001/versions/
/api/v4/addons/language-tools/?app=firefox
/api/v3/addons/categories/
/api/v5/addons/addon/10000001
/api/v5/addons/addon/none/
/api/v5/accounts/profile/
/api/v5/addons/search/?page=0
/static/img/anon_user.png
/
"""


def test_a_server_is_identical_with_itself(server: Program, replay: Read) -> None:
    with Proxy(server.url, {}) as proxy:
        report = replay(SAME, proxy.url, "--json", status=0)
        assert sorted(proxy.targets) == sorted(SAME.split())
    assert report["differences"] == [] and report["classes"]["identical"]["requests"] == len(SAME.split())


def test_each_alteration_is_told(server: Program, replay: Read) -> None:
    targets = [f"{SEARCH}{number}" for number in range(len(ALTERED))]
    alterations = {target: row[0] for target, row in zip(targets, ALTERED.values(), strict=True)}
    with Proxy(server.url, alterations) as proxy:
        recorded = "\n".join(f"7 {target}" for target in targets)
        report = replay(recorded, proxy.url, "--json", "--timeout", "2", status=2)
    groups = {(one["class"], one["kind"], one["path"]): one["requests"] for one in report["differences"]}
    expected = Counter(row[1:] for row in ALTERED.values())
    assert {row: groups.get(row, 0) for row in expected} == {row: 7 * n for row, n in expected.items()}
    classes = Counter(row[1] for row in ALTERED.values())
    assert {name: one["addresses"] for name, one in report["classes"].items()} == {"identical": 0, **classes}
    assert proxy.targets.count(f"{SEARCH}{list(ALTERED).index('429 without end')}") == 3


def test_the_whole_is_counted_by_requests(server: Program, replay: Read) -> None:
    recorded = f"900 {SEARCH}0\n90 {SEARCH}1\n9 {SEARCH}2\n1 {SEARCH}3\nPOST /x\n"
    alterations = {
        f"{SEARCH}1": ALTERED["a value"][0],
        f"{SEARCH}2": ALTERED["a key less"][0],
        f"{SEARCH}3": ALTERED["500"][0],
    }
    with Proxy(server.url, alterations) as proxy:
        text = replay(recorded, proxy.url, status=2)
        lines = {" ".join(line.split()) for line in text.splitlines()}
        assert {"identical 900 90.0 %", "data differs 90 9.0 %", "behaviour differs 9 0.9 %"} <= lines
        assert {"error 1 0.1 %", "1 lines left out: no GET", "1000 requests for 4 addresses"} <= lines
        assert {"key: results[].promoted 9 requests, 1 addresses", "b: nothing"} <= lines
        ignored = ("--ignore", "slug", "--ignore", "results.promoted")
        report = replay(recorded.replace(f"1 {SEARCH}3\n", ""), proxy.url, *ignored, "--json", status=0)
        assert report["classes"]["identical"]["requests"] == report["requests"] == 999
        assert report["left_out"] == {"no GET": 1}


def test_a_server_that_says_later_is_asked_again(server: Program, replay: Read) -> None:
    busy = iter([changed(lambda page: page, 429, Retry_After="0")])

    def once(answer: Whole) -> bytes:
        return next(busy, Whole.as_bytes)(answer)

    with Proxy(server.url, {f"{SEARCH}1": once}) as proxy:
        replay(f"{SEARCH}1", proxy.url, status=0)
        assert len(proxy.targets) == 2


def test_the_rate_is_kept(server: Program, replay: Read) -> None:
    moments: list[float] = []

    def note(answer: Whole) -> bytes:
        moments.append(time.monotonic())
        return answer.as_bytes()

    targets = [f"{SEARCH}{number}" for number in range(6)]
    with Proxy(server.url, dict.fromkeys(targets, note)) as proxy:
        replay("\n".join(targets), proxy.url, "--rate", "10", status=0)
    assert max(moments) - min(moments) > 0.4


# What is typed wrong -> what is said of it.
REFUSED = {
    ("--ignore", "a b"): "neither a path",
    ("--connections", "0"): "--connections is from 1",
    ("--timeout", "0"): "--timeout is more than 0",
    ("--a", "ftp://x"): "is not an address",
}


@sweep("arguments, text", REFUSED.items())
def test_what_is_typed_wrong(arguments: tuple[str, str], text: str) -> None:
    shell = Shell()
    shell("replay", "x", "--a", "http://127.0.0.1:9", "--b", "http://127.0.0.1:9", *arguments, status=2)
    assert text in shell.error


def test_files_without_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = ("--a", "http://127.0.0.1:9", "--b", "http://127.0.0.1:9")
    shell = Shell()
    shell("replay", str(tmp_path / "none"), *nobody, status=2)
    assert "No such file" in shell.error
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"POST /x\n")))
    shell("replay", "-", *nobody, status=2)
    assert "no request to send (1 no GET)" in shell.error
