"""Recognises lines that mail programs write (conf/mail_clients.toml).

    label("*Von:* Ann <ann@example.org>")                 -> "from"
    is_original("-----Ursprüngliche Nachricht-----")      -> True
    is_device("Von meinem iPhone gesendet")               -> True

Pure; any thread. Each check takes time linear in the line, and reads at most
LONGEST characters, because programs write shorter lines.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final

from conf.mail_clients import APP, DEVICE, LANGUAGES

LONGEST: Final = 300  # characters
# Invisible characters that programs put around names and addresses, such as marks of writing direction.
_MARKS: Final = dict.fromkeys(
    map(ord, "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)
_SEPARATOR: Final = re.compile(r"[_-]{5,}")
_LABEL_LENGTH: Final = 30
# A header that stands alone (contract/activity.md 3.5): a name and an address, and no further word.
_FROM: Final = re.compile(
    r"\*?From:\*? ?(?:[^<>@]{0,100}[<\[])?[^\s<>@]{1,100}@[^\s<>@]{1,100}\.[^\s<>@]{1,30}[>\]]?"
)
_LINK: Final = re.compile(r"https?://[^\s<>()\[\]]{1,300}")
_BRACKETS: Final = str.maketrans("", "", "<>()[]*,")


def normalise(text: str) -> str:
    """The text normalised: case folded, single blanks, no invisible marks, no blank before a final colon."""
    text = " ".join(unicodedata.normalize("NFKC", text.translate(_MARKS)).casefold().split())
    return text[:-2] + ":" if text.endswith(" :") else text


def ends_like_a_head(line: str) -> bool:
    end = line[-8:]
    return end.translate(_MARKS).rstrip().endswith((":", "："))


@cache
def _labels() -> dict[str, str]:
    return {
        text.casefold(): kind
        for language in LANGUAGES.values()
        for kind, texts in language.labels.items()
        for text in texts
    }


def label(line: str) -> str | None:
    """The header that the line is: "from", "date", "to", "subject"; None for another line."""
    name, colon, _ = line[:_LABEL_LENGTH].replace("：", ":").partition(":")
    return _labels().get(name.strip("* \t\xa0").casefold()) if colon else None


def is_from(line: str) -> bool:
    """Whether the line is only a sender."""
    return len(line) <= LONGEST and _FROM.fullmatch(line.strip()) is not None


@cache
def _originals() -> frozenset[str]:
    return frozenset(normalise(text) for language in LANGUAGES.values() for text in language.originals)


def is_original(line: str) -> bool:
    """Whether it is `-----Original Message-----`, in any language."""
    dashed = "--" in line[:8] and len(line) <= LONGEST and line.rstrip().endswith("--")
    return dashed and normalise(line.strip("- ")) in _originals()


def is_separator(line: str) -> bool:
    """Whether it is the line that Outlook draws above the headers of a quoted mail."""
    return len(line) <= LONGEST and _SEPARATOR.fullmatch(line.strip()) is not None


def _alternatives(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(normalise(word)) for word in sorted(words, key=len, reverse=True)) + ")"


@cache
def _device_lines() -> re.Pattern[str]:
    model = rf"(?:{_alternatives(DEVICE.models)}|[\w+-]*\d[\w+-]*)"
    kind = _alternatives(DEVICE.kinds)
    device = rf" ?(?:(?:{kind} )?{_alternatives(DEVICE.names)}(?: {model}){{0,5}}|{kind}) ?"
    location = rf"(?: {_alternatives(APP.links)})? {_alternatives(APP.places)}"
    app = _alternatives(APP.names)
    ending = r"(?:['’-]?[^\W\d_]{1,6})?"

    def pattern(template: str, app: str) -> str:
        pattern_text = re.escape(normalise(template)).replace(r"\ ", " ?").replace(r"\~", "~")
        pattern_text = pattern_text.replace(r"\{device\}", device).replace(r"\{app\}", f" ?{app} ?")
        return pattern_text.replace("~", ending)

    lines = [
        *(
            pattern(text, f"{app}(?:{location})?")
            for language in LANGUAGES.values()
            for text in language.signed
        ),
        *(pattern(text, f"{app}{location}") for language in LANGUAGES.values() for text in language.offers),
    ]
    return re.compile("|".join(lines))


def is_device(line: str) -> bool:
    """Whether the line is only the signature of a telephone or mail program."""
    if len(line) > LONGEST:
        return False
    text = normalise(_LINK.sub("", line).translate(_BRACKETS)).strip(" .。!-_")
    return _device_lines().fullmatch(text) is not None
