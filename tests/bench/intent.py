"""How well search answers what people ask in their own words, and who stands above whom.

    python -m tests.bench.intent             # graded questions, inverted words, squatted names
    python -m tests.bench.intent --worst 10  # and the questions answered worst

The questions and their catalogue of 1,902 add-ons are beside the checkout, in ../shared, with
the tool that scores them (nDCG@10, and whether the first, or one of the first three, is right).
Whole words: 400 words that stand in eight names and more, of the real names of relevance.py;
inverted is a word whose hits have one without it above a ten times more used one that has it.
"""

import argparse
import importlib.util
import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

from index.entry import make_entry
from index.text.engine import Engine
from tests.bench import relevance
from tests.factories import make_addon
from tests.program import ROOT

TOOL: Final = ROOT.parent / "shared" / "tools" / "intent.py"
QUESTIONS: Final = ROOT.parent / "shared" / "data" / "intent-dev.jsonl"
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
        engine.add(engine.text(addon, make_entry(addon, {})))
        guids[row["id"]] = row["guid"]
    engine.commit()
    engine.refresh()
    return engine, guids


def inverted_words(engine: Engine, names: list[relevance.Named]) -> list[str]:
    """Of WORDS words of the names."""
    by_id = {one.id: one for one in names}
    words_of = {one.id: set(_WORD.findall(one.name.lower())) for one in names}
    counts = Counter(word for words in words_of.values() for word in words)
    usual = [word for word, count in counts.most_common() if count >= MIN_NAMES and len(word) > 1]
    asked = random.Random(SEED).sample(usual, min(WORDS, len(usual)))
    return [word for word in asked if _is_inverted(engine, word, by_id, words_of)]


def _is_inverted(
    engine: Engine, word: str, by_id: dict[int, relevance.Named], words_of: dict[int, set[str]]
) -> bool:
    least: int | None = None  # users of a hit without the word
    for hit in engine.search(word, "en-US", (), relevance.PAGE).ids:
        users = by_id[hit].users
        if word not in words_of[hit]:
            least = users if least is None else min(least, users)
        elif least is not None and users >= 10 * max(least, 1):
            return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.intent", description=__doc__.splitlines()[0])
    parser.add_argument("--worst", type=int, default=0, help="the questions answered worst")
    options = parser.parse_args()
    if not (TOOL.exists() and QUESTIONS.exists()):
        print(f"No {TOOL.name} or {QUESTIONS.name} beside the checkout.", file=sys.stderr)
        return 2
    tool = load_tool()
    engine, guids = build(tool.rows())

    def ask(q: str, language: str, count: int) -> list[str]:
        ids = engine.search(q, tool.LANGS.get(language, language), (), count).ids
        return [guids[one] for one in ids]

    tool.score(ask, [str(QUESTIONS)], options.worst, 0)
    names = relevance.read_names(relevance.DATA)
    inverted = inverted_words(relevance.build(names), names)
    print(f"words inverted: {len(inverted)} of {WORDS} {' '.join(inverted)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
