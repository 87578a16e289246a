"""Recognises heads of quotes, the lines that say who wrote the quote and when.

    head_size(["Fixed.", "", "On Mon, 1 Jan 2024 at 10:00, Ann", "<a@b.org> wrote:"], QUOTED)    -> 2

Programs wrap long heads, and people write sentences that look like a head. So a head
must contain a date or a time, and the kind of the next line decides what else it must
contain. The templates by language are in conf/mail_clients.toml.

Pure, any thread.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

from conf.mail_clients import LANGUAGES
from server.mail.mail_lines import LONGEST, normalise

# Kinds of the next line that is not empty.
QUOTED, WRITTEN, NOTHING = "quoted", "written", "nothing"
MAX_LINES: Final = 4  # of a head

_ADDRESS: Final = re.compile(r"[^\s<>()\[\]@]{1,100}@[^\s<>()\[\]@]{1,100}")
_TIME: Final = re.compile(r"\d{1,2} ?[:.h时時点點시] ?\d{2}(?!\d)|\d ?[ap]\.? ?m\b")
_DATE: Final = re.compile(r"\d{4}|\d{1,2}[./-] ?\d{1,2}[./-]")


class _Head(NamedTuple):
    """The fixed words of a template."""

    start: str  # may be empty: then any text may precede the first word of `middle`
    middle: tuple[str, ...]
    end: str

    def fits(self, text: str) -> bool:
        """Whether a text matches; takes the first match of each word, so that nothing is tried twice."""
        start, stop = len(self.start), len(text) - len(self.end)
        if not (text.startswith(self.start) and text.endswith(self.end)):
            return False
        for word in self.middle:
            index = text.find(word, start, stop)
            if index < 0:
                return False
            start = index + len(word)
        return start < stop


class _Evidence(NamedTuple):
    """Evidence in a line that it is the head of a quote."""

    address: bool
    date: bool
    time: bool


def head_size(lines: Sequence[str], next_kind: str) -> int:
    """How many of the last lines are the head of a quote; 0 if there is none."""
    paragraph = _last_paragraph(lines[-MAX_LINES - 1 :])
    texts = [normalise(" ".join(paragraph[-size:])) for size in range(1, min(len(paragraph), MAX_LINES) + 1)]
    texts = [text for text in texts if len(text) <= LONGEST]
    evidence_by_size = [_evidence(text) for text in texts]
    sizes = [size for size, evidence in enumerate(evidence_by_size, 1) if _is_enough(evidence, next_kind)]
    for size in sizes:
        if any(head.fits(texts[size - 1]) for head in _heads()[0]):
            return size
    for size in sizes:
        # In any language an address, a date or a time, a colon and a quote below are enough.
        is_clear = next_kind == QUOTED and evidence_by_size[size - 1].address
        if is_clear or any(head.fits(texts[size - 1]) for head in _heads()[1]):
            return (
                len(texts)
                if len(texts) == len(paragraph) and _is_cut(texts, evidence_by_size, size)
                else size
            )
    return 0


def _last_paragraph(lines: Sequence[str]) -> Sequence[str]:
    blank = [number for number, line in enumerate(lines) if not line.strip()]
    return lines[blank[-1] + 1 :] if blank else lines


def _is_cut(texts: Sequence[str], evidence_by_size: Sequence[_Evidence], size: int) -> bool:
    """Whether the head, recognised by its last words, begins further up in its paragraph."""
    current, whole = evidence_by_size[size - 1], evidence_by_size[-1]
    lacks_name = _ADDRESS.match(texts[size - 1].lstrip("\"'(<[")) is not None
    return lacks_name or (whole.address and not current.address) or (whole.date and not current.date)


def _is_enough(evidence: _Evidence, next_kind: str) -> bool:
    if next_kind == QUOTED:
        return evidence.date or evidence.time
    if next_kind == WRITTEN:
        return evidence.address and (evidence.date or evidence.time)
    return evidence.date and (evidence.address or evidence.time)


def _evidence(text: str) -> _Evidence:
    """The evidence in a text; addresses are left out first, because their digits are no date."""
    remainder, addresses = _ADDRESS.subn(" ", text)
    return _Evidence(addresses > 0, _DATE.search(remainder) is not None, _TIME.search(remainder) is not None)


@cache
def _heads() -> tuple[tuple[_Head, ...], tuple[_Head, ...]]:
    """The templates that begin with a word, and the others."""
    heads = {_head(template) for language in LANGUAGES.values() for template in language.heads}
    return tuple(head for head in heads if head.start), tuple(head for head in heads if not head.start)


def _head(template: str) -> _Head:
    start, *middle, end = re.split(r"\{[^{}]*\}", normalise(template))
    return _Head(start, tuple(word for word in middle if word.strip()), end)
