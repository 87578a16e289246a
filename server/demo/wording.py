"""Ready sentences of the demonstration catalogue, made once from the word lists.

Topics are English nouns by number: an add-on has one of its own and a few
others, and its texts speak of them, so that a search for a word finds add-ons
that are about it. All is made from fixed seeds with `random()` alone, whose
sequence every Python version keeps.
"""

from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Final, NamedTuple, TypeVar

from server.demo import english
from server.demo.language import Language
from server.demo.latin import LATIN
from server.demo.scripts import SCRIPTS

T = TypeVar("T")

DEFAULT: Final = "en-US"
LANGUAGES: Final[dict[str, Language]] = LATIN | SCRIPTS
LOCALES: Final = tuple(LANGUAGES)

NOUNS: Final = tuple(dict.fromkeys(english.NOUNS.split()))
QUALITIES: Final = tuple(english.QUALITIES.split())
SCENES: Final = tuple(english.SCENES.split())
TAGS: Final = tuple(english.TAGS.split("|"))
_FIRST: Final = tuple(english.FIRST.split())
_MIDDLE: Final = tuple(english.MIDDLE.split())
_LAST: Final = tuple(english.LAST.split())
_CLAUSES: Final = tuple(
    tuple(text.split("|")) for text in (english.SUBJECTS, english.VERBS.replace(" ", "|"), english.OBJECTS)
)
_OPENINGS: Final = tuple(english.OPENINGS.split("|"))
_ENDINGS: Final = tuple(english.ENDINGS.split("|"))

TOPICS: Final = len(NOUNS)
COINED: Final = len(_FIRST) * len(_MIDDLE) * len(_LAST)
_PER_TOPIC: Final = 60
_PER_LOCALE: Final = 500


class Phrases(NamedTuple):
    """What can be said about one topic, or in one language."""

    sentences: Sequence[str]
    summaries: Sequence[str]
    notes: Sequence[str]
    names: Sequence[str]  # with the gap {c} for a coined word, or without


def coined(number: int) -> str:
    """The coined word of a number below COINED; each number has its own."""
    rest, last = divmod(number, len(_LAST))
    first, middle = divmod(rest, len(_MIDDLE))
    return _FIRST[first] + _MIDDLE[middle] + _LAST[last]


@cache
def topics() -> tuple[Phrases, ...]:
    """English phrases, by topic."""
    return tuple(_topic(number) for number in range(TOPICS))


@cache
def languages() -> dict[str, Phrases]:
    """Phrases in the other languages, by locale."""
    return {locale: _language(place, LANGUAGES[locale]) for place, locale in enumerate(LOCALES)}


def _picker(seed: int) -> Callable[[Sequence[T]], T]:
    random = Random(seed).random
    return lambda options: options[int(random() * len(options))]


def _topic(number: int) -> Phrases:
    pick = _picker(number)
    noun = NOUNS[number]

    others = NOUNS[:number] + NOUNS[number + 1 :]

    def filled(text: str) -> str:
        return text.format(n=noun, m=pick(others), q=pick(QUALITIES))

    def sentence() -> str:
        if pick(range(6)) == 0:
            return filled(pick(english.SENTENCES))
        clause = " ".join(pick(choices) for choices in _CLAUSES)
        text = filled(f"{pick(_OPENINGS)}{clause} {pick(_ENDINGS)}".rstrip() + ".")
        return text[0].upper() + text[1:]

    return Phrases(
        sentences=[sentence() for _ in range(_PER_TOPIC)],
        summaries=[filled(text) for text in english.SUMMARIES for _ in range(4)],
        notes=[filled(text) for text in english.NOTES for _ in range(4)],
        names=[_english_name(pick, noun, pick(others)) for _ in range(_PER_TOPIC)],
    )


# {c} is filled for each add-on. Half of the names have no coined word, as in real catalogues.
_ENGLISH_NAMES: Final = (
    "{{c}} {n}",
    "{{c}} {n} {m}",
    "{n} {{c}}",
    "{{c}}",
    "{{c}}: {q} {n}",
    "{q} {n} {m}",
    "{n} {m} {{c}}",
    "{q} {n} for {m}s",
    "{n} and {m}",
    "The {q} {n} {m}",
)


def _english_name(pick: Callable[[Sequence[str]], str], noun: str, other: str) -> str:
    text = pick(_ENGLISH_NAMES)
    return text.format(n=noun.title(), m=other.title(), q=pick(QUALITIES).title())


def _language(seed: int, language: Language) -> Phrases:
    pick = _picker(1_000 + seed)
    things, roles = language.things.split("|"), language.roles.split("|")

    def made(texts: str) -> str:
        first = pick(things)
        others = [thing for thing in things if thing != first]
        return pick(texts.split("|")).format(t=first, u=pick(others), r=pick(roles), c="{c}")

    def capitalised(text: str) -> str:
        first = "İ" if text[0] == "i" and language.dotted else text[0].upper()
        return first + text[1:]

    sentences = [capitalised(made(language.sentences)) for _ in range(_PER_LOCALE)]
    return Phrases(
        sentences=sentences,
        summaries=[capitalised(made(language.summaries)) for _ in range(_PER_LOCALE // 4)],
        notes=sentences,
        names=[capitalised(made(language.names)) for _ in range(_PER_LOCALE)],
    )
