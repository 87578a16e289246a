"""The tantivy fields, and how one add-on fills them.

    index = tantivy.Index(SCHEMA); register_tokenizers(index)
    document = DocumentBuilder().document(addon, entry)     # its JSON is for an IndexWriter

| field | holds | from |
|---|---|---|
| `id` | add-on id, to read; searches use the term `id:7` | `_id` |
| `weight` | popularity, see `weight` | users, promotion, experimental |
| `terms`, `users`, ... | terms and numbers for filters | `Entry.terms`, `Entry.numbers` |
| `exact`, `joined` | the whole name; its letters and digits alone | names in all locales |
| `grams` | trigrams of `joined` | the default name |
| `labels` | English analysis | tags and categories |
| `whole` | the words of the name | names in all locales |
| `names`, `edges` | words, subwords, compound parts, stems; edge n-grams | names in all locales |
| `summary`, `description` | English analysis | default and English locales |
| `summary_<analyzer>`, ... | that analyzer | the locales that share it |

Nothing is stored: documents are kept elsewhere. A `DocumentBuilder` belongs to one thread.
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
from index.text.analysis import ENGLISH

TEXTS: Final = ("summary", "description")
# The number columns that have range filters; the others are for sorts.
RANGED: Final = ("users", "average", "created", "updated", *MIN_OF.values(), *MAX_OF.values())
# Most add-ons have these, so excluding the few without them is cheaper for a filter than
# reading their long posting lists: add-ons without one get a term for that.
COMMON_TERMS: Final = frozenset(("app:firefox", "type:extension"))
WITHOUT: Final = "without:"

_PROMOTED: Final = frozenset(("promoted:recommended", "promoted:line"))
_MAX_WEIGHT: Final = 2.0**126  # tantivy computes with single floats
# Field -> tokenizer, index option.
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


def number_field(column: str) -> str:
    """The field of a number column of RANGED."""
    return column.replace(":", "_")


def text_field(text: str, analyzer: str) -> str:
    """The field of a text of TEXTS for an analyzer."""
    return text if analyzer == ENGLISH else f"{text}_{analyzer}"


def _make_schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", fast=True)
    builder.add_float_field("weight", fast=True)
    for column in RANGED:
        add = builder.add_float_field if NUMBERS[column] == "float64" else builder.add_integer_field
        add(number_field(column), fast=True)
    for field, (tokenizer, option) in _TERM_FIELDS.items():
        builder.add_text_field(field, tokenizer_name=tokenizer, index_option=option)
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
    """Tantivy multiplies scores by log2(2 + weight): AMO's popularity, times 5 when
    promoted, a quarter when experimental (contract/search.md 7.1).

    The factor cannot be below 1, so an experimental add-on with fewer than 14 users
    counts as if it had 14; others are always above that.
    """
    users = max(entry.number("users"), 0.5)
    power = 1.0 if _PROMOTED.isdisjoint(entry.terms) else 5.0
    if entry.number("experimental"):
        power /= 4
    if power == 1.0:
        return users
    return max(min((users + 2.0) ** power, _MAX_WEIGHT) - 2.0, 0.0)


class IndexDocument(NamedTuple):
    """An add-on for tantivy, and its names for the fuzzy dictionaries."""

    json: str
    joined: list[str]
    words: list[str]


class DocumentBuilder:
    def __init__(self) -> None:
        self._analyzers = {name: analysis.Analyzer(name) for name in ANALYZERS.values()}

    def clear_caches(self) -> None:
        """Release the memory that a bulk load used."""
        for analyzer in self._analyzers.values():
            analyzer.clear()
            analyzer.forms.cache_clear()

    def document(self, addon: AddonDoc, entry: Entry) -> IndexDocument:
        fields: dict[str, Any] = {"id": entry.id, "weight": weight(entry), **_numbers(entry)}
        joined, words = self._add_names(fields, addon["name"] or {}, addon["default_locale"])
        for text in TEXTS:
            self._add_text(fields, text, addon[text], addon["default_locale"])
        fields["labels"] = self._analyzers[ENGLISH].terms(_labels(addon))
        missing = [WITHOUT + term for term in COMMON_TERMS.difference(entry.terms)]
        fields["terms"] = [*entry.terms, *missing]
        return IndexDocument(orjson.dumps(fields).decode(), joined, words)

    def _add_names(
        self, fields: dict[str, Any], names: Translated, default: str
    ) -> tuple[list[str], list[str]]:
        """Returns the joined names and the words."""
        default_name = default_text(names, default)
        words: dict[str, None] = {}
        edges: dict[str, None] = {}
        joined: list[str] = []
        for text, locale in {text: locale for locale, text in names.items()}.items():
            name = name_forms.analyze_name(text)
            analyzer = self._analyzers[analyzer_of(locale) or ENGLISH]
            fields.setdefault("exact", []).append(name.exact)
            fields.setdefault("names", []).append(name_forms.name_terms(name, analyzer))
            joined.append(name.joined)
            words.update(dict.fromkeys(name.words))
            edges.update(dict.fromkeys(name_forms.edge_words(name)))
            if text == default_name:
                fields["grams"] = " ".join(name_forms.trigrams(name.joined))
        fields["whole"] = " ".join(words)
        fields["joined"], fields["edges"] = joined, " ".join(name_forms.edge_ngrams(edges))
        return joined, list(words)

    def _add_text(self, fields: dict[str, Any], field: str, texts: Translated | None, default: str) -> None:
        indexed_locale = best_locale(texts, default, default)
        for locale, text in (texts or {}).items():
            analyzer = analyzer_of(locale)
            if locale == indexed_locale or analyzer == ENGLISH:
                fields.setdefault(field, []).append(self._analyzers[ENGLISH].terms(text))
            if analyzer and analyzer != ENGLISH:
                fields.setdefault(text_field(field, analyzer), []).append(
                    self._analyzers[analyzer].terms(text)
                )


def _labels(addon: AddonDoc) -> str:
    """Tags and categories as text."""
    categories = dict.fromkeys(slug for slugs in addon["categories"].values() for slug in slugs)
    return " ".join((*addon["tags"], *categories)).replace("-", " ")


def _numbers(entry: Entry) -> dict[str, int | float]:
    """The number fields of an add-on."""
    numbers = {}
    for position, field, is_float in _RANGED_FIELDS:
        value = entry.numbers[position]
        if is_float or value != MISSING:
            numbers[field] = float(value) if is_float else int(value)
    return numbers


_RANGED_FIELDS: Final = tuple(
    (tuple(NUMBERS).index(column), number_field(column), NUMBERS[column] == "float64") for column in RANGED
)
