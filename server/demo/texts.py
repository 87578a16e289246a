"""Names and texts of the demonstration catalogue, from phrases of the word lists.

Topics are English nouns by number: an add-on has one of its own and a few
others, which its texts mention, so that a search for a word finds add-ons about
it. Phrases are made from fixed seeds with `random()` alone, whose sequence every
Python version keeps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Final, NamedTuple, TypeVar

from conf.model.addons import Translated
from conf.tables import read_table
from conf.vocabulary import THEME_TYPES
from server.demo.dice import Dice

T = TypeVar("T")


def _read(name: str) -> dict[str, Any]:
    return read_table(f"words/{name}.toml", "server.demo")


class Tongue(NamedTuple):
    """The language of a dictionary or language pack."""

    locale: str
    english: str
    native: str


ENGLISH: Final = _read("english")
CATALOGUE: Final = _read("catalogue")
TONGUES: Final = tuple(Tongue(*row) for row in _read("tongues")["tongues"])
DEFAULT: Final = "en-US"
_LANGUAGES: Final = _read("languages")
LOCALES: Final = tuple(_LANGUAGES)

NOUNS: Final[list[str]] = ENGLISH["words"]["nouns"]
QUALITIES: Final[list[str]] = ENGLISH["words"]["qualities"]
_SCENES: Final[list[str]] = ENGLISH["words"]["scenes"]
_COINED: Final[dict[str, list[str]]] = ENGLISH["coined"]
_SENTENCE: Final[dict[str, list[str]]] = ENGLISH["sentence"]
_ADDON: Final[dict[str, Any]] = ENGLISH["addon"]

TOPICS: Final = len(NOUNS)
COINED: Final = len(_COINED["first"]) * len(_COINED["middle"]) * len(_COINED["last"])
_PER_TOPIC: Final = 60
_PER_LOCALE: Final = 500


@dataclass(slots=True)
class Traits:
    """The traits of an add-on, which decide about its texts."""

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


class Phrases(NamedTuple):
    """Phrases about one topic, or in one language."""

    sentences: Sequence[str]
    summaries: Sequence[str]
    notes: Sequence[str]
    names: Sequence[str]  # with the gap {c} for a coined word, or without


def coined_word(number: int) -> str:
    """The coined word of a number below COINED; each number has its own."""
    quotient, last = divmod(number, len(_COINED["last"]))
    first, middle = divmod(quotient, len(_COINED["middle"]))
    return _COINED["first"][first] + _COINED["middle"][middle] + _COINED["last"][last]


@cache
def topics() -> tuple[Phrases, ...]:
    """English phrases, by topic."""
    return tuple(_topic(number) for number in range(TOPICS))


@cache
def languages() -> dict[str, Phrases]:
    """Phrases in the other languages, by locale."""
    return {locale: _language(seed, _LANGUAGES[locale]) for seed, locale in enumerate(LOCALES)}


def _picker(seed: int) -> Callable[[Sequence[T]], T]:
    random = Random(seed).random
    return lambda options: options[int(random() * len(options))]


def _topic(number: int) -> Phrases:
    pick = _picker(number)
    noun = NOUNS[number]

    alternatives = NOUNS[:number] + NOUNS[number + 1 :]

    def fill(text: str) -> str:
        return text.format(n=noun, m=pick(alternatives), q=pick(QUALITIES))

    def sentence() -> str:
        if pick(range(6)) == 0:
            return fill(pick(_SENTENCE["whole"]))
        clause = " ".join(pick(_SENTENCE[part]) for part in ("subjects", "verbs", "objects"))
        text = fill(f"{pick(_SENTENCE['openings'])}{clause} {pick(_SENTENCE['endings'])}".rstrip() + ".")
        return text[0].upper() + text[1:]

    return Phrases(
        sentences=[sentence() for _ in range(_PER_TOPIC)],
        summaries=[fill(text) for text in _ADDON["summaries"] for _ in range(4)],
        notes=[fill(text) for text in _ADDON["release_notes"] for _ in range(4)],
        names=[_english_name(pick, noun, pick(alternatives)) for _ in range(_PER_TOPIC)],
    )


def _english_name(pick: Callable[[Sequence[str]], str], noun: str, other: str) -> str:
    text = pick(_ADDON["names"])
    return text.format(n=noun.title(), m=other.title(), q=pick(QUALITIES).title(), c="{c}")


def _language(seed: int, language: dict[str, Any]) -> Phrases:
    pick = _picker(1_000 + seed)
    nouns: list[str] = language["things"]

    def phrase(kind: str) -> str:
        first = pick(nouns)
        alternatives = [thing for thing in nouns if thing != first]
        return str(pick(language[kind])).format(
            t=first, u=pick(alternatives), r=pick(language["roles"]), c="{c}"
        )

    def capitalised(text: str) -> str:
        first = "İ" if text[0] == "i" and "dotted" in language else text[0].upper()
        return first + text[1:]

    sentences = [capitalised(phrase("sentences")) for _ in range(_PER_LOCALE)]
    return Phrases(
        sentences=sentences,
        summaries=[capitalised(phrase("summaries")) for _ in range(_PER_LOCALE // 4)],
        notes=sentences,
        names=[capitalised(phrase("names")) for _ in range(_PER_LOCALE)],
    )


class TextWriter:
    """Writes the texts of one add-on, in each of its locales."""

    def __init__(self, traits: Traits, dice: Dice) -> None:
        self._traits = traits
        self._dice = dice
        # Mostly its own topic, and two others.
        self._english = [topics()[traits.topic]] * 3 + [dice.pick(topics()), dice.pick(topics())]
        self._languages = languages()

    def _phrases(self, locale: str) -> Phrases:
        return self._dice.pick(self._english) if locale == DEFAULT else self._languages[locale]

    def _fill(self, text: str) -> str:
        return text.format(c=self._traits.coined.title()) if "{" in text else text

    def names(self) -> Translated:
        """A name in the default locale; in the others a translation or the same name."""
        default, *further = self._traits.locales
        name = self._name(default)
        names = {default: name}
        for locale in further:
            names[locale] = self._name(locale) if self._dice.chance(0.7) else name
        return names

    def _name(self, locale: str) -> str:
        traits, dice = self._traits, self._dice
        coined = traits.coined.title()
        if traits.tongue:
            text = dice.pick(_ADDON[f"{traits.type}_names"])
            return text.format(e=traits.tongue.english, n=traits.tongue.native, c=coined)
        if locale != DEFAULT:
            return self._fill(dice.pick(self._languages[locale].names))
        if traits.type in THEME_TYPES:
            scene, other = dice.pick(_SCENES).title(), dice.pick(_SCENES).title()
            quality = dice.pick(QUALITIES).title()
            return dice.pick(_ADDON["theme_names"]).format(q=quality, s=scene, o=other, c=coined)
        if traits.type == "search":
            return f"{coined} Search"
        return self._fill(dice.pick(self._english[0].names))

    def summaries(self) -> Translated | None:
        locales = [locale for locale in self._traits.locales if self._dice.chance(0.85)]
        return {locale: self._dice.pick(self._phrases(locale).summaries) for locale in locales} or None

    def descriptions(self) -> Translated | None:
        """A page or a line in the default locale, sometimes in other locales, too; one in four has markup."""
        default, *further = self._traits.locales
        dice = self._dice
        if self._traits.type in THEME_TYPES and dice.chance(0.4):
            return None
        texts = {default: self._description(default, 2 + int(11 * dice.roll()))}
        for locale in further:
            if dice.chance(0.5):
                texts[locale] = self._description(locale, 2 + dice.below(4))
        return texts

    def _description(self, locale: str, sentences: int) -> str:
        first = self._paragraph(locale, (sentences + 1) // 2)
        if self._dice.chance(0.25):
            return first + self._markup(locale, sentences // 2)
        if sentences < 4:
            return first
        return first + "\n\n" + self._paragraph(locale, sentences // 2)

    def _sentences(self, locale: str, count: int) -> Sequence[str]:
        """Some consecutive prepared sentences."""
        ready = self._phrases(locale).sentences
        start = self._dice.below(len(ready) - count)
        return ready[start : start + count]

    def _paragraph(self, locale: str, sentences: int) -> str:
        return " ".join(self._sentences(locale, sentences))

    def _markup(self, locale: str, items: int) -> str:
        coined = self._traits.coined
        points = "</li><li>".join(self._sentences(locale, items or 1))
        address = f"https://{coined}.example/docs?lang={locale}&amp;page=1"
        return (
            f"\n\n<b>{coined.title()}</b>\n<ul><li>{points}</li></ul>\n"
            f'<a href="{address}" rel="nofollow">{coined}.example</a>'
        )

    def comments(self) -> Translated | None:
        if not self._dice.chance(0.1):
            return None
        locale = self._traits.locales[0]
        return {locale: self._paragraph(locale, 2)}

    def notes(self) -> Translated | None:
        """Release notes of one version."""
        if not self._dice.chance(0.6):
            return None
        locale = self._traits.locales[0]
        return {locale: self._dice.pick(self._phrases(locale).notes)}

    def policy(self, share: float) -> Translated | None:
        """A privacy policy or licence agreement, always English."""
        if not self._dice.chance(share):
            return None
        return {DEFAULT: self._legal(self._dice.pick(_ADDON["policies"]))}

    def _legal(self, text: str) -> str:
        return text.format(n=NOUNS[self._traits.topic], m=self._dice.pick(NOUNS))

    def caption(self) -> Translated | None:
        if not self._dice.chance(0.4):
            return None
        locale = self._traits.locales[0]
        return {locale: self._dice.pick(self._phrases(locale).summaries)}

    def license(self) -> dict[str, Any]:
        """The texts of a custom licence."""
        name = f"{self._traits.coined.title()} Licence"
        return {"name": {DEFAULT: name}, "text": {DEFAULT: self._legal(_ADDON["license"])}}
