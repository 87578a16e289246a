"""Texts with markup are clean in whatever is stored, each by the rule of its field."""

from typing import Any

import pytest

from index.criteria.featured import FeaturedSets
from index.documents.documents import AddonDocuments
from index.shapes.api_versions import shapes_for
from index.shapes.markup import clean_foreign, cleaned, cleaned_values
from index.snapshot.prepared import prepare
from index.snapshot.records import Records
from tests.factories import make_addon, make_version
from tests.index.shapes.shape_context import CONTEXT, VERSIONS

RAW = "<b>x</b> <script> www.a.example"
LINK = '<a href="http://www.a.example" rel="nofollow">www.a.example</a>'
PROSE = f"<b>x</b> &lt;script&gt; {LINK}"
LINKED = f"&lt;b&gt;x&lt;/b&gt; &lt;script&gt; {LINK}"
OWN = {"id": 5, "slug": None, "name": {"en-US": RAW}, "text": {"en-US": RAW}, "url": None}


def addon(text: str) -> Any:
    fields = ("name", "summary", "description", "developer_comments", "eula", "privacy_policy")
    texts = {"en-US": text, "fr": "Pur."}
    version = make_version(release_notes=texts, license=OWN | {"name": texts, "text": texts})
    return make_addon(**dict.fromkeys(fields, texts), versions=[make_version(id=9), version])


def texts_of(document: Any) -> dict[str, str]:
    fields = ("name", "summary", "description", "developer_comments", "eula", "privacy_policy")
    version = document["versions"][1]
    translated = {key: document[key] for key in fields} | {"notes": version["release_notes"]}
    translated |= {"license name": version["license"]["name"], "license text": version["license"]["text"]}
    return {key: texts["en-US"] for key, texts in translated.items()}


def test_each_field_has_its_rule() -> None:
    raw = addon(RAW)
    assert texts_of(cleaned(raw)) == {
        "name": RAW,
        "summary": LINKED,
        **dict.fromkeys(("description", "developer_comments", "eula", "privacy_policy", "notes"), PROSE),
        "license name": RAW,
        "license text": LINKED,
    }
    assert raw == addon(RAW), "what was given is changed"


def test_what_is_clean_is_itself() -> None:
    clean = cleaned(addon(RAW))
    assert cleaned(clean) is clean
    assert clean_foreign(clean) is clean


def test_values_of_a_write() -> None:
    values: dict[str, Any] = {"eula": {"en-US": RAW, "fr": None}, "slug": RAW, "privacy_policy": None}
    values["custom_license"] = {"name": {"en-US": RAW}, "text": {"en-US": RAW}}
    after = cleaned_values(values)
    assert after["eula"] == {"en-US": PROSE, "fr": None}
    assert (after["slug"], after["privacy_policy"]) == (RAW, None)
    assert after["custom_license"] == {"name": {"en-US": RAW}, "text": {"en-US": LINKED}}


@pytest.mark.parametrize("text", [RAW, '<b title="x">y</b>', '<a href="http://a.b">x</a>', "<B>x</B>"])
def test_nothing_else_is_shown_whoever_wrote_to_the_database(text: str) -> None:
    shapes = {name: shapes_for(name, CONTEXT) for name in VERSIONS}
    documents = AddonDocuments(shapes, FeaturedSets(), Records(None))
    raw = make_addon(description={"en-US": text})
    safe, clean = prepare(raw, documents), prepare(cleaned(raw), documents)
    assert safe.packed.body.main == clean.packed.body.main
