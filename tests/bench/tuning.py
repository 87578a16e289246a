"""Whether the boosts of relaxed queries were fitted too closely: cross-validation.

Each constant of index/text/relaxation.py is tried a third lower and a third higher. For each fold the setting
that is best on the other folds is measured on it: the mean is what to expect of questions nobody has
seen, beside the figure of the constants as they are on all of them.
"""

import random
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from index.text import relaxation
from index.text.engine import Engine
from tests.bench import intent

CONSTANTS: Final = (
    "_SYNONYM", "_PHRASE", "_TRANSLATED", "_CORRECTED", "_TIE_BREAKER", "_IDF_POWER",
    "_ALL_BONUS", "_MOST_BONUS", "_FILLER",
)  # fmt: skip
FACTORS: Final = (2 / 3, 4 / 3)

Setting = tuple[str, float]


def settings() -> Iterator[Setting]:
    yield CONSTANTS[0], 1.0
    for factor in FACTORS:
        yield from ((name, factor) for name in (*CONSTANTS, *relaxation.BOOSTS))


@contextmanager
def changed(engine: Engine, setting: Setting) -> Iterator[None]:
    name, factor = setting
    values = relaxation.BOOSTS if name in relaxation.BOOSTS else vars(relaxation)
    before = values[name]
    values[name] = before * factor
    engine.refresh()  # clears what was cached with the other boosts
    try:
        yield
    finally:
        values[name] = before
        engine.refresh()


def cross_validate(
    tool: Any, engine: Engine, questions: list[Any], ask: Callable[[Any], list[str]], folds: int
) -> None:
    tried: dict[Setting, list[float]] = {}
    for setting in settings():
        with changed(engine, setting):
            tried[setting] = [one.measures["ndcg"] for one in intent.scores(tool, questions, ask)]
    order = list(range(len(questions)))
    random.Random(intent.SEED).shuffle(order)
    means = []
    for fold in range(folds):
        held = set(order[fold::folds])
        chosen = max(
            tried, key=lambda one: sum(score for at, score in enumerate(tried[one]) if at not in held)
        )
        means.append(statistics.mean(tried[chosen][at] for at in held))
        print(f"fold {fold + 1}: {chosen[0]} x {chosen[1]:.2f}, nDCG@10 {means[-1]:.3f}")
    every = [statistics.mean(scores) for scores in tried.values()]
    print(f"held out: {statistics.mean(means):.3f}, folds spread {statistics.stdev(means):.3f}")
    print(f"as they are: {every[0]:.3f}; any one a third off: {min(every):.3f} to {max(every):.3f}")
