"""The result of a replay: how many requests of each class, and their differences by kind.

    tally = Tally()
    tally.add("/api/v5/site/", 12, differences)     # requested 12 times
    tally.groups()                                  # the worst first

A group is a kind at a general path, with its smallest difference. Groups are bounded in number and size.
Thread rule: event loop only.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Final

from server.replay.answers import outcome
from server.replay.differences import CLASSES, ERROR, IDENTICAL, Difference

_MAX_GROUPS: Final = 2_000


@dataclass(slots=True)
class Group:
    """Differences of one kind at one general path; `requests` counts repetitions, `addresses` does not."""

    outcome: str
    kind: str
    path: str
    address: str  # of the example
    example: Difference
    requests: int = 0
    addresses: int = 0

    def as_json(self) -> dict[str, Any]:
        """Its JSON in the report."""
        example = {
            "address": self.address,
            "path": self.example.path,
            "a": self.example.a,
            "b": self.example.b,
        }
        return {
            "class": self.outcome,
            **{name: value for name, value in asdict(self).items() if name in ("kind", "path", "requests")},
            "addresses": self.addresses,
            "example": example,
        }


class Tally:
    """Counts all requests so far."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()  # by class
        self.addresses: Counter[str] = Counter()
        self.unreported = 0  # differences beyond _MAX_GROUPS
        self._groups: dict[tuple[str, str], Group] = {}

    def add(self, address: str, count: int, differences: list[Difference]) -> None:
        """Add an address that was requested `count` times, with the differences of its answers."""
        name = outcome(differences)
        self.requests[name] += count
        self.addresses[name] += 1
        keys = set()
        for difference in differences:
            group = self._group(address, difference)
            if group is None:
                self.unreported += 1
                continue
            if _size(difference) < _size(group.example):
                group.address, group.example = address, difference
            keys.add((difference.kind, difference.general))
        for key in keys:
            self._groups[key].requests += count
            self._groups[key].addresses += 1

    def _group(self, address: str, difference: Difference) -> Group | None:
        key = (difference.kind, difference.general)
        if key not in self._groups and len(self._groups) < _MAX_GROUPS:
            self._groups[key] = Group(
                difference.outcome, difference.kind, difference.general, address, difference
            )
        return self._groups.get(key)

    def groups(self) -> list[Group]:
        """The worst class first, then the group of most requests."""
        return sorted(
            self._groups.values(),
            key=lambda group: (-CLASSES.index(group.outcome), -group.requests, group.path),
        )

    @property
    def exit_status(self) -> int:
        """0: all are identical; 2: some answers could not be compared; 1: some differ."""
        if self.requests[ERROR]:
            return 2
        return int(self.requests.total() > self.requests[IDENTICAL])

    def as_json(self) -> dict[str, Any]:
        """The report, without what the command adds to it."""
        classes = {
            name: {"requests": self.requests[name], "addresses": self.addresses[name]} for name in CLASSES
        }
        return {
            "classes": classes,
            "differences": [group.as_json() for group in self.groups()],
            "untold": self.unreported,
        }


def _size(difference: Difference) -> int:
    return len(difference.path) + len(difference.a or "") + len(difference.b or "")
