"""The snapshot that makes a start fast, as programs write and use it."""

import os
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import lmdb
import pytest

from index.snapshot.records import BODIES, ID
from server.demo.catalogue import lines
from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.program import Program
from tests.shell_commands import run

ADDONS = 150
OPENING = "opening the snapshot: "


def answers(url: str) -> list[object]:
    """What the server says, without its address, and without scores.

    What was taken out of the text index counts for its scores until it is packed up the next time.
    """
    paths = ("addons/search/?page_size=50", "addons/language-tools/")
    with closing(Client(url)) as client:
        found = client.get("/api/v5/addons/search/?q=tab&page_size=50").json
        ids = sorted(addon["id"] for addon in found["results"])
        said = [client.get(f"/api/v5/{path}").body.replace(url.encode(), b"") for path in paths]
    return [*said, found["count"], ids]


def test_each_start_goes_on_where_the_last_process_ended(data: Path, demo: Path, tmp_path: Path) -> None:
    """After `load`, an end in order, changes while nobody served, kill -9, and with a damaged snapshot."""
    more = tmp_path / "more.jsonl"
    more.write_bytes(b"".join(lines(2 * ADDONS)))
    assert run("load", str(demo), "--data-dir", str(data)).returncode == 0
    said: list[list[object]] = []
    for way in ("after load", "after its end", "after kill -9", "damaged"):
        addon_id = damage(data) if way == "damaged" else None
        with Program("serve", "--port", "0", "--data-dir", str(data), output=tmp_path / way) as program:
            program.wait_listening()
            assert OPENING in program.stderr, program.stderr
            if addon_id is not None:
                while get(program.url, f"addons/addon/{addon_id}/") != 200:
                    time.sleep(0.05)  # it is found out beside the reads, and mended
                assert "the snapshot is damaged: the record" in program.stderr
            if way == "after its end":
                assert run("load", str(more), "--data-dir", str(data)).returncode == 0
                program.kill()
            else:
                said.append(answers(program.url))
            assert addon_id is not None or program.loud_records() == []
    assert said[0] != said[1] == said[2]


def damage(data: Path) -> int:
    """Turn a bit of a document; whose it is."""
    (folder,) = (data / "snapshot").glob("0*")
    with lmdb.open(str(folder)) as environment, environment.begin(write=True) as txn:
        cursor = txn.cursor()
        assert cursor.set_range(BODIES)
        key, value = cursor.item()
        txn.put(key, value[:-1] + bytes((value[-1] ^ 1,)))
    return int(ID.unpack(key[len(BODIES) :])[0])


def get(url: str, path: str) -> int:
    with closing(Client(url)) as client:
        return client.get(f"/api/v5/{path}").status


def test_with_mongodb_elsewhere_each_data_folder_has_its_own(mongod: OwnMongod, tmp_path: Path) -> None:
    env = {"AMOEBA_MONGODB_URI": mongod.uri, "AMOEBA_MONGODB_DATABASE": "snapshots"}
    words = ("serve", "--port", "0", "--demo", str(ADDONS))
    said: list[list[object]] = []
    for number, (folder, database, opens) in enumerate(
        [("one", "snapshots", False), ("two", "snapshots", False), ("one", "snapshots", True),
         ("two", "elsewhere", False), ("two", "elsewhere", True)]
    ):  # fmt: skip
        env["AMOEBA_MONGODB_DATABASE"] = database
        place = ("--data-dir", str(tmp_path / folder))
        with Program(*words, *place, output=tmp_path / str(number), env=env) as program:
            said.append(answers(program.url))
            assert (OPENING in program.stderr) == opens, (number, program.stderr)
            assert program.loud_records() == []
    assert said[0] == said[1] == said[2]
    assert said[3] == said[4]


@pytest.mark.parametrize("put", [os.mkfifo, Path.touch])
def test_something_else_of_its_name_holds_up_no_start(
    mongod: OwnMongod, data: Path, tmp_path: Path, put: Any
) -> None:
    data.mkdir()
    put(data / "snapshot")
    words = ("serve", "--port", "0", "--demo", str(ADDONS), "--data-dir", str(data))
    env = {"AMOEBA_MONGODB_URI": mongod.uri, "AMOEBA_MONGODB_DATABASE": "snapshots"}
    with Program(*words, output=tmp_path, env=env) as program:
        assert answers(program.url)[0] != b""
        assert "no snapshot is kept" in program.stderr


def test_settings_in_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "amoeba.toml")
    done = run("--config", str(tmp_path / "amoeba.toml"), "serve", "--port", "0")
    assert (done.returncode, b"amoeba.toml: cannot be read (is no file)" in done.stderr) == (2, True)
