"""One rule for every row of a long table, as one test: a test of its own costs 7 ms whatever it does.

    @sweep("path", PATHS)
    def test_it_is_small(path: Path) -> None: ...

Columns and rows are those of `pytest.mark.parametrize`. All rows are looked at, and the failure names
those that fail. What a row needs for itself alone (a fixture, a mark) needs `parametrize`.
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any


def sweep(names: str, rows: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """`names`: the parameters that a row fills, with commas between; the other ones are fixtures."""
    columns = [name.strip() for name in names.split(",")]
    table = [row if len(columns) > 1 else (row,) for row in rows]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        assert not inspect.iscoroutinefunction(test), "nobody would await it"

        def run_all(*arguments: Any, **fixtures: Any) -> None:
            assert table, "no rows"
            failed = []
            for row in table:
                try:
                    test(*arguments, **fixtures, **dict(zip(columns, row, strict=True)))
                except Exception as fault:  # the other rows are to be seen too
                    failed.append(f"{', '.join(map(str, row))}: {type(fault).__name__}: {fault}")
            assert not failed, "\n".join([f"{len(failed)} of {len(table)}:", *failed])

        functools.update_wrapper(run_all, test)
        del run_all.__dict__["__wrapped__"]
        signature = inspect.signature(test)
        fixtures = [each for each in signature.parameters.values() if each.name not in columns]
        run_all.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        return run_all

    return decorate
