"""What a drill found: one row for each thing that must hold, and the printed table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HEAD = ("what", "how often", "must hold", "held", "figures")


@dataclass(frozen=True, slots=True)
class Check:
    asked: str
    held: bool
    figures: str = ""


@dataclass(slots=True)
class Outcome:
    """`what` was done to the deployment, and how often."""

    what: str
    often: str
    checks: list[Check] = field(default_factory=list)

    def add(self, asked: str, held: bool, figures: str = "") -> None:
        self.checks.append(Check(asked, held, figures))

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.held]


class Skipped(Exception):
    """This drill cannot be run here; the text says what it needs."""


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest-rank percentile, 0.0 of nothing; `share` as 0.99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def spread(values: Sequence[float]) -> str:
    """Milliseconds of durations given in seconds."""
    marks = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0))
    return ", ".join(f"{name} {percentile(values, share) * 1000:.0f}" for name, share in marks) + " ms"


def table(outcomes: Iterable[Outcome]) -> str:
    """A Markdown table; the first two columns are filled in a drill's first row alone."""
    rows = [HEAD, ("---",) * len(HEAD)]
    for outcome in outcomes:
        for number, check in enumerate(outcome.checks):
            lead = ("", "") if number else (outcome.what, outcome.often)
            rows.append((*lead, check.asked, "yes" if check.held else "**no**", check.figures))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
