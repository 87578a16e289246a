"""What people ask in their own words, and who stands above whom.

The graded questions of the tool beside the checkout (../shared/tools/intent.py) and ours (questions.jsonl)
are about 1,902 real add-ons. Of ours some were looked at while search was tuned, the others once, at the end.
Whole words: 400 words that stand in eight names and more, of the real names of names.py; inverted is a
word whose hits have one without it above a ten times more used one that has it.
"""

import importlib.util
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from index.entry import make_entry
from index.text.engine import Engine
from tests.bench.names import PAGE, Named
from tests.bench.rivals import Listed
from tests.factories import make_addon
from tests.program import ROOT

TOOL: Final = ROOT.parent / "shared" / "tools" / "intent.py"
QUESTIONS: Final = ROOT.parent / "shared" / "data" / "intent-dev.jsonl"
OURS: Final = Path(__file__).with_name("questions.jsonl")
WORDS: Final = 400
MIN_NAMES: Final = 8
SEED: Final = 5
_WORD: Final = re.compile(r"\w+")


def load_tool(path: Path = TOOL) -> Any:
    spec = importlib.util.spec_from_file_location("intent", path)
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def build(rows: Any) -> tuple[Engine, dict[int, str]]:
    """The index of the questions' catalogue, and its guids by id."""
    engine, guids = Engine(), {}
    for row in rows:
        addon = make_addon(
            _id=row["id"],
            guid=row["guid"],
            slug=row["slug"],
            name={"en-US": row["name"]},
            summary={"en-US": row["summary"]} if row["summary"] else None,
            description=None,
            average_daily_users=row["users"],
            tags=row["tags"],
            categories={"firefox": row["categories"]},
        )
        engine.add(engine.document(addon, make_entry(addon, {})))
        guids[row["id"]] = row["guid"]
    engine.commit()
    engine.refresh()
    return engine, guids


def inverted_words(engine: Engine, names: list[Named]) -> list[str]:
    """Of WORDS words of the names."""
    by_id = {one.id: one for one in names}
    words_of = {one.id: set(_WORD.findall(one.name.lower())) for one in names}
    counts = Counter(word for words in words_of.values() for word in words)
    usual = [word for word, count in counts.most_common() if count >= MIN_NAMES and len(word) > 1]
    asked = random.Random(SEED).sample(usual, min(WORDS, len(usual)))
    return [word for word in asked if _is_inverted(engine, word, by_id, words_of)]


def _is_inverted(engine: Engine, word: str, by_id: dict[int, Named], words_of: dict[int, set[str]]) -> bool:
    least: int | None = None  # users of a hit without the word
    for hit in engine.search(word, "en-US", (), PAGE).ids:
        users = by_id[hit].users
        if word not in words_of[hit]:
            least = users if least is None else min(least, users)
        elif least is not None and users >= 10 * max(least, 1):
            return True
    return False


SQUATTED: Final = (
    # the twelve that were measured first, and thirty of our own
    "ad blocker, dark mode, video downloader, password manager, tab manager, web developer, screen capture,"
    " download manager, color picker, cookie manager, image search, popup blocker,"
    " bookmark manager, search engine, speed dial, new tab, mouse gesture, history cleaner, page saver,"
    " link checker, user agent, proxy switcher, youtube player, music player, mail notifier, feed reader,"
    " text editor, form filler, spell checker, weather forecast, session manager, flash blocker,"
    " script blocker, image zoom, page translator, url shortener, screen recorder, note taker, tab group,"
    " video player, sidebar manager, toolbar button"
)
FEW_USERS: Final = 7
MUCH: Final = 100  # times the users
_FIRST_MADE_UP: Final = 90_000_000


class Squatted(NamedTuple):
    """Queries that a made-up spelling of them answers, which hardly anybody uses."""

    first: list[str]  # it stands above all others
    answered: list[
        str
    ]  # it stands above one that is much more used and has both words in name, summary or tags


def squatted_queries(engine: Engine, rows: Iterable[Listed]) -> Squatted:
    """`rows` are all that is in the index; with what is made up for the time of the measurement."""
    used = {
        one.id: set(_WORD.findall(f"{one.name} {one.texts}".lower()))
        for one in rows
        if one.users >= MUCH * FEW_USERS
    }
    queries = [one.strip() for one in SQUATTED.split(",")]
    made_up = [
        make_addon(
            _id=number,
            guid=f"{number}@x",
            slug=str(number),
            name={"en-US": name},
            summary=None,
            average_daily_users=FEW_USERS,
        )
        for number, name in enumerate((name for q in queries for name in spellings(q)), _FIRST_MADE_UP)
    ]
    engine.apply([(addon, make_entry(addon, {})) for addon in made_up], [])
    engine.refresh()
    try:
        pages = {q: engine.search(q, "en-US", (), PAGE).ids for q in queries}
    finally:
        engine.apply([], [addon["_id"] for addon in made_up])
        engine.refresh()
    return Squatted(
        [q for q, ids in pages.items() if ids[0] >= _FIRST_MADE_UP],
        [q for q, ids in pages.items() if _is_above_an_answer(q.split(), ids, used)],
    )


def spellings(q: str) -> tuple[str, ...]:
    """Names of the same two words, none of them equal to the query."""
    one, two = q.title().split()
    return f"{one}s {two}", f"{one}{two.lower()}", f"{two} {one}", f"{one} {two}s"


def _is_above_an_answer(words: list[str], ids: list[int], used: dict[int, set[str]]) -> bool:
    """Both words, each in either number."""
    first = next((place for place, one in enumerate(ids) if one >= _FIRST_MADE_UP), len(ids))
    return any(
        all({word, f"{word}s", word.removesuffix("s")} & used[one] for word in words)
        for one in ids[first:]
        if one in used
    )


class Score(NamedTuple):
    question: Any
    found: list[str]  # guids
    measures: dict[str, float]  # of the tool: ndcg, s1, s3, none


def read_questions(path: Path, slugs: dict[str, str]) -> list[Any]:
    """Those of the tool, or ours, which name add-ons by slug; `slugs` has their guids."""
    questions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for one in questions:
        if "pooled" not in one:
            one["grades"] = {slugs[slug]: grade for slug, grade in one["grades"].items()}
            one["pooled"] = list(one["grades"])
    return questions


def scores(tool: Any, questions: Iterable[Any], ask: Callable[[Any], list[str]]) -> list[Score]:
    found = [(one, ask(one)) for one in questions]
    return [Score(one, guids, tool.measure(one, guids)) for one, guids in found]


def by_kind(all_scores: list[Score]) -> dict[str, list[Score]]:
    """By language for what is not English, and all of either."""
    kinds: dict[str, list[Score]] = defaultdict(list)
    for one in all_scores:
        if one.question["lang"] == "en":
            kinds[one.question["kind"]].append(one)
            kinds["all English"].append(one)
        else:
            kinds[f"in {one.question['lang']}"].append(one)
            kinds["all others"].append(one)
    return dict(sorted(kinds.items(), key=lambda item: (item[0].startswith("all"), item[0])))


def mean(some: list[Score], key: str) -> float:
    return sum(one.measures[key] for one in some) / len(some)


def worst(all_scores: list[Score], count: int) -> list[Score]:
    return sorted(all_scores, key=lambda one: one.measures["ndcg"])[:count]
