"""Long tables: each run of the tests takes a part of them, and `--whole` all.

def test_it(sample: Sample) -> None:
    for turn, field in enumerate(FIELDS):
        for value in sample(VALUES, 3, turn):    # a third of the values, others with each field

python -m pytest --whole tests/handlers/test_bounds.py

Of hypothesis' examples a part is made too (conftest.py).
"""

from collections.abc import Iterable
from itertools import islice
from typing import Protocol, TypeVar

import pytest

T = TypeVar("T")


class Sample(Protocol):
    def __call__(self, values: Iterable[T], one_in: int, turn: int = 0) -> Iterable[T]: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole", action="store_true", help="all of what tests take a sample of (tests/samples.py)"
    )


@pytest.fixture(scope="session")
def sample(pytestconfig: pytest.Config) -> Sample:
    """One value in so many, beginning with another one each turn."""
    whole = pytestconfig.getoption("whole")
    return lambda values, one_in, turn=0: values if whole else islice(values, turn % one_in, None, one_in)
