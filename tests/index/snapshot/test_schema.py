"""What is made of the same documents stays the same as long as `SCHEMA` is: else a start would open a
snapshot that is of another making.

Where one of these fails, and what is made of documents was to change: raise SCHEMA in
index/snapshot/parts.py, and put the digest that the failure names beside the new number.
"""

import hashlib
import re
from pathlib import Path
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
import orjson
import pytest
import tantivy

from index import facts
from index.criteria.featured import FeaturedSets
from index.documents.compiled import compile_object
from index.documents.documents import AddonDocuments, PackedAddon
from index.documents.users import PublicUser
from index.shapes.api_versions import shapes_for
from index.shapes.view import View
from index.snapshot.parts import SCHEMA, Checkpoint
from index.snapshot.prepared import PreparedAddon, StoredAddon, prepare
from index.snapshot.records import Records
from index.text.schema import SCHEMA as TEXT_SCHEMA
from index.text.schema import DocumentBuilder
from index.updates import Release, Releases, unpack_releases
from tests.factories import make_addon
from tests.index.shapes.shape_context import CONTEXT, VERSIONS
from tests.index.test_damaged_addons import KINDS

DIGESTS: Final = {
    9: {
        "entries": "a4f5a06b38647c08",
        "documents": "869ca33c02122d93",
        "texts": "0949ffc7c2190bbc",
        "releases": "154b21660b8f3512",
        "fields": "e19b1be7155365d2",
        "rows": "c6ba6dbc8da57a9e",
        "details": "d63d8cfde825b8d9",
        "suggestions": "fc5153ef30de682c",
        "tools": "8b23d689160a8990",
    }
}
NAMES: Final = next(iter(DIGESTS.values()))
USERS: Final = {7: PublicUser(7, "ann", "Ann", None)}


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    contents = _contents(tmp_path_factory.mktemp("schema"))
    return {name: hashlib.sha256(b"\n".join(parts)).hexdigest()[:16] for name, parts in contents.items()}


def _contents(folder: Path) -> dict[str, list[bytes]]:
    contents: dict[str, list[bytes]] = {name: [] for name in NAMES}
    shapes = {version: shapes_for(version, CONTEXT) for version in VERSIONS}
    documents, builder = AddonDocuments(shapes, FeaturedSets(), Records(None)), DocumentBuilder()
    contents["fields"] += [
        repr(_layout(each)).encode()
        for each in (PreparedAddon, PackedAddon, StoredAddon, Releases, Release, Checkpoint, PublicUser)
    ]
    tantivy.Index(TEXT_SCHEMA, path=str(folder))
    contents["fields"].append(orjson.dumps(orjson.loads((folder / "meta.json").read_bytes())["schema"]))
    for kind in KINDS.values():
        addon = make_addon(**kind)
        if not facts.is_public(addon):
            continue
        prepared = prepare(addon, documents)
        header, body, releases = prepared.packed
        header = header._replace(digest=b"")  # of compressed bytes, which are the library's
        tool = prepared.tool and prepared.tool._replace(pack=None)
        contents["entries"].append(msgspec.json.encode((prepared.id, header, tool, prepared.entry)))
        contents["releases"].append(msgspec.json.encode(unpack_releases(releases)._replace(others=b"")))
        contents["documents"] += [orjson.dumps(documents._unpack(each)) for each in (body.main, *body.rest)]
        assert prepared.entry is not None
        text = orjson.loads(builder.document(addon, prepared.entry).json)
        # Their order is chance in part, and means nothing.
        words = {field: sorted(re.findall(r"[^\s\"\[\],]+", str(value))) for field, value in text.items()}
        contents["texts"].append(orjson.dumps(words))
        for version, one in shapes.items():
            for name, make in (
                ("rows", lambda view, one=one: one.row(addon, USERS, view)),  # noqa: B023
                ("details", lambda view, one=one: one.detail(addon, USERS, view)),  # noqa: B023
                ("suggestions", lambda view, one=one: one.suggestion(addon, view)),  # noqa: B023
                ("tools", lambda view, one=one: one.language_tool(addon, view)),  # noqa: B023
            ):
                compiled = compile_object(View(version), make)
                contents[name] += [compiled.readers, *compiled.texts]
    return contents


def _layout(kind: Any) -> Any:
    """The types in a record, in their order: records have no names of classes or fields."""
    if hasattr(kind, "_fields"):
        return list(map(_layout, get_type_hints(kind).values()))
    if arguments := get_args(kind):
        return get_origin(kind), list(map(_layout, arguments))
    return kind


@pytest.mark.parametrize("name", NAMES)
def test_another_making_has_another_number(digests: dict[str, str], name: str) -> None:
    assert SCHEMA in DIGESTS, digests
    assert digests[name] == DIGESTS[SCHEMA][name], f"raise SCHEMA, or undo the change: {digests}"
