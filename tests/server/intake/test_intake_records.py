"""Records of every shape are read, and bad ones say what is wrong with them."""

import copy
import re
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.model.addons import AddonDoc
from server.intake.json_values import BadRecord
from server.intake.kinds import KINDS, validated
from server.intake.merging import merge_states
from server.intake.records import AddonState, FullDocument, expand, parse_record
from tests.factories import make_addon, make_user, make_version
from tests.server.intake.amo_objects import (
    make_discovery,
    make_file_object,
    make_lang,
    make_v3,
    make_v4,
    make_v5,
    make_version_object,
)


def parsed_state(record: dict[str, Any]) -> AddonState:
    parsed = parse_record(record)
    assert isinstance(parsed, AddonState)
    return parsed


def read(record: dict[str, Any]) -> AddonDoc:
    """The document an empty store would get; always a valid one."""
    parsed = parsed_state(record)
    document = merge_states(None, [parsed])
    assert validated(KINDS["addon"], document) is document
    assert list(document) == [key for key in AddonDoc.__annotations__ if key in document], "the model's order"
    return cast(AddonDoc, document)


@pytest.mark.parametrize(
    "wrapped",
    [
        pytest.param({"id": 1}, id="bare object"),
        pytest.param([{"id": 1}], id="bare list"),
        pytest.param({"results": [{"id": 1}], "count": 1}, id="whole answer"),
        pytest.param({"results": [{"addon": {"id": 1}, "notes": None}]}, id="collection answer"),
        pytest.param({"addon": {"id": 1}, "_source": {"commit": "x"}}, id="collection item"),
    ],
)
def test_wrappers_are_taken_off(wrapped: Any) -> None:
    assert list(expand(wrapped)) == [{"id": 1}]


def test_dump_lines_are_no_wrappers() -> None:
    line = {"kind": "featured", "results": [1], "addon": {"id": 2}}
    assert list(expand(line)) == [line]


def test_v4_object() -> None:
    addon = read(make_v4())
    version = addon["versions"][0]
    assert addon["categories"] == {"android": ["experimental"], "firefox": ["tabs"]}
    assert addon["promoted"] == [{"group": "recommended", "apps": ["firefox", "android"]}]
    assert addon["icons"]["32"] == "/addon_icons/0/7-32.png?modified=abc"
    assert addon["previews"][0]["thumbnail_url"] == "/previews/thumbs/0/55.png?modified=1"
    assert addon["authors"] == [{"user_id": 3, "role": "owner", "listed": True, "position": 0}]
    assert version["channel"] == "listed"
    assert version["created"] == version["files"][0]["created"]
    assert version["compatibility"] == {"firefox": {"min": "57.0", "max": "*"}}, "obsolete applications go"
    assert version["license"] == {"id": 22, "slug": "MIT", "name": None, "text": None, "url": None}
    assert version["files"][0]["url"] == "/firefox/downloads/file/100/tab_tree-1.0-an+fx.xpi"
    assert addon["modified"] == addon["last_updated"] == "2020-09-26T05:34:48Z"


def test_v3_object_takes_its_creation_from_its_oldest_date() -> None:
    addon = read(make_v3())
    assert addon["created"] == "2020-09-26T04:48:47Z"
    assert addon["promoted"] == []
    license = addon["versions"][0]["license"]
    assert license is not None
    assert license["slug"] == "MIT"


def test_v5_object() -> None:
    addon = read(make_v5())
    version = addon["versions"][0]
    assert addon["name"] == {"fr": "Arbre"}
    assert addon["summary"] == {"en-US": "Tabs in a tree."}
    assert addon["homepage"] == {"en-US": "https://example.org/"}
    assert addon["categories"] == {"firefox": ["tabs"]}
    assert addon["promoted"] == [{"group": "recommended", "apps": ["firefox"]}]
    assert version["files"][0]["host_permissions"] == ["<all_urls>"]
    assert version["files"][0]["platform"] == "all"
    license = version["license"]
    assert license is not None
    assert license["slug"] == "MIT"


