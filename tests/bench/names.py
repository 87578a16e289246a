"""Real names, and ways of asking for them that are not quite right.

The catalogue is every name of amo-names-2013 with the users of amo-users-2016, 0 where those are not known.
Looked for is each name with known users that is unique and has five letters or more; the answer's place
counts 1, 1/2, 1/3, ... and nothing beyond the first page.
"""

import gzip
import json
import random
import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from index.entry import make_entry
from index.text.engine import Engine
from tests.bench.rivals import Ask
from tests.factories import make_addon
from tests.program import ROOT

DATA: Final = ROOT.parent / "shared" / "data"
NAMES: Final = "amo-names-2013.jsonl.gz"
USERS: Final = "amo-users-2016.jsonl.gz"
PAGE: Final = 25
SEEDS: Final = (1, 2, 3)
MIN_LETTERS: Final = 5

Variant = Callable[[random.Random, str], str | None]


class Named(NamedTuple):
    id: int
    name: str
    users: int


@dataclass(frozen=True)
class Kind:
    """One way of asking for a name; `goal` is PostgreSQL full text + pg_trgm (autocomplete: SQLite FTS5)."""

    key: str
    what: str
    goal: float
    ask: Variant
    is_random: bool = False
    goes_on: bool = False  # autocomplete


def typo(rnd: random.Random, name: str) -> str:
    """One letter left out, put in, replaced or swapped with the next, anywhere."""
    at = rnd.randrange(len(name))
    letter = rnd.choice(string.ascii_lowercase)
    edits = [
        name[:at] + name[at + 1 :],
        name[:at] + letter + name[at:],
        name[:at] + letter + name[at + 1 :],
        name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
    ]
    return rnd.choice(edits)


def transposed(rnd: random.Random, name: str) -> str:
    at = rnd.randrange(len(name) - 1)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def joined(_: random.Random, name: str) -> str | None:
    return name.replace(" ", "") if " " in name else None


def split(rnd: random.Random, name: str) -> str | None:
    if " " in name:
        return None
    at = rnd.randrange(2, len(name) - 1)
    return f"{name[:at]} {name[at:]}"


def swapped(_: random.Random, name: str) -> str | None:
    words = name.split()
    return f"{words[1]} {words[0]}" if len(words) == 2 else None


def plural(_: random.Random, name: str) -> str:
    return name[:-1] if name.endswith("s") else f"{name}s"


KINDS: Final = (
    Kind("exact", "exact", 0.989, lambda _, name: name),
    Kind("typo", "one typo", 0.966, typo, is_random=True),
    Kind("transposed", "two letters swapped", 0.966, transposed, is_random=True),
    Kind("joined", "joined", 0.967, joined),
    Kind("split", "split", 0.812, split, is_random=True),
    Kind("swapped", "two words swapped", 0.963, swapped),
    Kind("plural", "plural", 0.979, plural),
    Kind("beginning", "autocomplete after five letters", 0.557, lambda _, name: name[:5], goes_on=True),
)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_names(data: Path) -> list[Named]:
    users = {line["guid"]: line["users"] for line in read_lines(data / USERS)}
    return [
        Named(int(line["URL"].rsplit("/", 1)[1]), line["localized_string"], users.get(line["guid"], 0))
        for line in read_lines(data / NAMES)
    ]


def targets(names: list[Named]) -> list[Named]:
    times = Counter(one.name.lower() for one in names)
    return [
        one for one in names if one.users and times[one.name.lower()] == 1 and len(one.name) >= MIN_LETTERS
    ]


def build(names: Iterable[Named]) -> Engine:
    engine = Engine()
    for one in names:
        addon = make_addon(
            _id=one.id,
            name={"en-US": one.name},
            summary=None,
            average_daily_users=one.users,
            guid=f"{one.id}@x",
        )
        engine.add(engine.document(addon, make_entry(addon, {})))
    engine.commit()
    engine.refresh()
    return engine


class Asked(NamedTuple):
    target: Named
    q: str
    place: int  # 1 for the first, 0 for not on the page
    first: int  # id of what was found first, 0 for nothing


def asks(engine: Engine, kind: Kind) -> Ask:
    def ask(q: str, count: int) -> list[int]:
        if kind.goes_on:
            return engine.complete(q, "en-US", (), count).ids
        return engine.search(q, "en-US", (), count).ids

    return ask


def ask_all(ask: Ask, kind: Kind, wanted: list[Named], seeds: Iterable[int]) -> list[Asked]:
    asked = []
    for seed in seeds if kind.is_random else (1,):
        rnd = random.Random(seed)
        for target in wanted:
            q = kind.ask(rnd, target.name.lower())
            if q is not None:
                ids = ask(q, PAGE)
                place = ids.index(target.id) + 1 if target.id in ids else 0
                asked.append(Asked(target, q, place, ids[0] if ids else 0))
    return asked


def mean_reciprocal_rank(asked: list[Asked]) -> float:
    return sum(1 / one.place for one in asked if one.place) / len(asked)


def print_misses(kind: Kind, asked: list[Asked], by_id: dict[int, Named]) -> None:
    print(f"\n{kind.what}: asked, looked for, place, what was first")
    for one in asked:
        if one.place != 1:
            instead = f"{by_id[one.first].name!r} ({by_id[one.first].users:,})" if one.first else "nothing"
            print(f"  {one.q!r} for {one.target.name!r} ({one.target.users:,}): {one.place}, {instead}")
