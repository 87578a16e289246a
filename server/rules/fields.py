"""Fields of a write: sent values become values to store, or faults by field.

    FIELDS = {"score": integer(1, 5), "body": string(blank=True, null=True)}
    values = read_fields(FIELDS, body.fields)             # the fields that were sent, read
    values = read_fields(FIELDS, body.fields, required=("score",))

A reader takes a sent value and returns the value to store, or raises WrongValue. `read_fields`
applies a whole table, so that all faults are reported at once; unknown fields are
ignored (contract/writes.md 1.2). Values of forms are text, so readers accept text for
numbers and booleans. A reader carries the JSON Schema of its values, from which the
API's description is made (`with_schema`, `reader_schema`). Pure; any thread.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, TypeVar

from conf.limits import MAX_FAULTS
from conf.numbers import read_number
from conf.vocabulary import BOOLEANS
from server.rules.faults import Fault, Invalid

FieldReader = Callable[[Any], Any]
Reader = TypeVar("Reader", bound=FieldReader)

_MAX_BOOLEAN: Final = max(map(len, BOOLEANS))
_MAX_INTEGER: Final = 2**53  # not every JSON parser reads larger numbers exactly


def with_schema(**schema: Any) -> Callable[[Reader], Reader]:
    """Marks a reader with the JSON Schema of its values."""

    def mark(reader: Reader) -> Reader:
        reader.schema = schema  # type: ignore[attr-defined]
        return reader

    return mark


def reader_schema(reader: FieldReader) -> dict[str, Any]:
    """The schema of a reader; {} (anything) for an unmarked one."""
    return getattr(reader, "schema", {})


class WrongValue(Exception):
    """Faults of one field: a list of Fault, or a dict of them by part."""

    def __init__(self, *faults: Fault, parts: Mapping[str, Any] | None = None) -> None:
        super().__init__(faults, parts)
        self.faults: Any = dict(parts) if parts is not None else list(faults)


def wrong_value(key: str, **values: object) -> WrongValue:
    return WrongValue(Fault(key, **values))


def read_fields(
    readers: Mapping[str, FieldReader], sent: Mapping[str, Any], *, required: Iterable[str] = ()
) -> dict[str, Any]:
    """The fields of `readers` that were sent. Raises Invalid with the faults of all of them."""
    faults: dict[str, Any] = {name: [Fault("required")] for name in required if name not in sent}
    values: dict[str, Any] = {}
    for name, reader in readers.items():
        if name in sent:
            try:
                values[name] = reader(sent[name])
            except WrongValue as error:
                faults[name] = error.faults
    if faults:
        raise Invalid({name: faults[name] for name in (*required, *readers) if name in faults})
    return values


def nullable(reader: FieldReader) -> FieldReader:
    """The reader, with null as a value as well."""
    return with_schema(**_or_null(reader_schema(reader)))(
        lambda value: None if value is None else reader(value)
    )


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]} if schema else schema
    enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    kinds = schema["type"]
    return {**schema, "type": [*([kinds] if isinstance(kinds, str) else kinds), "null"], **enum}


@with_schema(type="boolean")
def boolean(value: Any) -> bool:
    if value is None:
        raise wrong_value("null")
    if isinstance(value, bool):
        return value
    text = value if isinstance(value, str) else str(value) if value in (0, 1) else ""
    parsed = BOOLEANS.get(text.lower()) if len(text) <= _MAX_BOOLEAN else None
    if parsed is None:
        raise wrong_value("not_a_boolean")
    return parsed


def integer(minimum: int | None = None, maximum: int | None = None) -> FieldReader:
    def reader(value: Any) -> int:
        number = _integer(value)
        if minimum is not None and number < minimum:
            raise wrong_value("too_small", limit=minimum)
        if maximum is not None and number > maximum:
            raise wrong_value("too_big", limit=maximum)
        return number

    return with_schema(type="integer", **_bounds(minimum=minimum, maximum=maximum))(reader)


def _bounds(**limits: int | None) -> dict[str, int]:
    return {name: int(limit) for name, limit in limits.items() if limit}


def _integer(value: Any) -> int:
    if value is None:
        raise wrong_value("null")
    if isinstance(value, str):
        sent = value.strip()
        number = read_number(sent.removeprefix("-"))
        value = -number if number and sent.startswith("-") else number
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _MAX_INTEGER:
        raise wrong_value("not_an_integer")
    return value


def string(
    max_length: int | None = None,
    min_length: int = 0,
    *,
    blank: bool = False,
    null: bool = False,
    check: Callable[[str], None] | None = None,
) -> FieldReader:
    """Reads text, stripped; numbers become text. `check` raises WrongValue."""

    def reader(value: Any) -> str | None:
        if value is None and null:
            return None
        text = plain_text(value)
        if not text:
            if not blank:
                raise wrong_value("blank")
            return text
        check_length(text, max_length, min_length)
        if check is not None:
            check(text)
        return text

    required_length = 0 if blank else max(min_length, 1)
    text = with_schema(type="string", **_bounds(minLength=required_length, maxLength=max_length))(reader)
    return with_schema(**_or_null(reader_schema(text)))(text) if null else text


def plain_text(value: Any) -> str:
    if value is None:
        raise wrong_value("null")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong_value("not_a_string")
    text = str(value).strip()
    if "\0" in text:
        raise wrong_value("null_characters")
    return text


def check_length(text: str, max_length: int | None, min_length: int = 0) -> None:
    """Raises WrongValue; `max_length` None means no limit."""
    if max_length is not None and len(text) > max_length:
        raise wrong_value("too_long", limit=max_length)
    if len(text) < min_length:
        raise wrong_value("too_short", limit=min_length)


def choice(values: Collection[str]) -> FieldReader:
    def reader(value: Any) -> str:
        if value is None:
            raise wrong_value("null")
        if not isinstance(value, str) or value not in values:
            raise wrong_value("not_a_choice", value=value)
        return value

    return with_schema(
        type="string", enum=sorted(values) if isinstance(values, set | frozenset) else list(values)
    )(reader)


def list_of(reader: FieldReader, limit: int) -> FieldReader:
    """Reads a list of at most `limit` items, without duplicates."""
    mark = with_schema(type="array", items=reader_schema(reader), maxItems=int(limit))
    return mark(lambda value: list(dict.fromkeys(read_items(reader, sent_list(value, limit)))))


def read_items(reader: FieldReader, sent: list[Any]) -> list[Any]:
    """Reads the items of a list. Raises WrongValue with at most MAX_FAULTS faults, keyed by index."""
    faults: dict[str, Any] = {}
    values: list[Any] = []
    for index, item in enumerate(sent):
        try:
            values.append(reader(item))
        except WrongValue as error:
            faults[str(index)] = error.faults
            if len(faults) == MAX_FAULTS:
                break
    if faults:
        raise WrongValue(parts=faults)
    return values


def sent_list(value: Any, limit: int, too_many: str = "too_many") -> list[Any]:
    """The value if it is a list. Raises WrongValue, with the fault `too_many` for more than `limit` items."""
    if value is None:
        raise wrong_value("null")
    if not isinstance(value, list):
        raise wrong_value("not_a_list", type=type(value).__name__)
    if len(value) > limit:
        raise wrong_value(too_many, limit=limit)
    return value


def sent_object(value: Any) -> dict[str, Any]:
    if value is None:
        raise wrong_value("null")
    if not isinstance(value, dict):
        raise wrong_value("invalid_data", type=type(value).__name__)
    return value


def nested(readers: Mapping[str, FieldReader], required: Iterable[str] = ()) -> FieldReader:
    """Reads an object with fields of its own; faults are keyed by their names."""

    def reader(value: Any) -> dict[str, Any]:
        sent = sent_object(value)
        try:
            return read_fields(readers, sent, required=required)
        except Invalid as error:
            raise WrongValue(parts=error.faults) from None

    return with_schema(**object_schema(readers, required))(reader)


def object_schema(readers: Mapping[str, FieldReader], required: Iterable[str] = ()) -> dict[str, Any]:
    """The schema of an object that `read_fields` takes."""
    required_names = list(required)
    properties = {name: reader_schema(reader) for name, reader in readers.items()}
    return {
        "type": "object",
        "properties": properties,
        **({"required": required_names} if required_names else {}),
    }