def test_plain_strings_of_lang_are_the_default_locales() -> None:
    addon = read(make_lang(default_locale="fr", name="Arbre"))
    assert addon["name"] == {"fr": "Arbre"}
    assert addon["homepage"] == {"fr": "https://example.org/"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"promoted": None}, {"promoted": []}, id="promoted null"),
        pytest.param({"promoted": []}, {"promoted": []}, id="promoted empty list"),
        pytest.param({"promoted": {"category": "unheard", "apps": []}}, {"promoted": []}, id="group unknown"),
        pytest.param({"icons": None, "icon_url": "/x.png"}, {"icons": {"64": "/x.png"}}, id="icon_url alone"),
        pytest.param({"is_disabled": True}, {"disabled_by_user": True}, id="disabled by its developer"),
        pytest.param(
            {"is_disabled": True, "status": "disabled"},
            {"disabled_by_user": False, "status": "disabled"},
            id="disabled by Mozilla",
        ),
        pytest.param(
            {"eula": {"en-US": "Be nice."}, "has_eula": True}, {"eula": {"en-US": "Be nice."}}, id="told"
        ),
        pytest.param(
            {"target_locale": "fr", "type": "dictionary"}, {"target_locale": "fr"}, id="target locale"
        ),
        pytest.param({"target_locale": ""}, {"target_locale": None}, id="no target locale"),
        pytest.param({"theme_data": {"id": "7"}, "type": "persona"}, {"persona": {"id": "7"}}, id="persona"),
        pytest.param({"current_version": None}, {"versions": []}, id="no current version"),
        pytest.param(
            {"status": "deleted", "slug": None, "name": None},
            {"slug": None, "status": "deleted"},
            id="deleted",
        ),
        pytest.param(
            {"last_updated": None}, {"last_updated": None, "modified": "2017-09-19T07:03:00Z"}, id="never"
        ),
        pytest.param(
            {"created": "2017-09-19T09:03:00.5+02:00"}, {"created": "2017-09-19T07:03:00Z"}, id="zone"
        ),
        pytest.param({"default_locale": "en_us"}, {"default_locale": "en-US"}, id="locale spelling"),
        pytest.param(
            {"ratings": {"average": 4, "count": 2, "grouped_counts": {"4": 2}}},
            {
                "ratings": {
                    "average": 4.0,
                    "bayesian_average": 0.0,
                    "count": 2,
                    "text_count": 0,
                    "grouped_counts": {"1": 0, "2": 0, "3": 0, "4": 2, "5": 0},
                }
            },
            id="grouped ratings",
        ),
    ],
)
def test_fields_in_their_other_forms(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert read(make_v4(**fields)).items() >= expected.items()


def test_promotion_of_2019_had_a_flag_of_its_own() -> None:
    record = make_v4(is_recommended=True)
    del record["promoted"]
    assert read(record)["promoted"] == [{"group": "recommended", "apps": ["firefox"]}]


def test_what_is_missing_has_the_models_default() -> None:
    few = {
        "id": 1,
        "guid": "a@b.example",
        "slug": "a",
        "type": "language",
        "name": "A",
        "target_locale": "fr",
    }
    addon = read(few)
    assert addon["default_locale"] == "en-US"
    assert addon["average_daily_users"] == 0
    assert addon["ratings"]["grouped_counts"] == dict.fromkeys("12345", 0)
    assert addon["versions"] == []


@pytest.mark.parametrize(
    ("license", "slug"),
    [
        ({"slug": "MPL-2.0", "is_custom": False, "name": None, "url": None}, "MPL-2.0"),
        ({"slug": None, "is_custom": True, "name": {"en-US": "MIT License"}}, None),
        (
            {"is_custom": False, "name": {"en-US": "GNU General Public License v3.0"}, "url": None},
            "GPL-3.0-only",
        ),
        ({"name": "Whatever", "url": "https://www.gnu.org/licenses/lgpl-3.0.html"}, "LGPL-3.0-only"),
        ({"name": "My own", "url": "https://example.org/licence"}, None),
        ({"is_custom": True, "name": {"en-US": "The MIT License"}}, None),
    ],
)
def test_licences_are_told_by_slug_address_or_name(license: dict[str, Any], slug: str | None) -> None:
    stored = read(make_v4(current_version=make_version_object(license=license)))["versions"][0]["license"]
    assert stored is not None
    assert stored["slug"] == slug


def test_custom_licence_keeps_its_texts_but_not_amos_page() -> None:
    source = {"id": 5, "is_custom": True, "name": {"en-US": "Mine"}, "text": {"en-US": "Do."}}
    source["url"] = "https://addons.mozilla.org/en-US/firefox/addon/tab-tree/license/1.0"
    stored = read(make_v4(current_version=make_version_object(license=source)))["versions"][0]["license"]
    assert stored == {"id": 5, "slug": None, "name": {"en-US": "Mine"}, "text": {"en-US": "Do."}, "url": None}


def test_unlisted_version_of_its_authors_answer() -> None:
    unlisted = make_version_object(id=11, approval_notes="Look.", source="https://x.example/a.zip")
    addon = read(make_v4(latest_unlisted_version=unlisted))
    assert [(version["id"], version["channel"]) for version in addon["versions"]] == [
        (11, "unlisted"),
        (10, "listed"),
    ]
    assert addon["versions"][0]["approval_notes"] == "Look."


def test_authors_become_users() -> None:
    nameless = {"id": 4, "name": "Firefox user 4", "username": "anonymous-0", "picture_url": None}
    parsed = parse_record(make_v4(authors=[*make_v4()["authors"], nameless]))
    assert isinstance(parsed, AddonState)
    assert [user["display_name"] for user in parsed.users] == ["Ann", None]
    assert [user["picture"] for user in parsed.users] == ["/userpics/0/0/3.png?modified=1", None]


BAD = [
    pytest.param("text", "not an object: 'text'", id="text"),
    pytest.param(None, "not an object: None", id="null"),
    pytest.param({}, "no id", id="empty object"),
    pytest.param({"id": "7"}, "id is no whole number from 1 up: '7'", id="id text"),
    pytest.param({"id": True}, "id is no whole number from 1 up: True", id="id true"),
    pytest.param({"id": -1}, "id is no whole number from 1 up: -1", id="id negative"),
    pytest.param({"id": 2**60}, f"id is no whole number from 1 up: {2**60}", id="id too large"),
    pytest.param({"kind": "unheard"}, "unknown kind: 'unheard'", id="kind unknown"),
    pytest.param({"kind": ["addon"]}, "unknown kind: ['addon']", id="kind no text"),
    pytest.param({"kind": "addon", "_id": "7"}, "$._id: expected int, got str", id="dump line, id text"),
]
BAD_FIELDS = [
    pytest.param({"type": "gadget"}, "unknown type: 'gadget'", id="type unknown"),
    pytest.param({"type": None}, "no type", id="no type"),
    pytest.param({"status": "great"}, "unknown status: 'great'", id="status unknown"),
    pytest.param({"default_locale": "tlh-Klingon"}, "unknown default_locale: 'tlh-Klingon'", id="locale"),
    pytest.param({"default_locale": 3}, "default_locale is no text: 3", id="locale no text"),
    pytest.param({"guid": None}, "no guid", id="no guid"),
    pytest.param({"guid": "a/b"}, "bad guid: 'a/b'", id="guid bad"),
    pytest.param({"slug": None}, "no slug", id="no slug"),
    pytest.param({"slug": "a/b"}, "bad slug: 'a/b'", id="slug bad"),
    pytest.param({"name": None}, "no name", id="no name"),
    pytest.param({"name": {"en-US": "  "}}, "no name", id="blank name"),
    pytest.param({"name": {"en-US": 3}}, "name in en-US is no text: 3", id="name no text"),
    pytest.param({"name": ["x"]}, "name is no object: ['x']", id="name list"),
    pytest.param({"last_updated": "yesterday"}, "last_updated is no date: 'yesterday'", id="date"),
    pytest.param({"created": 5}, "created is no date: 5", id="date number"),
    pytest.param(
        {"created": "2020-13-01T00:00:00Z"}, "created is no date: '2020-13-01T00:00:00Z'", id="month 13"
    ),
    pytest.param({"average_daily_users": "many"}, "average_daily_users is no whole number", id="users"),
    pytest.param({"ratings": {"average": "good"}}, "ratings average is no number: 'good'", id="ratings"),
    pytest.param({"authors": "Ann"}, "authors is no list of objects: 'Ann'", id="authors"),
    pytest.param({"authors": [{"name": "Ann"}]}, "no author id", id="author without id"),
    pytest.param({"tags": [1]}, "tags is no list of texts: [1]", id="tags"),
    pytest.param({"categories": "tabs"}, "categories is no object: 'tabs'", id="categories"),
    pytest.param({"previews": [{"id": 1, "image_size": [1]}]}, "image_size of a preview is no", id="size"),
    pytest.param({"current_version": []}, "current_version is no object: []", id="version list"),
    pytest.param({"current_version": {"version": "1"}}, "no version id", id="version id"),
    pytest.param({"is_disabled": "no"}, "is_disabled is neither true nor false: 'no'", id="flag"),
    pytest.param(
        {"current_version": make_version_object(version="")}, "version 10 has no number", id="version number"
    ),
    pytest.param({"current_version": make_version_object(files=[])}, "version 10 has no file", id="no file"),
    pytest.param(
        {"current_version": make_version_object(channel="secret")}, "unknown channel: 'secret'", id="channel"
    ),
    pytest.param(
        {"current_version": make_version_object(files=[make_file_object(status="lost")])},
        "unknown file status: 'lost'",
        id="file status",
    ),
    pytest.param(
        {"current_version": make_version_object(files=[make_file_object(created="x")])},
        "the date of a file of version 10 is no date: 'x'",
        id="file date",
    ),
]


@pytest.mark.parametrize(("record", "reason"), BAD)
def test_bad_record_says_why(record: Any, reason: str) -> None:
    with pytest.raises(BadRecord) as error:
        parse_record(record)
    assert str(error.value) == reason


@pytest.mark.parametrize(("fields", "reason"), BAD_FIELDS)
def test_bad_field_is_named(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRecord) as error:
        parse_record(make_v4(**fields))
    assert str(error.value).startswith(reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "great"}, "unknown status: 'great'"),
        ({"guid": "a/b"}, "bad guid: 'a/b'"),
        ({"created": "now"}, "created is no date: 'now'"),
        ({"versions": [{"id": 1}]}, "$.versions[0]: object missing required field version"),
        ({"tags": "x"}, "$.tags: expected array, got str"),
        (
            {"authors": [{"user_id": 1, "role": "king", "listed": True, "position": 0}]},
            "unknown role: 'king'",
        ),
    ],
)
def test_bad_dump_line_says_why(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRecord) as error:
        parse_record({"kind": "addon"} | make_addon(**fields))
    assert str(error.value) == reason


