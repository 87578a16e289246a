"""The measure of relevance is reached, on the real names."""

import os
from pathlib import Path

import pytest

from index.text.engine import Engine
from tests.bench.relevance import (
    KINDS,
    Kind,
    Named,
    ask_all,
    build,
    mean_reciprocal_rank,
    read_names,
    targets,
)


@pytest.fixture(scope="module")
def names(shared_data: "os.PathLike[str]") -> list[Named]:
    return read_names(Path(shared_data))


@pytest.fixture(scope="module")
def engine(names: list[Named]) -> Engine:
    return build(names)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_names_are_found_better_than_by_postgresql(engine: Engine, names: list[Named], kind: Kind) -> None:
    asked = ask_all(engine, kind, targets(names), seeds=[4])
    assert len(asked) > 300
    assert mean_reciprocal_rank(asked) > kind.goal + (1 - kind.goal) / 4


def test_an_exact_name_is_always_first(engine: Engine, names: list[Named]) -> None:
    for one in names[::7]:
        first = engine.search(one.name, "en-US", (), 1).ids[0]
        found = next(name for name in names if name.id == first)
        assert " ".join(found.name.lower().split()) == " ".join(one.name.lower().split())
