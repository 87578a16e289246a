"""Request bodies: JSON objects and forms, in one representation (contract/writes.md 1.2).

    body = bodies.parse(request, locale, limit)
    body.fields["name"], body.files["icon"]

A form's values are text; a field that is sent twice has its last value. Only multipart forms have files.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from tornado.httputil import HTTPServerRequest

from conf.limits import MAX_JSON_BYTES, MAX_JSON_DEPTH, MAX_JSON_ITEMS, MAX_TEXTS_BYTES
from conf.messages import text
from handlers.http.replies.errors import Refusal, detail

JSON: Final = "application/json"
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
# Longer bodies get the fast parser's error messages, and must be UTF-8, because the slow parser and replacing
# bytes with U+FFFD would block the event loop for too long.
_SLOW_PARSE: Final = 64 * 1024
_QUOTED: Final = 100  # characters of a media type that an error message quotes


@dataclass(frozen=True, slots=True)
class Body:
    """The fields of an object or a form, and the files of a form."""

    fields: Mapping[str, Any]
    files: Mapping[str, Any] = field(default_factory=dict)  # HTTPFile; UploadedFile from a streamed body
    is_form: bool = False


def parse(request: HTTPServerRequest, locale: str, limit: int) -> Body:
    """Raises Refusal: 400 (not JSON, not an object), 413 (JSON of more than `limit` bytes), 415 (another
    media type).
    """
    if not request.body:
        return Body({})
    content_type = request.headers.get("Content-Type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON:
        if len(request.body) > limit:
            raise too_large(limit, locale)
        return Body(_object(read_json(request.body, locale), locale))
    if kind in FORMS:
        return _form(request, locale)
    raise detail(415, "unsupported_media_type", locale, type=content_type[:_QUOTED])


def max_json_bytes(has_long_texts: bool) -> int:
    return MAX_TEXTS_BYTES if has_long_texts else MAX_JSON_BYTES


def too_large(limit: int, locale: str) -> Refusal:
    return detail(413, "body_too_large", locale, limit=limit)


def check_items(body: bytes, locale: str, limit: int) -> int:
    """An upper bound of the number of values in the JSON: it counts separators, even those in texts.
    Raises Refusal 400 if it exceeds the limit.

    A limit in bytes is not enough, because short values take a hundred times as long as texts.
    """
    items = len(body) - len(body.translate(None, b"[{,"))
    if items > limit:
        raise json_error(f"more than {limit} values", locale)
    return items


def read_json(body: bytes, locale: str, items: int = MAX_JSON_ITEMS) -> Any:
    """Any JSON value. Raises Refusal 400."""
    count = check_items(body, locale, items)
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise json_fault(body, fault, locale) from None
    if count > MAX_JSON_DEPTH and _is_deep(value):
        raise json_error(f"nested deeper than {MAX_JSON_DEPTH} levels", locale)
    return value


def json_error(reason: str, locale: str) -> Refusal:
    return detail(400, "json_parse_error", locale, reason=reason)


def json_fault(body: bytes, fault: Exception, locale: str) -> Refusal:
    """The refusal of JSON that could not be parsed."""
    return json_error(_reason(body) or str(fault), locale)


def _reason(body: bytes) -> str | None:
    """The message of AMO's parser (contract/requests.md 4)."""
    if len(body) > _SLOW_PARSE:
        return None
    try:
        json.loads(body)
    except (ValueError, RecursionError) as fault:
        return str(fault)
    return None


def _is_deep(value: Any) -> bool:
    level: list[Any] = [[value]]
    for _ in range(MAX_JSON_DEPTH):
        # `type(x) is` is the fastest test, as needed for tens of thousands of values; empty ones end here.
        level = [
            inner.values() if type(inner) is dict else inner
            for outer in level
            for inner in outer
            if inner and (type(inner) is dict or type(inner) is list)
        ]
        if not level:
            return False
    return any(type(inner) is dict or type(inner) is list for outer in level for inner in outer)


def _object(value: Any, locale: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    kind = type(value).__name__ if value is not None else "null"
    raise Refusal(400, {"non_field_errors": [text("invalid_data", locale, type=kind)]})


def form_fields(request: HTTPServerRequest, locale: str) -> dict[str, str]:
    """The texts of a form, which Tornado parsed before the handler runs. Raises Refusal 400, 413."""
    fields = {name: values[-1] for name, values in request.body_arguments.items() if values}
    if sum(map(len, fields.values())) > MAX_TEXTS_BYTES:
        raise too_large(MAX_TEXTS_BYTES, locale)
    try:
        return {
            name: value.decode("utf-8", "replace" if len(value) <= _SLOW_PARSE else "strict")
            for name, value in fields.items()
        }
    except UnicodeDecodeError:
        raise detail(400, "form_parse_error", locale, reason="not UTF-8") from None


def _form(request: HTTPServerRequest, locale: str) -> Body:
    fields = form_fields(request, locale)
    files = {name: values[-1] for name, values in request.files.items() if values}
    return Body(fields, files, is_form=True)
