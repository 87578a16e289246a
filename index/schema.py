"""The tantivy fields, and how one add-on fills them.

    index = tantivy.Index(SCHEMA); register_tokenizers(index)
    document = Writer().document(addon, entry)

| field | holds | from |
|---|---|---|
| `id` | add-on id, to be read; `id:7` among the terms finds it | `_id` |
| `weight` | popularity, see `weight` | users, promotion, experimental |
| `terms`, `users`, ... | facts for filters | `Entry.terms`, `Entry.numbers` |
| `exact`, `joined` | the whole name; its letters and digits alone | names in all locales |
| `grams` | trigrams of these letters | the default name |
| `names`, `edges` | the name's words, parts, pieces, stems; their beginnings | names in all locales |
| `summary`, `description` | English analysis | default and English locales |
| `summary_<analyzer>`, ... | that analyzer | the locales sharing it |

Nothing is stored: documents live elsewhere. A `Writer` belongs to one thread.
"""

from typing import Final, NamedTuple

import tantivy

from conf.locales import ANALYZERS
from conf.model import AddonDoc, Translated
from index import analysis, namekeys
from index.entry import MAX_OF, MIN_OF, MISSING, NUMBERS, Entry

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
    "grams": ("trigrams", "basic"),
    "edges": ("beginnings", "basic"),
    "names": ("spaced", "position"),
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
    tokenizers = {
        "spaced": tantivy.Tokenizer.whitespace(),
        "beginnings": tantivy.Tokenizer.ngram(1, namekeys.EDGE, prefix_only=True),
        "trigrams": tantivy.Tokenizer.ngram(3, 3),
    }
    for name, tokenizer in tokenizers.items():
        index.register_tokenizer(name, tantivy.TextAnalyzerBuilder(tokenizer).build())


def weight(entry: Entry) -> float:
    """What tantivy makes the factor log2(2 + weight) of: AMO's popularity, times 5
    when promoted, a quarter when experimental (search-ranking.md 7.1).

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


class NewNames(NamedTuple):
    """What the names of a document taught: fuel for the fuzzy look-ups."""

    joined: list[str]
    words: list[str]


class Writer:
    """Makes index documents, and remembers which names and words were in them."""

    def __init__(self) -> None:
        self._stems = {analyzer: analysis.Stems(analyzer) for analyzer in ANALYZERS.values()}
        self._names = NewNames([], [])

    def take_names(self) -> NewNames:
        """The names since the last call, repeated ones too."""
        taken, self._names = self._names, NewNames([], [])
        return taken

    def forget_words(self) -> None:
        """Give back the memory a bulk load filled."""
        for stems in self._stems.values():
            stems.clear()
            stems.forms.cache_clear()

    def document(self, addon: AddonDoc, entry: Entry) -> tantivy.Document:
        document = tantivy.Document()
        document.add_unsigned("id", entry.id)
        document.add_float("weight", weight(entry))
        self._add_facts(document, entry)
        self._add_names(document, addon["name"] or {}, addon["default_locale"])
        for text in TEXTS:
            self._add_text(document, text, addon[text], addon["default_locale"])
        return document

    def _add_facts(self, document: tantivy.Document, entry: Entry) -> None:
        for term in entry.terms:
            document.add_text("terms", term)
        for term in USUAL.difference(entry.terms):
            document.add_text("terms", LACKING + term)
        for position, field, is_float in _RANGED_FIELDS:
            value = entry.numbers[position]
            if is_float:
                document.add_float(field, value)
            elif value != MISSING:
                document.add_integer(field, int(value))

    def _add_names(self, document: tantivy.Document, names: Translated, default: str) -> None:
        starting: set[str] = set()
        first = names.get(default) or next(iter(names.values()), "")
        for text, locale in {text: locale for locale, text in names.items()}.items():
            name = namekeys.take_apart(text)
            self._add_name(document, name, self._stems[ANALYZERS.get(locale, ENGLISH)])
            starting |= namekeys.starting_words(name)
            if text == first:
                document.add_text("grams", name.joined)
        for word in starting:
            document.add_text("edges", word)

    def _add_name(self, document: tantivy.Document, name: namekeys.Name, stems: analysis.Stems) -> None:
        document.add_text("exact", name.exact)
        document.add_text("joined", name.joined)
        document.add_text("names", namekeys.word_terms(name, stems))
        self._names.joined.append(name.joined)
        self._names.words.extend(name.words)

    def _add_text(
        self, document: tantivy.Document, field: str, texts: Translated | None, default: str
    ) -> None:
        for locale, text in (texts or {}).items():
            analyzer = ANALYZERS.get(locale)
            if locale == default or analyzer == ENGLISH:
                document.add_text(field, self._stems[ENGLISH].terms(text))
            if analyzer and analyzer != ENGLISH:
                document.add_text(text_field(field, analyzer), self._stems[analyzer].terms(text))


_RANGED_FIELDS: Final = tuple(
    (tuple(NUMBERS).index(column), field_of(column), NUMBERS[column] == "float64") for column in RANGED
)
