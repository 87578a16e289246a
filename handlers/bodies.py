"""Request bodies: JSON objects and forms, as one thing (reference/writes.md 1.2).

    body = handlers.bodies.parse(request, locale)
    body.fields["name"], body.files["icon"]

A form's values are text; a key sent twice has its last value. Files come in
multipart forms only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from tornado.httputil import HTTPFile, HTTPServerRequest

from conf.messages import text
from handlers.errors import Refusal, detail

JSON: Final = "application/json"
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
# A fault in more than this is told in the fast parser's words: the other takes too long on the loop.
_SLOW_PARSE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Body:
    fields: Mapping[str, Any]
    files: Mapping[str, HTTPFile] = field(default_factory=dict)
    is_form: bool = False


def parse(request: HTTPServerRequest, locale: str) -> Body:
    """Raises Refusal: 400 (not JSON, not an object), 415 (another media type)."""
    if not request.body:
        return Body({})
    sent = request.headers.get("Content-Type", "")
    kind = sent.partition(";")[0].strip().lower()
    if kind == JSON:
        return Body(_object(read_json(request.body, locale), locale))
    if kind in FORMS:
        return _form(request)
    raise detail(415, "unsupported_media_type", locale, type=sent)


def read_json(body: bytes, locale: str) -> Any:
    """Any JSON value. Raises Refusal 400."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        reason = _reason(body) or str(fault)
    raise detail(400, "json_parse_error", locale, reason=reason)


def _reason(body: bytes) -> str | None:
    """What is wrong, in the words AMO's parser has for it (reference/conventions.md 4)."""
    if len(body) > _SLOW_PARSE:
        return None
    try:
        json.loads(body)
    except (ValueError, RecursionError) as fault:
        return str(fault)
    return None


def _object(value: Any, locale: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    kind = type(value).__name__ if value is not None else "null"
    raise Refusal(400, {"non_field_errors": [text("invalid_data", locale, type=kind)]})


def _form(request: HTTPServerRequest) -> Body:
    """Tornado has parsed it before the handler's turn."""
    fields = {
        name: values[-1].decode("utf-8", "replace")
        for name, values in request.body_arguments.items()
        if values
    }
    files = {name: sent[-1] for name, sent in request.files.items() if sent}
    return Body(fields, files, is_form=True)
