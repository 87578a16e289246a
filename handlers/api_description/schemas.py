"""Short notation for JSON Schema (2020-12), which OpenAPI 3.1 uses.

record("id: integer, name: string?, files: [File], channel", channel=choice(CHANNELS))

is an object with these keys. A key without a kind is a string, `?` means `or null`, `[File]` is a list; kinds
with a capital are objects of objects.py (`ref("File")`). Keys are required, unless `optional` names them.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

Schema = dict[str, Any]

STRING: Final[Schema] = {"type": "string"}
INTEGER: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
BOOLEAN: Final[Schema] = {"type": "boolean"}
NULL: Final[Schema] = {"type": "null"}
DATE_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
URL: Final[Schema] = {"type": "string", "format": "uri"}
OBJECT: Final[Schema] = {"type": "object"}
FILE: Final[Schema] = {"type": "string", "contentMediaType": "application/octet-stream"}
_KINDS: Final = {
    "string": STRING,
    "integer": INTEGER,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "date": DATE_TIME,
    "uri": URL,
    "object": OBJECT,
    "null": NULL,
}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def choice(values: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(values)}


def array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def mapping(values: Schema) -> Schema:
    """An object with arbitrary keys."""
    return {"type": "object", "additionalProperties": values}


def nullable(schema: Schema) -> Schema:
    if "$ref" in schema or "anyOf" in schema:
        return {"anyOf": [schema, NULL]}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [*kinds, "null"], **enum}


def keys(text: str, **schemas: Schema) -> dict[str, Schema]:
    """The schemas of an object's keys; `schemas` has those that no kind describes."""
    pairs = (key.partition(":") for key in text.split(","))
    kinds = {name.strip(): kind.strip() or "string" for name, _, kind in pairs}
    return {name: schemas[name] if name in schemas else _kind(kind) for name, kind in kinds.items()}


def _kind(kind: str) -> Schema:
    if kind.endswith("?"):
        return nullable(_kind(kind[:-1]))
    if kind.startswith("["):
        return array(_kind(kind[1:-1]))
    return _KINDS[kind] if kind in _KINDS else ref(kind)


def to_schema(kind: str | Schema) -> Schema:
    """The schema of a kind, or the schema itself."""
    return _kind(kind) if isinstance(kind, str) else kind


def record(
    properties: str | Mapping[str, Schema], optional: Collection[str] = (), **schemas: Schema
) -> Schema:
    """An object with known keys: a text that `keys` parses, or their schemas by name."""
    all_schemas = keys(properties, **schemas) if isinstance(properties, str) else dict(properties)
    return fields(all_schemas, [name for name in all_schemas if name not in optional])


def fields(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    """An object of which only the `required` keys have to be present, such as a body."""
    needed = list(required)
    return {"type": "object", "properties": dict(properties), **({"required": needed} if needed else {})}


def page_schema(name: str) -> Schema:
    """A page of objects of this name, in the envelope of lists (contract/requests.md 5)."""
    return record(
        "page_size: integer, page_count: integer, count: integer, next: uri?, previous: uri?,"
        f"results: [{name}]"
    )
