"""Whatever stands in place of a value, it is refused within the time a loop has, and in few words."""

import time
from collections.abc import Mapping
from typing import Any, Final

import orjson
import pytest

from conf.limits import MAX_DESCRIPTION, MAX_FAULTS, MAX_LEGAL_TEXT, MAX_QUOTE, MAX_TAGS
from conf.locales import SUPPORTED
from server.rules import accounts, authors, listing, previews, ratings, versions
from server.rules.faults import Fault, Invalid
from server.rules.fields import FieldReader, choice, list_of, read_fields
from server.rules.review import reviews
from server.rules.uploads import packages, uploaded
from server.rules.values.translated import TranslationFormat, translated
from server.site_state import FIELDS as SITE_FIELDS
from tests.factories import make_addon

LOOP: Final = 0.05  # seconds
MOST_TOLD: Final = 64 * 1024  # bytes of an answer
FORMAT = TranslationFormat(flat=True, locale="en-US")
CONTEXT = listing.ListingContext(
    translation_format=FORMAT,
    site_url="https://addons.example.org",
    addon_type="extension",
    is_slug_taken=lambda slug: False,
    describes=True,
)


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


MANY: Final = 300_000
HOSTILE: Final[dict[str, Any]] = {
    "list of numbers": list(range(MANY)),
    "list of texts": [f"item {number}" for number in range(MANY)],
    "list of objects": [{"a": 1}] * MANY,
    "object of objects": {f"key {number}": {"min": "1.0"} for number in range(MANY)},
    "object of texts": {f"en-{number}": "text" for number in range(MANY)},
    "object of long texts": dict.fromkeys(SUPPORTED, "x" * 100000),
    "known languages and a list": {locale: list(range(10_000)) for locale in SUPPORTED},
    **{
        f"{size} characters of {pump!r}": pump * (size // len(pump))
        for size in (MAX_DESCRIPTION, MAX_LEGAL_TEXT)
        for pump in ("a", "a.", "<br ", "https://", "@", "<", "a-")
    },
    "long text": "a" * 10_000_000,
    "long text of digits": "1" * 10_000_000,
    "long text of blanks": " " * 10_000_000 + "a",
    "long address": "https://example.org/" + "a." * 5_000_000,
    "long key": {"x" * 10_000_000: "text"},
    "nested list": _nested(500),
    "nested list of lists": [[list(range(1000))] * 10] * 10,
}
TABLES: Final[dict[str, Mapping[str, FieldReader]]] = {
    "listing": {**listing.fields(CONTEXT), **listing.icon_fields(CONTEXT)},
    "version": versions.edit_fields(FORMAT, "extension", describes=True),
    "package": packages.fields(FORMAT, "extension", frozenset()),
    "file": packages.FILE,
    "preview": previews.described_fields(FORMAT),
    "author": {**authors.FIELDS, **authors.INVITATION},
    "account": accounts.readers("https://addons.example.org", reviewer=True),
    "rating": ratings.fields("score", ("bad", "lizard"), make_addon()),
    "activity": reviews.judgement_fields(("approve", "reject")),
    "site": SITE_FIELDS,
}
FIELDS = [(table, name) for table, readers in TABLES.items() for name in readers]


@pytest.mark.parametrize(("table", "name"), FIELDS, ids=[f"{table}-{name}" for table, name in FIELDS])
def test_no_value_holds_up_the_loop_or_fills_the_answer(table: str, name: str) -> None:
    readers = {name: TABLES[table][name]}
    for kind, value in HOSTILE.items():
        started = time.thread_time()
        try:
            read_fields(readers, {name: value})
            told = b""
        except Invalid as error:
            told = orjson.dumps(error.body("en-US"))
        assert time.thread_time() - started < LOOP, kind
        assert len(told) < MOST_TOLD, kind


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_upload_does_either(kind: str) -> None:
    started = time.thread_time()
    with pytest.raises(Invalid) as caught:
        uploaded.read_upload_id(HOSTILE[kind])
    told = orjson.dumps(caught.value.body("en-US"))
    assert time.thread_time() - started < LOOP
    assert len(told) < MOST_TOLD


def body(reader: FieldReader, sent: Any) -> Any:
    with pytest.raises(Invalid) as caught:
        read_fields({"field": reader}, {"field": sent})
    return caught.value.body("en-US")["field"]


def test_a_list_is_counted_before_it_is_read() -> None:
    told = body(list_of(choice(("a",)), MAX_TAGS), ["x"] * (MAX_TAGS + 1))
    assert told == [f"Ensure this field has no more than {MAX_TAGS} elements."]


def test_languages_are_counted_before_they_are_read() -> None:
    told = body(translated(FORMAT, 5), {f"x{number}": "" for number in range(len(SUPPORTED) + 1)})
    assert told == [f"Ensure this field has no more than {len(SUPPORTED)} elements."]


def test_few_of_many_faults_are_told() -> None:
    told = body(list_of(choice(("a",)), 1000), ["x"] * 1000)
    assert list(told) == [str(index) for index in range(MAX_FAULTS)]


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("x" * MAX_QUOTE, "x" * MAX_QUOTE),
        ("x" * (MAX_QUOTE + 1), "x" * (MAX_QUOTE - 1) + "…"),
        (7, "7"),
        ([1, "a"], "[1, 'a']"),
        (list(range(MANY)), "[0, 1, 2, 3, 4, 5, ...]"),
        ({}, "{}"),
    ],
)
def test_a_fault_quotes_the_beginning(value: Any, quoted: str) -> None:
    assert Fault("not_a_choice", value=value).text("en-US") == f'"{quoted}" is not a valid choice.'
