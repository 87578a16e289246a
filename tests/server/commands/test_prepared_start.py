"""The file that makes a start fast, as programs write and use it."""

import os
from contextlib import closing
from pathlib import Path

from index.startup.prepared_cache import PreparedCache
from server.demo.catalogue import lines
from tests.client import Client
from tests.program import Program
from tests.server.commands.test_commands import run

ADDONS = 150


def remembered(data: Path) -> int:
    """How many add-ons the next start need not prepare."""
    memory = PreparedCache(data / "prepared")
    try:
        assert memory.open() is not None
        return len(memory)
    finally:
        memory.close()


def answers(url: str) -> list[bytes]:
    """What the server says, without its address."""
    paths = ("addons/search/?page_size=50", "addons/search/?q=tab&lang=en-US", "addons/language-tools/")
    with closing(Client(url)) as client:
        return [client.get(f"/api/v5/{path}").body.replace(url.encode(), b"") for path in paths]


def test_load_prepares_unless_a_server_runs(data: Path, demo: Path, tmp_path: Path) -> None:
    assert run("load", str(demo), "--data-dir", str(data)).returncode == 0
    assert remembered(data) == ADDONS
    before = (data / "prepared").read_bytes()
    words = ("serve", "--port", "0", "--data-dir", str(data))
    with Program(*words, output=tmp_path / "one") as program:
        program.wait_listening()
        fast = answers(program.url)
        more = tmp_path / "more.jsonl"
        more.write_bytes(b"".join(lines(2 * ADDONS)))
        assert run("load", str(more), "--data-dir", str(data)).returncode == 0
        is_same = (data / "prepared").read_bytes() == before
        assert is_same  # by itself: how two such files differ is worked out in minutes
        assert program.loud_records() == []
    assert run("load", str(demo), "--data-dir", str(data)).returncode == 0
    assert remembered(data) == 2 * ADDONS
    assert fast[0] != b""


def test_a_pipe_of_its_name_holds_up_no_start(data: Path, tmp_path: Path) -> None:
    data.mkdir()
    os.mkfifo(data / "prepared")
    words = ("serve", "--port", "0", "--demo", str(ADDONS), "--data-dir", str(data))
    with Program(*words, output=tmp_path) as program:
        assert answers(program.url)[0] != b""


def test_settings_in_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "amoeba.toml")
    done = run("--config", str(tmp_path / "amoeba.toml"), "serve", "--port", "0")
    assert (done.returncode, b"amoeba.toml: cannot be read (is no file)" in done.stderr) == (2, True)


def test_a_start_writes_what_is_missing_and_goes_without(data: Path, demo: Path, tmp_path: Path) -> None:
    assert run("load", str(demo), "--data-dir", str(data)).returncode == 0
    words = ("serve", "--port", "0", "--data-dir", str(data))
    said = []
    for start in range(3):
        if start == 1:
            os.unlink(data / "prepared")
        with Program(*words, output=tmp_path / f"start-{start}") as program:
            program.wait_listening()
            said.append(answers(program.url))
            assert program.loud_records() == []
    assert said[0] == said[1] == said[2]
    assert remembered(data) == ADDONS
