"""Hostile packages sent to a real server, and what must hold for each: it is answered with a message, the
server goes on, nothing lies outside of the store of files.

    python -m tests.server.packages.hostile_run                    500 of them
    python -m tests.server.packages.hostile_run --count N --skip M --seed S

What is valid all the same is made an add-on. The exit status is 1 if something did not hold.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from tests.factories import make_user
from tests.handlers.loaded_server import load
from tests.handlers.signed_client import SECRET, Api
from tests.handlers.upload_client import upload as sent_upload
from tests.packages import package
from tests.program import Program
from tests.server.packages.hostile import Hostile, packages
from tests.server.packages.hostile_archives import MARK

SEED: Final = 13
COUNT: Final = 500
OWNER: Final = make_user(_id=7, username="ann")
_AT_ONCE: Final = 3


class Outcome(NamedTuple):
    kind: str
    how: str  # "refused", "valid", "fatal": it took more than it may
    fault: str | None  # what should not be


def send_all(base: str, hostile: Iterable[Hostile]) -> list[Outcome]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda one: _send(base, one), hostile))


def _send(base: str, hostile: Hostile) -> Outcome:
    api = Api(base)
    try:
        return _judge(api, hostile)
    except Exception as fault:  # the others are to be sent too
        return Outcome(hostile.kind, "failed", f"{type(fault).__name__}: {fault}")
    finally:
        api.close()


def _judge(api: Api, hostile: Hostile) -> Outcome:
    found = sent_upload(api, OWNER, hostile.content, "unlisted", hostile.name)
    result = found["validation"]
    if not found["processed"] or not result["messages"]:
        return Outcome(hostile.kind, "failed", "no message")
    if any(message.get("fatal") for message in result["messages"]):
        return Outcome(hostile.kind, "fatal", None)
    if not found["valid"]:
        return Outcome(hostile.kind, "refused", None)
    made = api.ask("POST", "v5", "addons/addon/", OWNER, {"version": {"upload": found["uuid"]}})
    if made.status == 409 or made.status == 400:
        return Outcome(hostile.kind, "valid, taken", None)  # another one with its id, or unfit for a version
    if made.status != 201:
        return Outcome(hostile.kind, "valid", f"{made.status} {made.body[:200]!r}")
    shown = api.ask("GET", "v5", f"addons/addon/{made.json['id']}/", OWNER)
    return Outcome(hostile.kind, "valid", None if shown.status == 200 else f"{shown.status} when shown")


def strays(folder: Path) -> list[str]:
    """Files that lie where none should: below the data folder's `incoming`, or anywhere with the mark."""
    places = [folder, *folder.parents, Path("/tmp"), Path.cwd(), Path.home()]
    marked = {path for place in places for path in place.glob(f"*{MARK}*")}
    left = list((folder / "incoming").glob("*"))
    return sorted(map(str, [*marked, *folder.rglob(f"*{MARK}*"), *left]))


@contextmanager
def serving(folder: Path) -> Iterator[Program]:
    load(folder, [{"kind": "user", **OWNER}])
    env = {"AMOEBA_SECRET_KEY": SECRET, "AMOEBA_THROTTLING": "false"}
    words = ("serve", "--port", "0", "--data-dir", str(folder / "data"))
    with Program(*words, output=folder / "serve", env=env) as program:
        program.wait_listening()
        yield program


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.server.packages.hostile_run")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--skip", type=int, default=0, help="as many of them are not sent")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="amoeba-hostile-") as name, serving(Path(name)) as program:
        outcomes = send_all(program.url, islice(packages(options.seed, options.count), options.skip, None))
        api = Api(program.url)
        good = sent_upload(api, OWNER, package(), "unlisted")
        faults = [f"{one.kind}: {one.fault}" for one in outcomes if one.fault]
        faults += [] if good["valid"] else ["a good package was refused afterwards"]
        faults += [] if program.process.poll() is None else ["the server has ended"]
        faults += [f"a file outside: {path}" for path in strays(Path(name) / "data")]
        faults += [one for one in program.loud_records() if " could not be validated: " not in one]
        _print(outcomes)
    print("\n".join(faults) or f"all held: {len(outcomes)} packages, seed {options.seed}")
    return 1 if faults else 0


def _print(outcomes: list[Outcome]) -> None:
    kinds = dict.fromkeys(one.kind for one in outcomes)
    print("| kind | sent | what became of them |\n| --- | --- | --- |")
    for kind in kinds:
        found = Counter(one.how for one in outcomes if one.kind == kind)
        told = ", ".join(f"{how} {count}" for how, count in sorted(found.items()))
        print(f"| {kind} | {found.total()} | {told} |")


if __name__ == "__main__":
    sys.exit(main())
