"""Finds the text of a reply, without quotes and signatures (contract/activity.md 3.5).

    reply_text("Fixed.\\n\\nOn 1 Jan 2024 at 10:00, ann <a@b.org> wrote:\\n> please")    -> "Fixed."

No word of the writer may be lost, so only these are removed:

    a line that begins with >              is quoted
    the head of a quote                    with the quote below it; a head has a date or a time
    such a head above unmarked lines       with all that follows, if it has an address too
    the headers of a mail, or a line       with all that follows; not at the very top, because
      like -----Original Message-----        then the answer is below the quoted mail
    a line -- and what follows it          at the end, as a signature
    "Sent from my telephone"               at the end

If nothing would be left, everything stays. conf/mail_clients.toml has the words by
language. Existing parsers were tried: they drop lists, sentences and whole replies, know
few languages, or take minutes for some texts.

Pure; any thread; time linear in the text.
"""

from typing import Final

from server.mail import mail_lines
from server.mail.quote_heads import MAX_LINES, NOTHING, QUOTED, WRITTEN, head_size

_GAP: Final = 3  # lines between a head and its quote
_HEADERS: Final = 8  # lines that are read for headers
_SIGNATURE: Final = 25  # lines at most
_DEVICES: Final = 3  # lines at the end that programs add
_MAX_CHECKS: Final = 2000  # of possible heads, 0.2 ms each; real mail has fewer


def reply_text(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = text.replace("\n>:\n", ">:\n")  # the wrapped end of a head, which is no quote
    lines = text.rstrip().split("\n")
    *sections, last = [section for section in map(_rstripped, _Reader(lines).read()) if section] or [[]]
    return _joined([*sections, _without_signature(last)]) or _joined([*sections, last]) or text.strip()


def _is_quoted(line: str) -> bool:
    return ">" in line[:4] and line.lstrip(" ").startswith(">")


def _has_colon(line: str) -> bool:
    return ":" in line or "：" in line


class _Reader:
    """Reads the lines once, into sections: the texts between quotes. A section begins with a line that is not
    empty.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._sections: list[list[str]] = [[]]
        self._checks = 0

    def read(self) -> list[list[str]]:
        for number, line in enumerate(self._lines):
            if _is_quoted(line):
                if self._sections[-1]:
                    self._sections.append([])
                continue
            if ("--" in line or _has_colon(line)) and self._starts_quoted_mail(number):
                break
            if self._sections[-1] or line.strip():
                self._sections[-1].append(line)
            if _has_colon(line) and mail_lines.ends_like_a_head(line) and self._ends_quote_head(number):
                break
        return self._sections

    def _ends_quote_head(self, number: int) -> bool:
        """Drop the head of a quote that ends here; returns whether everything after it is quoted."""
        if not self._may_check():
            return False
        next_kind = self._next_kind(number)
        size = head_size(self._sections[-1][-MAX_LINES - 1 :], next_kind)
        unmarked = next_kind == WRITTEN
        if not size or (unmarked and not self._has_words(size)):
            return False
        del self._sections[-1][-size:]
        return unmarked

    def _has_words(self, but: int = 0) -> bool:
        """Whether any text precedes the last `but` lines."""
        return len(self._sections) > 1 or len(self._sections[-1]) > but

    def _may_check(self) -> bool:
        self._checks += 1
        return self._checks <= _MAX_CHECKS

    def _next_kind(self, number: int) -> str:
        """The kind of the next line that is not empty."""
        for line in self._lines[number + 1 : number + 1 + _GAP]:
            if line.strip():
                return QUOTED if _is_quoted(line) else WRITTEN
        return WRITTEN if number + 1 + _GAP < len(self._lines) else NOTHING

    def _starts_quoted_mail(self, number: int) -> bool:
        """Whether the headers of a quoted mail begin here, below an answer."""
        line = self._lines[number]
        if mail_lines.is_original(line):
            begins = True
        elif mail_lines.label(line) == "from" and self._may_check():
            begins = self._has_headers(number) or self._is_lone_sender(number)
        else:
            begins = False
        if not (begins and self._has_words()):
            return False
        section = self._sections[-1]
        while section and (not section[-1].strip() or mail_lines.is_separator(section[-1])):
            section.pop()
        return True

    def _has_headers(self, number: int) -> bool:
        kinds = set()
        for line in self._lines[number + 1 : number + _HEADERS]:
            if not line.strip():
                break
            kinds.add(mail_lines.label(line))
        return len(kinds & {"date", "to", "subject"}) >= 2

    def _is_lone_sender(self, number: int) -> bool:
        before = self._lines[number - 1].strip() if number else ""
        return mail_lines.is_from(self._lines[number]) and (not before or mail_lines.is_separator(before))


def _joined(sections: list[list[str]]) -> str:
    return "\n\n".join("\n".join(lines) for lines in sections).strip()


def _without_signature(lines: list[str]) -> list[str]:
    for number in range(max(0, len(lines) - _SIGNATURE), len(lines)):
        if lines[number] in ("--", "-- "):
            lines = _rstripped(lines[:number])
            break
    for _ in range(_DEVICES):
        if lines and mail_lines.is_device(lines[-1]):
            lines = _rstripped(lines[:-1])
    return lines


def _rstripped(lines: list[str]) -> list[str]:
    """Without empty lines at the end."""
    while lines and not lines[-1].strip():
        lines.pop()
    return lines
