"""How many worker processes a pool gets."""

import pytest

from index.runtime.process_pool import pool_size


@pytest.mark.parametrize(
    ("processors", "expected"),
    [
        pytest.param(1, 0, id="none beside the only processor"),
        pytest.param(2, 2, id="as many as processors"),
        pytest.param(64, 4, id="never many"),
    ],
)
def test_pool_size(processors: int, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.runtime.process_pool.count_processors", lambda: processors)
    assert pool_size() == expected
