"""How well search finds: names nearly as written, questions in people's own words, the much-used first.

    python -m tests.bench.relevance                 # every table
    python -m tests.bench.relevance --seeds 1 2 3   # other random mistakes
    python -m tests.bench.relevance --misses typo   # names that were not found first
    python -m tests.bench.relevance --worst 10      # the questions answered worst
    python -m tests.bench.relevance --folds 5       # the boosts of relaxed queries, cross-validated

Beside it SQLite's FTS5, and PostgreSQL where it is installed, on the same data (rivals.py); of the names
they are asked a sample. The data is not part of this repository: it is looked for in ../shared/data.
Exits with 1 where a name is found worse than by PostgreSQL's best.
"""

import argparse
import random
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final

from index.text.engine import Engine
from tests.bench import intent, names, tuning
from tests.bench.names import DATA, KINDS, NAMES, SEEDS
from tests.bench.rivals import Ask, Listed, postgresql, sqlite

_SAMPLE: Final = 100  # of the names that the others are asked for


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.relevance", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="of the random mistakes")
    parser.add_argument("--misses", nargs="+", default=[], choices=[kind.key for kind in KINDS])
    parser.add_argument("--worst", type=int, default=0, help="questions to show")
    parser.add_argument("--folds", type=int, default=0, help="cross-validate the boosts of relaxed queries")
    options = parser.parse_args()
    if not (DATA / NAMES).exists():
        print(f"No {NAMES} in {DATA}: this measurement needs the real names.", file=sys.stderr)
        return 2
    is_worse = measure_names(options.seeds, options.misses)
    if intent.TOOL.exists() and intent.QUESTIONS.exists():
        measure_questions(options.worst, options.folds)
    else:
        print(f"No {intent.TOOL.name} or {intent.QUESTIONS.name} beside the checkout.", file=sys.stderr)
    return int(is_worse)


def measure_names(seeds: list[int], misses: list[str]) -> bool:
    """Prints the tables of names; whether one of them is worse than its goal."""
    all_names = names.read_names(DATA)
    wanted, engine = names.targets(all_names), names.build(all_names)
    by_id = {one.id: one for one in all_names}
    some = random.Random(1).sample(wanted, _SAMPLE)
    print(f"{len(all_names):,} names, {len(wanted):,} looked for, by the others {_SAMPLE}\n")
    print("| names are asked for | questions | goal | measured | SQLite | PostgreSQL |")
    print("|---|---|---|---|---|---|")
    is_worse = False
    rows = [Listed(one.id, one.name, "", one.users) for one in all_names]
    with ExitStack() as stack:
        others = rivals(stack, rows)
        for kind in KINDS:
            asked = names.ask_all(names.asks(engine, kind), kind, wanted, seeds)
            rank = names.mean_reciprocal_rank(asked)
            is_worse |= rank <= kind.goal
            cells = [f"{len(asked):,}", str(kind.goal), f"{rank:.3f}"]
            for other in others:
                if other is None:
                    cells.append("-")
                    continue
                theirs = names.ask_all(other, kind, some, (1,))
                cells.append(f"{names.mean_reciprocal_rank(theirs):.3f}" if theirs else "-")
            print(f"| {kind.what} | {' | '.join(cells)} |")
            if kind.key in misses:
                names.print_misses(kind, asked, by_id)
    inverted = intent.inverted_words(engine, all_names)
    print(f"\nwords inverted: {len(inverted)} of {intent.WORDS} {' '.join(inverted)}")
    print_squatted(engine, rows)
    return is_worse


def print_squatted(engine: Engine, rows: list[Listed]) -> None:
    """A made-up name above an answer that people use; and where it stands first, whatever there is."""
    squatted, asked = intent.squatted_queries(engine, rows), len(intent.SQUATTED.split(","))
    print(f"squatted: {len(squatted.answered)} of {asked} {', '.join(squatted.answered)}")
    print(f"made-up name first: {len(squatted.first)} of {asked} {', '.join(squatted.first)}")


def rivals(stack: ExitStack, rows: list[Listed]) -> tuple[Ask, Ask | None]:
    return sqlite(rows), stack.enter_context(postgresql(rows))


def measure_questions(worst: int, folds: int) -> None:
    tool = intent.load_tool()
    rows = list(tool.rows())
    engine, guids = intent.build(rows)
    sets = _question_sets({row["slug"]: row["guid"] for row in rows})
    texts = {row["id"]: " ".join((row["summary"], *row["tags"], *row["categories"])) for row in rows}
    listed = [Listed(row["id"], row["name"], texts[row["id"]], row["users"]) for row in rows]
    with ExitStack() as stack:
        others = rivals(stack, listed)
        askers: list[tuple[str, Callable[[Any], list[str]] | None]] = [("", _own(tool, engine, guids))]
        askers += [
            (name, ask and _others(ask, guids))
            for name, ask in zip(("SQLite", "PostgreSQL"), others, strict=True)
        ]
        for title, questions in sets.items():
            print(f"\n{title}\n")
            print("| questions | | nDCG@10 | first | in three | none | SQLite | PostgreSQL |")
            print("|---|---|---|---|---|---|---|---|")
            measured = [
                intent.by_kind(intent.scores(tool, questions, ask)) if ask else {} for _, ask in askers
            ]
            for kind, own in measured[0].items():
                cells = [f"{intent.mean(own, key):.3f}" for key in ("ndcg", "s1", "s3", "none")]
                cells += [
                    f"{intent.mean(other[kind], 'ndcg'):.3f}" if other else "-" for other in measured[1:]
                ]
                print(f"| {kind} | {len(own)} | {' | '.join(cells)} |")
            if worst:
                _print_worst(tool, questions, askers[0][1], {row["guid"]: row["slug"] for row in rows}, worst)
    print()
    print_squatted(engine, listed)
    if folds:
        tuning.cross_validate(tool, engine, sets[_GRADED], _own(tool, engine, guids), folds)


_GRADED: Final = "graded, by others"


def _question_sets(slugs: dict[str, str]) -> dict[str, list[Any]]:
    ours = intent.read_questions(intent.OURS, slugs)
    return {
        _GRADED: intent.read_questions(intent.QUESTIONS, slugs),
        "ours, looked at while tuning": [one for one in ours if one["set"] == "tuned"],
        "ours, held out": [one for one in ours if one["set"] == "held out"],
    }


def _own(tool: Any, engine: Engine, guids: dict[int, str]) -> Callable[[Any], list[str]]:
    def ask(question: Any) -> list[str]:
        locale = tool.LANGS.get(question["lang"], question["lang"])
        return [guids[one] for one in engine.search(question["q"], locale, (), 10).ids]

    return ask


def _others(ask: Ask, guids: dict[int, str]) -> Callable[[Any], list[str]]:
    return lambda question: [guids[one] for one in ask(question["q"], 10)]


def _print_worst(tool: Any, questions: list[Any], ask: Any, slugs: dict[str, str], count: int) -> None:
    for one in intent.worst(intent.scores(tool, questions, ask), count):
        grades = one.question["grades"]
        gave = ", ".join(f"{slugs[guid]} ({grades.get(guid, 0)})" for guid in one.found[:5])
        best = sorted(grades, key=lambda guid: -grades[guid])[:5]
        print(f"\n{one.measures['ndcg']:.2f} {one.question['q']!r}: {gave}")
        print(f"     looked for: {', '.join(slugs[guid] for guid in best)}")


if __name__ == "__main__":
    sys.exit(main())
