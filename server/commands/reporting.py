"""How a long command tells how far it is: on standard error, so that pipes stay clean.

A progress bar where a person watches, else a line now and then.
"""

import sys
import time
from types import TracebackType
from typing import Any, Final, Self

from tqdm import tqdm

_PAUSE: Final = 10.0  # seconds between lines


class Reporter:
    """A context; `total` is how many of `unit` there are to read, None when unknown."""

    def __init__(self, title: str, total: int | None, unit: str = "B") -> None:
        self._title = title
        self._total = total
        self._unit = unit
        self._bar: Any = None
        self._records = 0
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._bar = tqdm(
                total=self._total,
                desc=self._title,
                unit=self._unit,
                unit_scale=True,
                file=sys.stderr,
                leave=False,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.close()

    def say(self, text: str) -> None:
        """A line of its own."""
        tqdm.write(text, file=sys.stderr)

    def bad(self, place: str, reason: str) -> None:
        self.say(f"{place}: {reason}")

    def progress(self, records: int, position: int) -> None:
        """`records` more are done; reading is at `position` of the total."""
        self._records += records
        if self._bar:
            self._bar.set_postfix_str(f"{self._records} records", refresh=False)
            self._bar.update(position - self._bar.n)
        elif time.monotonic() - self._said >= _PAUSE:
            self._said = time.monotonic()
            share = f", {100 * position // self._total} %" if self._total else ""
            self.say(f"{self._title}: {self._records} records{share}")
