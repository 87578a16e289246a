"""BSON's layout."""

from typing import Any

import bson
import pytest
from bson import Int64

from conf.bson import INT32, INT64, STRING, split_documents

DOCUMENTS: list[dict[str, Any]] = [
    {},
    {"_id": 1},
    {"_id": 2, "name": {"en-US": "Tab Tree"}, "tags": ["a", "b"]},
    {"_id": "long", "text": "x" * 70_000},
]


@pytest.mark.parametrize("count", range(len(DOCUMENTS) + 1))
def test_concatenated_documents_are_split(count: int) -> None:
    encoded = [bson.encode(document) for document in DOCUMENTS[:count]]
    assert [bytes(document) for document in split_documents(b"".join(encoded))] == encoded


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param("7", STRING, id="text"),
        pytest.param(7, INT32, id="small number"),
        pytest.param(Int64(7), INT64, id="large number"),
    ],
)
def test_the_fifth_byte_is_the_first_values_type(value: Any, kind: int) -> None:
    assert bson.encode({"_id": value})[4] == kind
