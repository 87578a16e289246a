"""Every route and verb is described, and the document is consistent."""

import ast
import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from orjson import dumps

from conf.vocabulary import VERSIONS
from handlers.api_description import search_parameters
from handlers.api_description.document import document
from handlers.api_description.rows import TABLES, find_row
from handlers.urls import ROUTES
from server.search_params.filters import FILTERS
from tests.client import Client
from tests.program import ROOT

WHERE = "add it to a table of handlers/api_description (catalogue.py, addons.py or people.py)"
DOCUMENTS = {version: json.loads(dumps(document(ROUTES, version))) for version in VERSIONS}


def test_every_verb_of_every_route_is_described() -> None:
    missing = [
        f"{verb} {route.path}"
        for route in ROUTES
        for verb in route.handler.access
        if verb not in find_row(route).operations
    ]
    assert not missing, WHERE


def test_nothing_else_is_described() -> None:
    routed = {find_row(route).path: route.handler.access.keys() for route in ROUTES}
    tables = {path: verbs.keys() for table in TABLES.values() for path, verbs in table.items()}
    assert {path: verbs for path, verbs in tables.items() if verbs - routed.get(path, {})} == {}


def test_every_filter_is_described() -> None:
    missing = {row.name for row in FILTERS} - search_parameters.FILTER_TEXTS.keys()
    assert not missing, "add it to FILTER_TEXTS of handlers/api_description/search_parameters.py"


def parameters_read() -> Iterator[str]:
    """Names that the program looks up among a request's parameters."""
    for room in ("handlers", "server/search_params", "index/documents"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                yield from _looked_up(node)


def _looked_up(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(attr="get", value=held), args=[ast.Constant(value=str(name)), *_]):
            pass
        case ast.Subscript(value=held, slice=ast.Constant(value=str(name))):
            pass
        case ast.Compare(left=ast.Constant(value=str(name)), comparators=[held, *_]):
            pass
        case _:
            return
    if ast.unparse(held).rpartition(".")[2] == "params":
        yield name


# What addresses outside the API have.
ELSEWHERE = {"appID", "appVersion", "appOS", "compatMode", "id", "modified", "reqVersion", "top"}
ELSEWHERE |= {"after", "before"}  # the console


def test_every_parameter_that_is_read_is_described() -> None:
    documented = {
        parameter["name"]
        for each in DOCUMENTS.values()
        for item in each["paths"].values()
        for verb, operation in item.items()
        if verb != "parameters"
        for parameter in operation["parameters"]
        if "name" in parameter
    }
    documented |= {parameter["name"] for parameter in DOCUMENTS["v3"]["components"]["parameters"].values()}
    missing = set(parameters_read()) - documented - ELSEWHERE
    assert not missing, f"{missing}: add a Parameter to the path's row in handlers/api_description"


@pytest.mark.parametrize("version", VERSIONS)
def test_schemas_are_schemas_and_references_lead_somewhere(version: str) -> None:
    api = DOCUMENTS[version]
    text = str(api)
    for place in re.findall(r"'\$ref': '#/([^']*)'", text):
        found: Any = api
        for word in place.split("/"):
            found = found[word]
    for name, schema in api["components"]["schemas"].items():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
        assert re.fullmatch("[A-Za-z]+", name)
    ids = re.findall(r"'operationId': '([^']*)'", text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("version", VERSIONS)
def test_people_read_it_as_a_page(client: Client, version: str) -> None:
    """No script, no style but its own, no address but the server's; whatever is linked is there."""
    path = f"/api/{version}/docs/"
    assert path in client.get("/", headers={"Accept": "text/html"}).body.decode()
    answer = client.get(path, headers={"Accept": "text/html"})
    text = answer.body.decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = answer.headers["Content-Security-Policy"]
    [style] = re.findall("<style>(.*?)</style>", text)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    assert "<script" not in text and " style=" not in text and "src=" not in text
    links = set(re.findall('href="([^"]*)"', text))
    ids = set(re.findall(' id="([^"]*)"', text))
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    assert {client.get(link).status for link in links if not link.startswith("#")} == {200}
    operations = [operation for item in DOCUMENTS[version]["paths"].values() for operation in item.values()]
    assert {each["operationId"] for each in operations if "operationId" in each} <= ids


@pytest.mark.parametrize("version", VERSIONS)
def test_it_is_served(client: Client, version: str) -> None:
    path = f"/api/{version}/openapi.json"
    answer = client.get(path)
    assert answer.json == DOCUMENTS[version]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "max-age=3600"
    tag = answer.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status == 304
    small = client.get(f"{path}?lang=%00", headers={"Accept-Encoding": "gzip", "Accept": "text/html"})
    assert gzip.decompress(small.body) == answer.body
    assert len(small.body) < 30_000
    assert client.head(path).headers["ETag"] == tag
    assert client.request("POST", path).status == 405
