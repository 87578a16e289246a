"""The OpenAPI document of one API version, made from the routes and the tables that describe them.

Paths, verbs, who may use them, path parameters and refusals follow from the routes and their resources;
a verb that no table has a row for is described by these alone (tests name it).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from conf.gates import GATES
from handlers.api_description.bodies import bodies
from handlers.api_description.objects import objects
from handlers.api_description.parameters import EVERY_READ, FIELDS, IF_MATCH
from handlers.api_description.paths import SCHEMES, path_item
from handlers.api_description.refusals import responses
from handlers.api_description.rows import TABLES, row_of
from handlers.api_description.schemas import Schema
from handlers.http.route import Route

_REFERENCE: Final = re.compile(r'"#/components/schemas/([A-Za-z]{1,40})"')
_ABOUT: Final = (
    "The HTTP API of addons.mozilla.org, as Amoeba serves it. Every path answers OPTIONS, and HEAD where it"
    " answers GET; any other verb is 405. Objects may get more keys; what is unknown in a request is ignored."
)


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """Of "v3", "v4" or "v5"."""
    paths = {}
    for route in routes:
        if route.gate is None or version in GATES[route.gate]:
            row = row_of(route)
            paths[f"/{row.path}"] = path_item(route, row, version)
    schemas = {**objects(version), **bodies(version)}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Amoeba, API {version}", "version": version, "description": _ABOUT},
        "servers": [{"url": f"/api/{version}"}],
        "tags": [{"name": name} for name in TABLES],
        "paths": paths,
        "components": {
            "schemas": _used(schemas, paths),
            "parameters": {
                **{each.name: each.described() for each in (*EVERY_READ, FIELDS) if each.is_in(version)},
                "If-Match": IF_MATCH,
            },
            "responses": responses(),
            "securitySchemes": SCHEMES["session"] | SCHEMES["jwt"],
        },
    }


def _used(schemas: Mapping[str, Schema], paths: object) -> dict[str, Schema]:
    """Those that the paths refer to, and refusals, directly or by way of others."""
    used: dict[str, Schema] = {}
    waiting = [*_references(paths), *_references(responses())]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used[name] = schemas[name]
            waiting += _references(schemas[name])
    return dict(sorted(used.items()))


def _references(value: object) -> list[str]:
    return _REFERENCE.findall(orjson.dumps(value).decode())
