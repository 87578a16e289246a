"""Other processes that do one kind of work: how many."""

import pytest

from index.runtime import processes


@pytest.mark.parametrize(
    ("processors", "expected"),
    [
        pytest.param(1, 0, id="none beside the only processor"),
        pytest.param(2, 2, id="as many as processors"),
        pytest.param(64, 4, id="never many"),
    ],
)
def test_room_beside(processors: int, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.runtime.processes.count_processors", lambda: processors)
    assert processes.room_beside() == expected
