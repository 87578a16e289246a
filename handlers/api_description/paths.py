"""Makes the document's path items, one of each route."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from handlers.api_description.operations import JSON, Operation
from handlers.api_description.parameters import EVERY_READ, EVERY_WRITE, FIELDS
from handlers.api_description.refusals import refusal_responses
from handlers.api_description.rows import GROUP_NAME, Row
from handlers.api_description.schemas import INTEGER, STRING, to_schema
from handlers.http.base import Access
from handlers.http.bodies.bodies import FORMS
from handlers.http.requests.request import read_plain
from handlers.http.route import Route
from server.auth.access.addon_access import VISIBLE

_OPEN: Final = ((), VISIBLE)  # rules that anonymous callers pass, or that the handler checks itself
_GROUP: Final = re.compile(r"\([^()]*\)")
_PATH_TEXTS: Final = {
    "addon": "Id, slug or guid.",
    "application": "Its short name.",
    "block": "Its id, or the guid it is about.",
    "collection": "Its slug.",
    "user": "Id or user name.",
    "version": "Its id, or its version number.",
}
SCHEMES: Final[dict[str, dict[str, Any]]] = {
    "session": {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token that `run.py token` prints.",
        },
        "session": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Session <key>`, the key as `run.py token --session` prints it.",
        },
    },
    "jwt": {
        "jwt": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`JWT <token>`, signed with an API key for at most five minutes.",
        }
    },
}


def path_item(route: Route, row: Row, version: str) -> dict[str, Any]:
    """The operations of a route in `version`."""
    item: dict[str, Any] = {
        verb.lower(): _operation(route, row, verb, access, version)
        for verb, access in route.handler.access.items()
    }
    return item | ({"parameters": [*_path_parameters(route, row.path)]} if "{" in row.path else {})


def _path_parameters(route: Route, path: str) -> Iterator[dict[str, Any]]:
    groups = _GROUP.findall(route.path)
    for name, group in zip(GROUP_NAME.findall(path), groups, strict=True):
        schema = INTEGER if "0-9" in group else {**STRING, "minLength": 1}
        text = {"description": _PATH_TEXTS[name]} if name in _PATH_TEXTS and schema is not INTEGER else {}
        yield {"name": name, "in": "path", "required": True, **text, "schema": schema}


def _operation(route: Route, row: Row, verb: str, access: Access, version: str) -> dict[str, Any]:
    operation = row.operations.get(verb, Operation(route.handler.title))
    declared = [parameter for parameter in operation.query if parameter.exists_in(version)]
    declared_names = {parameter.name for parameter in declared}
    every = EVERY_READ if verb == "GET" else EVERY_WRITE
    if verb == "GET" and getattr(route.handler, "kind", None):
        every = (*every, FIELDS)
    is_plain = route.handler.read is read_plain
    shared = [
        parameter
        for parameter in every
        if parameter.name not in declared_names and parameter.exists_in(version) and not is_plain
    ]
    return {
        "operationId": _id(verb, row.path),
        "summary": operation.summary,
        **({"tags": [row.tag]} if row.tag else {}),
        "parameters": [
            *(parameter.to_json() for parameter in declared),
            *({"$ref": f"#/components/parameters/{parameter.name}"} for parameter in shared),
            *([{"$ref": "#/components/parameters/If-Match"}] if 412 in operation.errors else []),
        ],
        **({"requestBody": _body(operation)} if operation.body else {}),
        "responses": {
            **{str(status): _success(operation, status) for status in _statuses(verb, operation)},
            **refusal_responses(verb, route.handler, access, operation, row.path),
        },
        "security": _security(route, access),
    }


def _id(verb: str, path: str) -> str:
    """An id such as `getAddonsAddonByAddonVersions`."""
    words = re.findall(r"[A-Za-z]+", path.replace("{", "by-"))
    return verb.lower() + "".join(word.title() for word in words)


def _success(operation: Operation, status: int) -> dict[str, Any]:
    description = {"description": HTTPStatus(status).phrase}
    if operation.answer is None or status in (204, 302):
        return description
    return {**description, "content": {operation.kind: {"schema": to_schema(operation.answer)}}}


def _statuses(verb: str, operation: Operation) -> tuple[int, ...]:
    """The statuses of successes."""
    if operation.statuses:
        return operation.statuses
    if operation.answer is None:
        return (204,)
    return (201,) if verb == "POST" else (200,)


def _body(operation: Operation) -> dict[str, Any]:
    assert operation.body is not None
    kinds = (FORMS[1], JSON) if operation.files else (JSON,)
    return {"content": {kind: {"schema": to_schema(operation.body)} for kind in kinds}, "required": True}


def _security(route: Route, access: Access) -> list[dict[str, Any]]:
    """The accepted schemes, and `{}` if anonymous callers may use the operation."""
    mechanisms = route.handler.mechanisms
    schemes: list[dict[str, Any]] = [{name: []} for mechanism in mechanisms for name in SCHEMES[mechanism]]
    is_open = access.rule in _OPEN and not access.signed_in and access.permission is None
    return [*schemes, {}] if is_open and schemes else schemes
