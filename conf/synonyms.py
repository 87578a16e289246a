"""Groups of synonyms in several languages: `synonyms.toml`, read once.

GROUPS["ads"].english           -> ("ads", "advert", ...)
GROUPS["ads"].terms["de"]       -> ("werbung", "anzeigen", ...)   "en" has the English ones
GROUPS["ads"].questions         -> ("block ads", ...)             queries that the group helps to answer
"""

from dataclasses import dataclass
from typing import Final

from conf.tables import read_table

# The locales whose analyzers read the terms of a language.
LOCALES: Final = {
    "en": "en-US",
    "de": "de",
    "es": "es-ES",
    "fr": "fr",
    "it": "it",
    "ja": "ja",
    "pl": "pl",
    "pt": "pt-BR",
    "ru": "ru",
    "zh": "zh-CN",
}


@dataclass(frozen=True, slots=True)
class SynonymGroup:
    terms: dict[str, tuple[str, ...]]  # by language
    questions: tuple[str, ...]

    @property
    def english(self) -> tuple[str, ...]:
        return self.terms["en"]


GROUPS: Final = {
    name: SynonymGroup(
        terms={language: tuple(table[language]) for language in LOCALES if language in table},
        questions=tuple(table["for"]),
    )
    for name, table in read_table("synonyms.toml").items()
}
