"""JSON Schema (2020-12) in few words, as OpenAPI 3.1 has it.

record({"id": INTEGER, "name": nullable(STRING)})      every key is there, unless `optional` names it
ref("Addon")                                           an object of objects.py, by its name
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
FILE: Final[Schema] = {"type": "string", "contentMediaType": "application/octet-stream"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def choice(values: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(values)}


def array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def mapping(values: Schema) -> Schema:
    """An object whose keys are data."""
    return {"type": "object", "additionalProperties": values}


def nullable(schema: Schema) -> Schema:
    if "$ref" in schema or "anyOf" in schema:
        return {"anyOf": [schema, NULL]}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [*kinds, "null"], **enum}


def record(properties: Mapping[str, Schema], optional: Collection[str] = ()) -> Schema:
    """An object of known keys."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), **({"required": required} if required else {})}


def fields(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    """A body: what may be sent, and what has to be."""
    needed = list(required)
    return {"type": "object", "properties": dict(properties), **({"required": needed} if needed else {})}


def page_of(item: Schema) -> Schema:
    """The envelope of lists (contract/requests.md 5)."""
    return record(
        {
            "page_size": INTEGER,
            "page_count": INTEGER,
            "count": INTEGER,
            "next": nullable(URL),
            "previous": nullable(URL),
            "results": array(item),
        }
    )