@pytest.mark.parametrize("document", [make_addon(), make_user()])
def test_dump_line_is_its_document(document: dict[str, Any]) -> None:
    kind = "addon" if "slug" in document else "user"
    parsed = parse_record({"kind": kind, **document})
    assert isinstance(parsed, FullDocument)
    assert parsed.kind.name == kind
    assert parsed.document == document


def test_dump_line_of_an_older_model_is_completed() -> None:
    line: dict[str, Any] = {"kind": "addon", **copy.deepcopy(make_addon())}
    del line["colors"], line["versions"][0]["human_reviewed"]
    parsed = parse_record(line)
    assert isinstance(parsed, FullDocument)
    assert parsed.document == make_addon()
    assert list(parsed.document) == [key for key in AddonDoc.__annotations__ if key in parsed.document]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (make_addon(mood="good"), "unknown key: mood"),
        (make_addon(sttaus="public"), "unknown key: sttaus, did you mean status?"),
        (make_addon(versions=[make_version(file={})]), "unknown key: versions[0].file, did you mean files?"),
        (make_addon(ratings=make_addon()["ratings"] | {"mean": 3}), "unknown key: ratings.mean"),
    ],
)
def test_a_key_of_a_dump_line_that_nothing_would_read_is_named(line: Any, reason: str) -> None:
    with pytest.raises(BadRecord, match=f"^{re.escape(reason)}$"):
        parse_record({"kind": "addon", **line})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path] * bool(path) + [deeper for key, item in inner for deeper in _paths(item, (*path, key))]


SAMPLES = [
    *expand(make_discovery()),
    make_v3(),
    make_v4(),
    make_v5(),
    make_lang(),
    {"kind": "addon", **make_addon()},
]


@given(st.data())
def test_any_damage_gives_a_document_or_a_reason(data: st.DataObject) -> None:
    """Whatever stands in place of a value, a record is valid or bad, and never an accident."""
    record: Any = copy.deepcopy(data.draw(st.sampled_from(SAMPLES)))
    *path, last = data.draw(st.sampled_from(_paths(record)))
    parent = record
    for key in path:
        parent = parent[key]
    parent[last] = data.draw(JSON)
    try:
        parsed = parse_record(record)
    except BadRecord:
        return
    if isinstance(parsed, AddonState):
        validated(KINDS["addon"], merge_states(None, [parsed]))
