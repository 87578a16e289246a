"""Validates answers by the document's schemas, without further keys."""

from typing import Any

import jsonschema_rs

Schema = dict[str, Any]


def strict(value: Any) -> Any:
    """The same where an object has its properties and no others."""
    if isinstance(value, list):
        return [strict(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {key: strict(each) for key, each in value.items()}
    is_record = isinstance(value.get("properties"), dict) and "additionalProperties" not in value
    return {**made, "additionalProperties": False} if is_record and "type" in value else made


def checker(schema: Schema, document: Schema) -> Any:
    """Validates an answer by `schema`, whose references lead into the document."""
    whole = {**schema, "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(strict(whole), validate_formats=True)
