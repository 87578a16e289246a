"""`kill -9` of `run.py mirror` at random moments: started again it goes on, and in the end all is here.

The source is a stand-in on loopback, which counts what it is asked: what was read whole is not read again.
"""

import random
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.drills.report import Outcome
from tests.program import Program
from tests.server.mirror.fake_source import FakeSource, addon

_AGAIN: Final = 8  # add-ons that are under way when it is killed, and are read once more
_PATIENCE: Final = 60.0


def run(folder: Path, environment: Mapping[str, str], addons: int, times: int) -> Outcome:
    """`environment` names a MongoDB; without, the mirror has its own in `folder`."""
    outcome = Outcome(
        "`kill -9` of a mirror at random moments, between every two of its requests", f"{times} times"
    )
    dice = random.Random()
    words = ("--once", "--rate", "100", "--skip", "lists", "--data-dir", str(folder / "data"))
    with FakeSource(addon(number) for number in range(1, addons + 1)) as source:
        # Of twice as many requests: on a busy machine it is killed some requests late, and not past the last.
        moments = sorted(dice.sample(range(2, addons), times))
        for number, moment in enumerate(moments):
            with Program(
                "mirror", source.url, *words, output=folder / f"{number}", env=environment
            ) as program:
                _wait(source, program, moment)
                program.kill()
        last = Program("mirror", source.url, *words, output=folder / "last", env=environment)
        status = last.wait(_PATIENCE)
        outcome.add("the last of them ends with status 0", status == 0, last.stderr[-300:] if status else "")
        asked = Counter(path.partition("?")[0] for path in source.paths("/addons/addon/"))
        many = sum(count - 1 for count in asked.values())
        outcome.add(
            "what was read whole is not read again",
            many <= times * 2 * _AGAIN and len(asked) == 2 * addons,
            f"{sum(asked.values())} requests for {len(asked)} answers",
        )
        said = f"{addons} add-ons of {source.url}"
        outcome.add("all of the source is here", said in last.stderr, last.stderr[-300:])
    return outcome


def _wait(source: FakeSource, program: Program, moment: int) -> None:
    """Until so many requests were made in all, or it has ended."""
    deadline = time.monotonic() + _PATIENCE
    while len(source.requests) < moment and program.process.poll() is None:
        assert time.monotonic() < deadline, "the mirror stands still"
        time.sleep(0.005)
