"""The tantivy fields, and how one add-on fills them.

    index = tantivy.Index(SCHEMA); register_tokenizers(index)
    text = Writer().text(addon, entry)          # JSON, as an IndexWriter takes it

| field | holds | from |
|---|---|---|
| `id` | add-on id, to be read; `id:7` among the terms finds it | `_id` |
| `weight` | popularity, see `weight` | users, promotion, experimental |
| `terms`, `users`, ... | facts for filters | `Entry.terms`, `Entry.numbers` |
| `exact`, `joined` | the whole name; its letters and digits alone | names in all locales |
| `grams` | trigrams of these letters | the default name |
| `labels` | English analysis | tags and categories |
| `whole` | the name's words as they stand | names in all locales |
| `names`, `edges` | the name's words, parts, pieces, stems; their beginnings | names in all locales |
| `summary`, `description` | English analysis | default and English locales |
| `summary_<analyzer>`, ... | that analyzer | the locales sharing it |

Nothing is stored: documents live elsewhere. A `Writer` belongs to one thread.
"""

from typing import Any, Final, NamedTuple

import orjson
import tantivy

from conf.locales import ANALYZERS
from conf.locales import analyzer as analyzer_of
from conf.model.addons import AddonDoc, Translated
from index.entry import MAX_OF, MIN_OF, MISSING, NUMBERS, Entry
from index.shapes.translated_fields import best_locale, default_text
from index.text import analysis, name_forms

TEXTS: Final = ("summary", "description")
ENGLISH: Final = "english"
# The number columns that ranges are asked of; the others are for sorts.
RANGED: Final = ("users", "average", "created", "updated", *MIN_OF.values(), *MAX_OF.values())
# Most add-ons have these. Leaving out the few that do not costs a search less
# than going along with the many that do, so the lack is a term as well.
USUAL: Final = frozenset(("app:firefox", "type:extension"))
LACKING: Final = "without:"

_PROMOTED: Final = frozenset(("promoted:recommended", "promoted:line"))
_MAX_WEIGHT: Final = 2.0**126  # tantivy computes with single floats
# Field -> tokenizer, what is kept of each term.
_TERM_FIELDS: Final = {
    "terms": ("raw", "basic"),
    "exact": ("raw", "basic"),
    "joined": ("raw", "basic"),
    "grams": ("spaced", "basic"),
    "edges": ("spaced", "basic"),
    "names": ("spaced", "position"),
    "labels": ("spaced", "basic"),
    "whole": ("spaced", "basic"),
}


def field_of(column: str) -> str:
    """The field of a number column of RANGED."""
    return column.replace(":", "_")


def text_field(text: str, analyzer: str) -> str:
    return text if analyzer == ENGLISH else f"{text}_{analyzer}"


def _make_schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", fast=True)
    builder.add_float_field("weight", fast=True)
    for column in RANGED:
        add = builder.add_float_field if NUMBERS[column] == "float64" else builder.add_integer_field
        add(field_of(column), fast=True)
    for field, (tokenizer, kept) in _TERM_FIELDS.items():
        builder.add_text_field(field, tokenizer_name=tokenizer, index_option=kept)
    for analyzer in dict.fromkeys([ENGLISH, *ANALYZERS.values()]):
        for text in TEXTS:
            builder.add_text_field(
                text_field(text, analyzer), tokenizer_name="spaced", index_option="position"
            )
    return builder.build()


SCHEMA: Final = _make_schema()


def register_tokenizers(index: tantivy.Index) -> None:
    spaced = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("spaced", spaced)


def weight(entry: Entry) -> float:
    """What tantivy makes the factor log2(2 + weight) of: AMO's popularity, times 5
    when promoted, a quarter when experimental (contract/search.md 7.1).

    The factor cannot be below 1, so an experimental add-on with fewer than 14
    users counts like one with 14; one that is not experimental is always above.
    """
    users = max(entry.number("users"), 0.5)
    power = 1.0 if _PROMOTED.isdisjoint(entry.terms) else 5.0
    if entry.number("experimental"):
        power /= 4
    if power == 1.0:
        return users
    return max(min((users + 2.0) ** power, _MAX_WEIGHT) - 2.0, 0.0)


class IndexText(NamedTuple):
    """An add-on as the index reads it."""

    document: str  # JSON
    joined: list[str]  # of its names, for the fuzzy look-ups: their letters,
    words: list[str]  # and their words


class Writer:
    """Makes index documents."""

    def __init__(self) -> None:
        self._stems = {analyzer: analysis.Stems(analyzer) for analyzer in ANALYZERS.values()}

    def forget_words(self) -> None:
        """Give back the memory a bulk load filled."""
        for stems in self._stems.values():
            stems.clear()
            stems.forms.cache_clear()

    def text(self, addon: AddonDoc, entry: Entry) -> IndexText:
        fields: dict[str, Any] = {"id": entry.id, "weight": weight(entry), **_numbers(entry)}
        joined, words = self._add_names(fields, addon["name"] or {}, addon["default_locale"])
        for text in TEXTS:
            self._add_text(fields, text, addon[text], addon["default_locale"])
        fields["labels"] = self._stems[ENGLISH].terms(_labels(addon))
        lacking = [LACKING + term for term in USUAL.difference(entry.terms)]
        fields["terms"] = [*entry.terms, *lacking]
        return IndexText(orjson.dumps(fields).decode(), joined, words)

    def _add_names(
        self, fields: dict[str, Any], names: Translated, default: str
    ) -> tuple[list[str], list[str]]:
        """The letters and the words of the names."""
        first = default_text(names, default)
        words: dict[str, None] = {}
        starting: dict[str, None] = {}
        joined: list[str] = []
        for text, locale in {text: locale for locale, text in names.items()}.items():
            name = name_forms.take_apart(text)
            stems = self._stems[analyzer_of(locale) or ENGLISH]
            fields.setdefault("exact", []).append(name.exact)
            fields.setdefault("names", []).append(name_forms.word_terms(name, stems))
            joined.append(name.joined)
            words.update(dict.fromkeys(name.words))
            starting.update(dict.fromkeys(name_forms.starting_words(name)))
            if text == first:
                fields["grams"] = " ".join(name_forms.trigrams(name.joined))
        fields["whole"] = " ".join(words)
        fields["joined"], fields["edges"] = joined, " ".join(name_forms.beginnings(starting))
        return joined, list(words)

    def _add_text(self, fields: dict[str, Any], field: str, texts: Translated | None, default: str) -> None:
        own = best_locale(texts, default, default)
        for locale, text in (texts or {}).items():
            analyzer = analyzer_of(locale)
            if locale == own or analyzer == ENGLISH:
                fields.setdefault(field, []).append(self._stems[ENGLISH].terms(text))
            if analyzer and analyzer != ENGLISH:
                fields.setdefault(text_field(field, analyzer), []).append(self._stems[analyzer].terms(text))


def _labels(addon: AddonDoc) -> str:
    """The words of its tags and categories."""
    categories = dict.fromkeys(slug for slugs in addon["categories"].values() for slug in slugs)
    return " ".join((*addon["tags"], *categories)).replace("-", " ")


def _numbers(entry: Entry) -> dict[str, int | float]:
    """The fields of the ranged numbers an add-on has."""
    numbers = {}
    for position, field, is_float in _RANGED_FIELDS:
        value = entry.numbers[position]
        if is_float or value != MISSING:
            numbers[field] = float(value) if is_float else int(value)
    return numbers


_RANGED_FIELDS: Final = tuple(
    (tuple(NUMBERS).index(column), field_of(column), NUMBERS[column] == "float64") for column in RANGED
)
