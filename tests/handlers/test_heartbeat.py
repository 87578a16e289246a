"""`mongodb` of the heartbeat tells of MongoDB itself, not of what this process has taken over from it."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from server.demo.catalogue import lines
from tests.client import Client
from tests.drills.mongods import ReplicaSet
from tests.program import Program


@contextmanager
def within(client: Client, answer: bool, seconds: float) -> Iterator[None]:
    """What the block does to MongoDB is told in so many seconds."""
    yield
    begun = time.monotonic()
    while client.get("/__heartbeat__").json["mongodb"] is not answer:
        assert time.monotonic() - begun < seconds
        time.sleep(0.05)


def load_beside(client: Client, folder: Path, env: dict[str, str]) -> None:
    """MongoDB answers all the while, though this process has yet to take over what is loaded."""
    file = folder / "demo.jsonl"
    file.write_bytes(b"".join(lines(1000)))
    with Program("load", str(file), output=folder / "load", env=env) as loading:
        states = []
        while loading.process.poll() is None:
            states.append(client.get("/__heartbeat__").json["mongodb"])
            time.sleep(0.02)
        assert loading.wait() == 0 and len(states) > 10 and all(states)


@pytest.mark.timed
def test_it_tells_whether_mongodb_answers(tmp_path: Path) -> None:
    with ReplicaSet(tmp_path / "mongod", 1) as members:
        [member] = members.members
        env = {"AMOEBA_MONGODB_URI": members.uri}
        words = ("serve", "--port", "0", "--demo", "20")
        with Program(*words, output=tmp_path / "serve", env=env) as program:
            program.wait_listening()
            with closing(Client(program.url)) as client:
                assert client.get("/__heartbeat__").json["mongodb"] is True
                load_beside(client, tmp_path, env)
                assert member.process
                with within(client, False, 4.0):
                    os.kill(member.process.pid, signal.SIGSTOP)
                with within(client, True, 4.0):
                    os.kill(member.process.pid, signal.SIGCONT)
                with within(client, False, 2.0):
                    member.kill()
                assert client.get("/__heartbeat__").status == 200
                with within(client, True, 30.0):
                    member.start()
