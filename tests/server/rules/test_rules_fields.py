"""Readers of sent fields: what is taken, in which form, and the text for everything else."""

from typing import Any

import pytest

from server.rules.faults import Invalid
from server.rules.fields import (
    FieldReader,
    boolean,
    choice,
    integer,
    list_of,
    nested,
    nullable,
    plain_text,
    read_fields,
    string,
)

NULL = "This field may not be null."
BLANK = "This field may not be blank."
REQUIRED = "This field is required."
INTEGER = "A valid integer is required."
BOOLEAN = "Must be a valid boolean."

TAKEN: list[tuple[str, FieldReader, Any, Any]] = [
    ("true", boolean, True, True),
    ("false", boolean, False, False),
    ("true of a form", boolean, "true", True),
    ("false of a form", boolean, "False", False),
    ("one of a form", boolean, "1", True),
    ("integer", integer(), 7, 7),
    ("integer of a form", integer(), " -7 ", -7),
    ("integer with a point", integer(), 7.0, 7),
    ("least integer", integer(1, 5), 1, 1),
    ("greatest integer", integer(1, 5), 5, 5),
    ("text without the blanks around it", string(), "  a b\n", "a b"),
    ("number as text", string(), 102030, "102030"),
    ("text of the greatest length", string(3), "abc", "abc"),
    ("length of characters, not bytes", string(3), "äöü", "äöü"),
    ("blank text where that will do", string(blank=True), "  ", ""),
    ("null where that will do", string(null=True), None, None),
    ("null where anything nullable", nullable(boolean), None, None),
    ("choice", choice(("a", "b")), "b", "b"),
    ("list without doubles", list_of(plain_text, 5), ["b", "a", "b"], ["b", "a"]),
    ("object", nested({"a": integer()}), {"a": 1, "more": 2}, {"a": 1}),
]
FAULTS: list[tuple[str, FieldReader, Any, Any]] = [
    ("boolean null", boolean, None, [NULL]),
    ("boolean text", boolean, "maybe", [BOOLEAN]),
    ("boolean number", boolean, 2, [BOOLEAN]),
    ("boolean list", boolean, [True], [BOOLEAN]),
    ("integer null", integer(), None, [NULL]),
    ("integer text", integer(), "x", [INTEGER]),
    ("integer boolean", integer(), True, [INTEGER]),
    ("integer fraction", integer(), 1.5, [INTEGER]),
    ("integer without end", integer(), float("inf"), [INTEGER]),
    ("integer too large for JSON", integer(), "9" * 19, [INTEGER]),
    ("integer too small", integer(1, 5), 0, ["Ensure this value is greater than or equal to 1."]),
    ("integer too big", integer(1, 5), "6", ["Ensure this value is less than or equal to 5."]),
    ("string null", string(), None, [NULL]),
    ("string blank", string(), " \t", [BLANK]),
    ("string list", string(), ["a"], ["Not a valid string."]),
    ("string boolean", string(), True, ["Not a valid string."]),
    ("string with NUL", string(), "a\0b", ["Null characters are not allowed."]),
    ("string too long", string(3), "abcd", ["Ensure this field has no more than 3 characters."]),
    ("string too short", string(5, 2), "a", ["Ensure this field has at least 2 characters."]),
    ("choice null", choice(("a",)), None, [NULL]),
    ("choice of another", choice(("a",)), "x", ['"x" is not a valid choice.']),
    ("choice of a list", choice(("a",)), [], ['"[]" is not a valid choice.']),
    ("list null", list_of(plain_text, 5), None, [NULL]),
    ("list text", list_of(plain_text, 5), "a", ['Expected a list of items but got type "str".']),
    ("list too long", list_of(plain_text, 1), ["a", "b"], ["Ensure this field has no more than 1 elements."]),
    (
        "list items, keyed by index",
        list_of(choice(("a",)), 5),
        ["a", "x", None],
        {"1": ['"x" is not a valid choice.'], "2": [NULL]},
    ),
    ("object null", nested({}), None, [NULL]),
    ("object list", nested({}), [], ["Invalid data. Expected a dictionary, but got list."]),
    ("object's fields", nested({"a": integer()}, ("b",)), {"a": "x"}, {"b": [REQUIRED], "a": [INTEGER]}),
]


@pytest.mark.parametrize(("reader", "sent", "value"), [pytest.param(*row[1:], id=row[0]) for row in TAKEN])
def test_taken(reader: FieldReader, sent: Any, value: Any) -> None:
    assert read_fields({"field": reader}, {"field": sent}) == {"field": value}


@pytest.mark.parametrize(("reader", "sent", "texts"), [pytest.param(*row[1:], id=row[0]) for row in FAULTS])
def test_fault(reader: FieldReader, sent: Any, texts: Any) -> None:
    with pytest.raises(Invalid) as caught:
        read_fields({"field": reader}, {"field": sent})
    assert caught.value.body("en-US") == {"field": texts}
    assert caught.value.status == 400


def test_all_faults_are_told_at_once_in_the_callers_language() -> None:
    with pytest.raises(Invalid) as caught:
        read_fields({"a": boolean, "b": integer(), "c": string()}, {"a": None, "c": "x"}, required=("b",))
    assert caught.value.body("en-US") == {"b": [REQUIRED], "a": [NULL]}
    assert caught.value.body("de") != caught.value.body("en-US")


def test_only_what_a_table_names_is_read() -> None:
    assert read_fields({"a": boolean}, {"b": 1}) == {}
