"""What an add-on of the demonstration catalogue is, decided before its parts are made."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from server.demo import clock, wording
from server.demo.dice import Dice
from server.demo.tongues import TONGUES, Tongue

# Above every id that AMO has given, so that real add-ons can be loaded beside them.
FIRST_ID: Final = 10_000_001
# The first ones are what everybody uses, always public: 15 million users and downwards.
STARS: Final = 40
MOST_USERS: Final = 15_000_000
_MOST_OF_THE_REST: Final = 400_000

# A step through all pairs of coined word and topic that meets each once before any twice.
_PAIRS: Final = wording.COINED * wording.TOPICS
_STEP: Final = 1_234_577


class Share(NamedTuple):
    word: str
    share: float  # of all add-ons


TYPES: Final = (
    Share("extension", 0.70),
    Share("statictheme", 0.19),
    Share("dictionary", 0.04),
    Share("language", 0.03),
    Share("persona", 0.02),
    Share("search", 0.01),
    Share("theme", 0.01),
)
# `unlisted` has unlisted versions alone; its status is incomplete, as on AMO.
STATES: Final = (
    Share("public", 0.885),
    Share("nominated", 0.02),
    Share("incomplete", 0.02),
    Share("disabled", 0.02),
    Share("unlisted", 0.025),
    Share("deleted", 0.015),
    Share("rejected", 0.015),
)
STATUS: Final = {state.word: state.word for state in STATES} | {"unlisted": "incomplete"}
# First and last year in which add-ons of a type were made.
_YEARS: Final = {
    "extension": (2006, 2025),
    "statictheme": (2018, 2025),
    "dictionary": (2006, 2025),
    "language": (2008, 2025),
    "persona": (2009, 2018),
    "search": (2006, 2016),
    "theme": (2006, 2016),
}
_DEFAULT_LOCALES: Final = ("en-US",) * 40 + ("de", "fr", "ja", "ru", "zh-CN", "es-ES", "pl", "pt-BR", "ko")
_LOCALE_COUNTS: Final = (1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 6)


@dataclass(slots=True)
class Traits:
    number: int  # 0, 1, 2, ... in the catalogue
    id: int
    coined: str
    topic: int
    slug: str
    type: str
    state: str
    created: float  # day
    updated: float  # day
    users: int
    locales: list[str]  # the first is the default locale
    tongue: Tongue | None  # of dictionaries and language packs


def decide(number: int, dice: Dice) -> Traits:
    """The traits of add-on `number`; `dice` is at its start and goes on from here."""
    word, topic = divmod(number * _STEP % _PAIRS, wording.TOPICS)
    coined = wording.coined(word)
    kind = _share(TYPES, dice.roll()) if number >= STARS else "extension"
    state = _share(STATES, dice.roll()) if number >= STARS else "public"
    first, last = _YEARS[kind]
    start, end = clock.start_of(first), min(clock.start_of(last + 1), clock.DAYS - 30)
    created = start + (end - start) * dice.roll() ** 0.7
    return Traits(
        number=number,
        id=FIRST_ID + number,
        coined=coined,
        topic=topic,
        slug=f"{coined}-{wording.NOUNS[topic]}" + (f"-{number // _PAIRS}" if number >= _PAIRS else ""),
        type=kind,
        state=state,
        created=created,
        updated=created + (clock.DAYS - created) * dice.roll() ** 2,
        users=_users(number, dice),
        locales=_locales(dice, _DEFAULT_LOCALES if number >= STARS else (wording.DEFAULT,)),
        tongue=dice.pick(TONGUES) if kind in ("dictionary", "language") else None,
    )


def _share(shares: tuple[Share, ...], roll: float) -> str:
    for share in shares:
        roll -= share.share
        if roll < 0:
            return share.word
    return shares[0].word


def _users(number: int, dice: Dice) -> int:
    """Few have many and many have few, as Zipf's law says."""
    if number < STARS:
        return int(MOST_USERS / (number + 1) ** 0.95)
    return min(int(6 * (1 - dice.roll()) ** -1.3) - 6, _MOST_OF_THE_REST)


def _locales(dice: Dice, defaults: tuple[str, ...]) -> list[str]:
    default = dice.pick(defaults)
    others = dice.some(wording.LOCALES, dice.pick(_LOCALE_COUNTS) - 1)
    if default != wording.DEFAULT and dice.chance(0.6):
        others.append(wording.DEFAULT)
    return [default, *(locale for locale in others if locale != default)]
