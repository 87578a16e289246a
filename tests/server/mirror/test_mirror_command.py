"""`run.py mirror` as operators type it: words, output, exit status, `kill -9` in between."""

import re
from pathlib import Path

import pytest

from server.embedded.mongod import OwnMongod
from tests.drills import kill_mirror
from tests.drills.report import table
from tests.handlers.loaded_server import environment
from tests.program import Program
from tests.server.mirror.fake_source import FakeSource, addon, status
from tests.shell_commands import Shell


def test_killed_twice_it_goes_on(mongod: OwnMongod, tmp_path: Path) -> None:
    outcome = kill_mirror.run(tmp_path, environment(tmp_path, mongod), addons=24, times=2)
    assert outcome.checks and not outcome.failed, "\n" + table([outcome])


def test_it_says_how_far_it_is_and_what_could_not_be_taken(mongod: OwnMongod, tmp_path: Path) -> None:
    env = environment(tmp_path, mongod)
    words = ("--once", "--data-dir", str(tmp_path / "data"))
    with FakeSource(addon(number) for number in range(1, 31)) as source:
        source.always["/api/v5/addons/addon/3/"] = status(410)
        source.always["/api/v5/addons/addon/4/"] = status(418)
        with Program(
            "mirror", source.url, *words, "--rate", "30", output=tmp_path / "out", env=env
        ) as program:
            assert program.wait() == 1
        told = program.stderr
        assert re.search(
            r"^reading add-ons: \d+ add-ons, \d+ %, [\d.]+ a second, 0:00:\d\d left$", told, re.M
        )
        assert re.search(r"^not taken: addon:4: /api/v5/addons/addon/4/\?\S+: status 418$", told, re.M)
        assert "29 add-ons of " in told and "1 add-ons disabled, 1 not taken" in told
        agent = source.requests[0][2]["User-Agent"]
        assert re.fullmatch(r"Amoeba/[\d.]+ mirror", agent)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ftp://addons.example.org",), "is not the address of a server"),
        (("http://addons.example.org:x",), "is not the address of a server"),
        (("http://127.0.0.1:9", "--guids", "/nowhere"), "/nowhere: "),
        (("http://127.0.0.1:9", "--rate", "0"), "is not a number from 0.001"),
        (("http://127.0.0.1:9", "--skip", "icons"), "invalid choice"),
    ],
)
def test_what_cannot_begin_has_status_2(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    shell = Shell(data_dir=tmp_path / "data")
    shell("mirror", *words, status=2)
    assert said in shell.error
