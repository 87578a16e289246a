"""Small plots of time series: the points, ticks and texts for the SVG of the template `plot.html`.

    plot("answers", "Answers a second", moments, (Line("all", rates), Line("failed", failed)))

Pure; any thread.
"""

import math
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from handlers.console.units import duration

WIDTH: Final = 420
HEIGHT: Final = 170
LEFT: Final = 48  # of the area with the lines
_RIGHT: Final = WIDTH - 12
_TOP: Final = 12
BOTTOM: Final = HEIGHT - 28
_TICKS: Final = 3  # on the time axis
_MINUTES: Final = 600  # seconds
_MAX_ROWS: Final = 12  # of the table


class Line(NamedTuple):
    """A value for each moment; None if nothing was measured."""

    name: str
    values: Sequence[float | None]


class Tick(NamedTuple):
    """A mark on an axis."""

    position: float
    label: str


class Plot(NamedTuple):
    """`strokes` are the pieces of each line, as points of an SVG polyline."""

    id: str
    title: str
    summary: str
    lines: Sequence[Line]
    strokes: Sequence[Sequence[str]]
    heights: Sequence[Tick]
    moments: Sequence[Tick]
    rows: Sequence[tuple[str, Sequence[str]]]  # of a table with the same values: moment, values


def plot(id: str, title: str, moments: Sequence[float], lines: Sequence[Line]) -> Plot:
    """A plot of lines. `title` has the unit; `moments` are seconds since 1970, at least one, in order."""
    top = _round_above(max((value for line in lines for value in line.values if value), default=1.0))
    first, length = moments[0], max(moments[-1] - moments[0], 1.0)

    def across(moment: float) -> float:
        return round(LEFT + (_RIGHT - LEFT) * (moment - first) / length, 1)

    def up(value: float) -> float:
        return round(BOTTOM - (BOTTOM - _TOP) * value / top, 1)

    def pieces(line: Line) -> Iterator[str]:
        pairs = zip(moments, line.values, strict=True)
        for has_value, run in groupby(pairs, lambda pair: pair[1] is not None):
            if has_value:
                points = [(across(moment), up(value or 0.0)) for moment, value in run]
                if len(points) == 1:  # because a line without length is invisible
                    points.insert(0, (points[0][0] - 3, points[0][1]))
                yield " ".join(f"{x:g},{y:g}" for x, y in points)

    step = max(1, math.ceil(len(moments) / _MAX_ROWS))
    rows = [
        (_clock(moments[number], length), [figure(line.values[number]) for line in lines])
        for number in range(len(moments) - 1, -1, -step)
    ]
    return Plot(
        id=id,
        title=title,
        summary=_summary(length, lines),
        lines=lines,
        strokes=[list(pieces(line)) for line in lines],
        heights=[Tick(up(share * top), figure(share * top)) for share in (0.0, 0.5, 1.0)],
        moments=[
            Tick(across(moment), _clock(moment, length))
            for moment in (first + length * number / (_TICKS - 1) for number in range(_TICKS))
        ],
        rows=rows,
    )


def _summary(length: float, lines: Sequence[Line]) -> str:
    """What a plot shows, for people who cannot see it."""
    texts = []
    for line in lines:
        values = [value for value in line.values if value is not None]
        if values:
            texts.append(
                f"{line.name} from {figure(min(values))} to {figure(max(values))}, last {figure(values[-1])}"
            )
    return f"The last {duration(length)}: {'; '.join(texts) or 'nothing'}."


def figure(value: float | None) -> str:
    """A number with about two significant digits; a dash for None."""
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 10 or value == 0 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def _round_above(value: float) -> float:
    """The next number above that is 1, 2 or 5 times a power of ten."""
    size = 10.0 ** math.floor(math.log10(value))
    return next(digit * size for digit in (1, 2, 5, 10) if digit * size >= value * 0.999)


def _clock(moment: float, length: float) -> str:
    """The time of day; with seconds if the plot covers only a few minutes."""
    return time.strftime("%H:%M" if length > _MINUTES else "%H:%M:%S", time.gmtime(moment))
