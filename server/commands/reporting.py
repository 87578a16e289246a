"""How a long command tells how far it is: on standard error, so that pipes stay clean.

A progress bar where a person watches, else a line now and then.
"""

import sys
import time
from types import TracebackType
from typing import Any, Final, Self

from tqdm import tqdm

_FIRST: Final = 0.5  # seconds until the first line: what is done by then needs none
_PAUSE: Final = 10.0  # seconds between lines


class Reporter:
    """A context; `total` is how many of `unit` there are to read, None when unknown.

    Bytes are counted beside the records in them. Nothing is shown before the first `progress`.
    """

    def __init__(self, title: str, total: int | None, unit: str = "B") -> None:
        self._title = title
        self._total = total
        self._unit = unit
        self._bar: Any = None
        self._records = 0
        self._position = 0
        self._next = time.monotonic() + _FIRST

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def say(self, text: str) -> None:
        """A line of its own."""
        tqdm.write(text, file=sys.stderr)

    def bad(self, place: str, reason: str) -> None:
        self.say(f"{place}: {reason}")

    def progress(self, records: int, position: int) -> None:
        """`records` more are done; reading is at `position` of the total."""
        self._records += records
        self._position = position
        if sys.stderr.isatty():
            self._move_bar()
        elif (now := time.monotonic()) >= self._next:
            self._next = now + _PAUSE
            what = "records" if self._unit == "B" else self._unit.strip()
            share = f", {100 * position // self._total} %" if self._total else ""
            self.say(f"{self._title}: {self._records} {what}{share}")

    def count(self, done: int) -> None:
        """So many more are done, where what is read and what is counted are the same."""
        self.progress(done, self._position + done)

    def _move_bar(self) -> None:
        if self._bar is None:
            self._bar = tqdm(
                total=self._total,
                desc=self._title,
                unit=self._unit,
                unit_scale=True,
                file=sys.stderr,
                leave=False,
            )
        if self._unit == "B":
            self._bar.set_postfix_str(f"{self._records} records", refresh=False)
        self._bar.update(self._position - self._bar.n)
