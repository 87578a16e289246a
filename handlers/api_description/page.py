"""The document as an HTML page for people: self-contained, without scripts."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

Schema = Mapping[str, Any]

_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222;background:#fff}"
    "a{color:#0050b0}h2{margin:2em 0 .5em}h3{margin:1.5em 0 .3em}h4{margin:1em 0 .3em}"
    "code,summary{font-family:monospace;font-size:15px}summary{padding:.3em 0;cursor:pointer}"
    "summary b{display:inline-block;width:4.5em}summary i{font:15px sans-serif;color:#555}"
    "details>div{margin:0 0 1em 1em;padding-left:1em;border-left:3px solid #ccc}"
    "table{border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:.15em 1em .15em 0}"
    "td:first-child,th:first-child{white-space:nowrap}section:target h3{background:#fff3b0}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
_NAMES: Final = {"integer": "number (whole)", "boolean": "true or false", "string": "text", "null": "null"}
_CODE: Final = re.compile("`([^`]{1,80})`")
_MAX_VALUES: Final = 25  # of an enumeration, in a table


def page(document: Mapping[str, Any]) -> str:
    """The HTML page. All texts are escaped, because they may contain `<`."""
    return "".join(_parts(document))


def _parts(document: Mapping[str, Any]) -> Iterator[str]:
    info, server = document["info"], document["servers"][0]["url"]
    title, current = escape(info["title"]), info["version"]
    yield '<!doctype html><html lang="en"><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>"
    yield f"<p>{_prose(info['description'])} A <code>?</code> marks what is optional.</p>"
    others = (version for version in ("v3", "v4", "v5") if version != current)
    links = [f'<a href="/api/{version}/docs/">{version}</a>' for version in others]
    links += [f'<a href="{server}/openapi.json">openapi.json</a>', '<a href="#schemas">objects</a>']
    links += [f'<a href="#{tag["name"]}">{tag["name"]}</a>' for tag in document["tags"]]
    yield f"<nav>{' · '.join(links)}</nav>"
    for tag in [tag["name"] for tag in document["tags"]]:
        yield f'<h2 id="{tag}">{tag.capitalize()}</h2>'
        for path, item in document["paths"].items():
            for verb, operation in item.items():
                if verb != "parameters" and tag in operation.get("tags", ()):
                    yield from _operation(document, f"{server}{path}", verb, item, operation)
    yield '<h2 id="schemas">Objects</h2>'
    for name, schema in document["components"]["schemas"].items():
        yield f'<section id="{name}"><h3>{name}</h3>{_object(schema)}</section>'


def _operation(
    document: Mapping[str, Any], path: str, verb: str, item: Mapping[str, Any], operation: Mapping[str, Any]
) -> Iterator[str]:
    """An operation, as a collapsed element."""
    head = f"<b>{verb.upper()}</b>{escape(path)} <i>{_prose(operation['summary'])}</i>"
    yield f'<details id="{operation["operationId"]}"><summary>{head}</summary><div>'
    schemes = [" and ".join(scheme) or "nothing" for scheme in operation["security"]]
    yield f"<p>Credentials: {escape(', '.join(schemes) or 'none')}</p>"
    parameters = [*item.get("parameters", ()), *operation["parameters"]]
    if parameters:
        yield "<h4>Parameters</h4>"
        yield _table(
            (
                f"{parameter['name']}{'' if parameter.get('required') else '?'}",
                parameter["schema"],
                parameter.get("description", ""),
            )
            for parameter in (_resolve(document, parameter) for parameter in parameters)
        )
    if "requestBody" in operation:
        kinds = operation["requestBody"]["content"]
        yield f"<h4>Body</h4><p>{escape(', '.join(kinds))}: {_type(next(iter(kinds.values()))['schema'])}</p>"
    yield "<h4>Answers</h4><table>"
    for status, answer in operation["responses"].items():
        answer = _resolve(document, answer)
        shapes = "".join(_type(content["schema"]) for content in answer.get("content", {}).values())
        yield f"<tr><td>{status}<td>{shapes}<td>{_prose(answer['description'])}"
    yield "</table></div></details>"


def _resolve(document: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The value, or the value that it refers to."""
    if "$ref" not in value:
        return value
    target = document
    for word in value["$ref"].split("/")[1:]:
        target = target[word]
    return target


def _prose(text: str) -> str:
    """The escaped text, with code between backticks."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _table(rows: Iterator[tuple[str, Schema, str]]) -> str:
    cells = (
        f"<tr><td><code>{escape(name)}</code><td>{_type(schema)}<td>{_prose(text)}"
        for name, schema, text in rows
    )
    return f"<table>{''.join(cells)}</table>"


def _object(schema: Schema) -> str:
    text = f"<p>{_prose(schema['description'])}</p>" if "description" in schema else ""
    if "properties" not in schema:
        return text + f"<p>{_type(schema)}</p>"
    required = schema.get("required", ())
    rows = (
        (name if name in required else f"{name}?", value, value.get("description", ""))
        for name, value in schema["properties"].items()
    )
    return text + _table(rows)


def _type(schema: Schema) -> str:
    """A short description of a schema; named objects are links."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        types = [
            _type(option) for option in schema["anyOf"] if option.get("required") is None or "type" in option
        ]
        return " or ".join(dict.fromkeys(types)) or "object"
    if "enum" in schema:
        return _enumeration(schema["enum"])
    kinds = schema.get("type", "anything")
    return " or ".join(_kind(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _enumeration(values: list[Any]) -> str:
    texts = [f"<code>{escape(str(value))}</code>" for value in values if value is not None]
    ellipsis = ", …" if len(texts) > _MAX_VALUES else ""
    return ", ".join(texts[:_MAX_VALUES]) + ellipsis + (" or null" if None in values else "")


def _kind(kind: str, schema: Schema) -> str:
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if kind == "object" and "properties" in schema:
        keys = ", ".join(f"{escape(name)}: {_type(value)}" for name, value in schema["properties"].items())
        return f"{{{keys}}}"
    if kind == "object" and schema.get("additionalProperties"):
        return f"object of {_type(schema['additionalProperties'])}"
    limit = (
        f" (at most {schema['maxLength']} characters)" if kind == "string" and "maxLength" in schema else ""
    )
    return _NAMES.get(kind, kind) + limit
