"""The OpenAPI document of one API version, made from the routes and the tables that describe them.

Paths, verbs, who may use them, path parameters and refusals follow from the routes and their handlers. A verb
without a row in the tables has only these; a test fails for it.
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
from handlers.api_description.refusals import response_components
from handlers.api_description.rows import TABLES, find_row
from handlers.api_description.schemas import Schema
from handlers.http.route import Route

_REFERENCE: Final = re.compile(r'"#/components/schemas/([A-Za-z]{1,40})"')
_ABOUT: Final = (
    "The HTTP API of addons.mozilla.org, as Amoeba serves it. Every path answers OPTIONS, and HEAD where it"
    " answers GET; any other verb is 405. Objects may get more keys; what is unknown in a request is ignored."
)


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The document of "v3", "v4" or "v5"."""
    paths = {}
    for route in routes:
        if route.gate is None or version in GATES[route.gate]:
            row = find_row(route)
            paths[f"/{row.path}"] = path_item(route, row, version)
    schemas = {**objects(version), **bodies(version)}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Amoeba, API {version}", "version": version, "description": _ABOUT},
        "servers": [{"url": f"/api/{version}"}],
        "tags": [{"name": name} for name in TABLES],
        "paths": paths,
        "components": {
            "schemas": _referenced(schemas, paths),
            "parameters": {
                **{
                    parameter.name: parameter.to_json()
                    for parameter in (*EVERY_READ, FIELDS)
                    if parameter.exists_in(version)
                },
                "If-Match": IF_MATCH,
            },
            "responses": response_components(),
            "securitySchemes": SCHEMES["session"] | SCHEMES["jwt"],
        },
    }


def _referenced(schemas: Mapping[str, Schema], paths: object) -> dict[str, Schema]:
    """The schemas that paths and refusals refer to, directly or through other schemas."""
    referenced: dict[str, Schema] = {}
    pending = [*_references(paths), *_references(response_components())]
    while pending:
        name = pending.pop()
        if name not in referenced:
            referenced[name] = schemas[name]
            pending += _references(schemas[name])
    return dict(sorted(referenced.items()))


def _references(value: object) -> list[str]:
    return _REFERENCE.findall(orjson.dumps(value).decode())
