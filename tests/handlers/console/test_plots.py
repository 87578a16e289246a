"""Plots, and numbers formatted for people."""

import pytest

from handlers.console.plots import BOTTOM, LEFT, Line, figure, plot
from handlers.console.units import duration, size


def test_a_plot_has_pieces_ticks_and_words() -> None:
    moments = [0.0, 60.0, 120.0, 180.0]
    drawing = plot("id", "Title", moments, [Line("one", [0.0, None, 3.0, 4.0]), Line("none", [None] * 4)])
    first, second = drawing.strokes[0]
    assert first == f"{LEFT - 3},{BOTTOM} {LEFT},{BOTTOM}"
    assert second == "288,64 408,38"
    assert drawing.strokes[1] == []
    assert [tick.label for tick in drawing.heights] == ["0", "2.5", "5.0"]
    assert [tick.label for tick in drawing.moments] == ["00:00:00", "00:01:30", "00:03:00"]
    assert drawing.summary == "The last 3 minutes: one from 0 to 4.0, last 4.0."
    assert drawing.rows[0] == ("00:03:00", ["4.0", "–"])


def test_a_plot_of_nothing_and_of_long_hours() -> None:
    assert plot("id", "Title", [5.0], [Line("one", [None])]).summary == "The last 1.0 s: nothing."
    moments = [60.0 * minute for minute in range(361)]
    assert len(plot("id", "Title", moments, [Line("one", [1.0] * 361)]).rows) <= 12


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0"), (0.0123, "0.012"), (1.26, "1.3"), (12.4, "12"), (1234.5, "1234")],
)
def test_a_figure(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_units() -> None:
    assert [duration(each) for each in (0, 9.96, 75, 150, 9000, 200_000)] == [
        *("0.0 s", "10.0 s", "75 s", "2 minutes", "2 hours", "2 days")
    ]
    assert [size(each) for each in (12, 2500, 3.4e6, 5e9)] == ["12 bytes", "2.5 kB", "3.4 MB", "5.0 GB"]
