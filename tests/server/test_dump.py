"""A dump holds everything, in one order, and gives it back to the letter."""

import json
from pathlib import Path
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from conf.model.addons import AddonDoc, UserDoc
from server.intake.kinds import KINDS
from server.intake.records import FullDocument, parse_record
from server.operating.dump import line
from server.storage.schema import COLLECTIONS
from server.storage.store import Store
from tests.factories import make_addon, make_file, make_user, make_version
from tests.server.intake.load_into_store import dumped, dumped_kinds, load_files
from tests.server.whole_documents import DOCUMENTS

DATES = st.datetimes().map(
    lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year > 999 else None
)
DATE = DATES.filter(bool)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBER = st.integers(0, 2**53 - 1)
FLOAT = st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 9)
TRANSLATED = st.none() | st.dictionaries(
    st.sampled_from(["en-US", "fr", "ja", "zh-CN", "ar"]), TEXT, max_size=3
)
# As they are stored: markup is cleaned when it is loaded.
PLAIN = st.none() | st.dictionaries(
    st.sampled_from(["en-US", "fr"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<>&"), max_size=20),
    max_size=2,
)
VERSIONS = st.builds(
    make_version,
    id=NUMBER,
    channel=st.sampled_from(["listed", "unlisted"]),
    created=DATE,
    reviewed=DATES,
    files=st.lists(
        st.builds(make_file, size=NUMBER, permissions=st.lists(TEXT, max_size=3)), min_size=1, max_size=2
    ),
    release_notes=PLAIN,
    approvals=st.none() | st.just([{"group": "line", "apps": ["android"]}]),
)
ADDONS = st.builds(
    make_addon,
    _id=st.integers(1, 2**53 - 1),
    status=st.sampled_from(["public", "deleted", "rejected"]),
    name=TRANSLATED,
    description=PLAIN,
    hotness=FLOAT,
    colors=st.lists(
        st.fixed_dictionaries({"h": NUMBER, "s": NUMBER, "l": NUMBER, "ratio": FLOAT}), max_size=2
    ),
    persona=st.none() | st.dictionaries(TEXT, TEXT | st.none() | NUMBER, max_size=3),
    last_updated=DATES,
    versions=st.lists(VERSIONS, max_size=2),
    revision=NUMBER,
)
USERS = st.builds(make_user, _id=st.integers(1, 2**53 - 1), biography=TRANSLATED, picture=st.none() | TEXT)


@given(ADDONS | USERS)
def test_any_document_survives_its_line(document: dict[str, Any]) -> None:
    kind = KINDS["addon" if "slug" in document else "user"]
    text = line(kind, document)
    assert text.count(b"\n") == 1
    parsed = parse_record(json.loads(text))
    assert isinstance(parsed, FullDocument)
    assert parsed.document == document
    assert line(kind, parsed.document) == text


def test_keys_are_in_the_models_order() -> None:
    addon = cast(dict[str, Any], make_addon()) | {"pictures": [], "reviewer_flags": {}}
    shuffled = {key: addon[key] for key in sorted(addon, reverse=True)} | {"extra": 1}
    shuffled["versions"] = [dict(sorted(version.items())) for version in addon["versions"]]
    assert line(KINDS["addon"], shuffled) == line(KINDS["addon"], addon | {"extra": 1})
    assert list(json.loads(line(KINDS["addon"], addon))) == ["kind", *AddonDoc.__annotations__]
    user = cast(dict[str, Any], make_user()) | {"pictures": [], "identity_date": "2026-01-02T03:04:05Z"}
    assert list(json.loads(line(KINDS["user"], user))) == [
        "kind",
        *UserDoc.__annotations__,
    ]


async def test_dump_of_a_loaded_dump_is_the_same(store: Store, tmp_path: Path) -> None:
    """Private state of every kind, numbers given out and all."""
    private = make_addon(
        _id=9,
        slug=None,
        guid="gone@example.org",
        status="deleted",
        pending_authors=[{"user_id": 8, "role": "developer", "listed": False}],
        hotness=1,
        versions=[make_version(id=5, deleted=True, approval_notes="Psst.", source="/source/5.zip")],
        revision=17,
    )
    for collection, document in (
        ("addons", private),
        ("addons", make_addon(_id=2)),
        ("users", make_user(permissions=["Addons:Edit"], banned=True, last_login="2021-01-01T00:00:00Z")),
        ("site", {"_id": "state", "read_only": True, "notice": "Back soon"}),
        ("counters", {"_id": "version", "value": 77}),
        (
            "activity",
            {"_id": 3, "addon_id": 2, "version_id": None, "user_id": 7, "date": "2026-01-01T00:00:00Z"}
            | {"action": "slug-changed", "details": {"property": "slug", "old": "a"}, "address": "::1"},
        ),
        ("replacements", {"_id": "old@example.org", "path": "/addon/tab-tree/"}),
        ("uploads", DOCUMENTS["uploads"] | {"signing": {"guid": "A@b", "folded": "a@b", "version": "1"}}),
        ("validations", DOCUMENTS["validations"]),
        ("sessions", {"_id": "ab", "user_id": 7, "auth_hash": "cd", "created": "x", "expires": "y"}),
    ):
        await store.database[collection].insert_one(dict(cast(dict[str, Any], document)))
    before = await dumped(store)
    assert await dumped_kinds(store) == [
        "user",
        "addon",
        "addon",
        "activity",
        "replacement",
        "upload",
        "validation",
        "session",
        "site",
        "counter",
    ]
    for kind in KINDS.values():
        await store.database[kind.collection].delete_many({})
    path = tmp_path / "dump.jsonl"
    path.write_bytes(before)
    _, reporter = await load_files(store, [path])
    assert reporter.bad_records == []
    after = await dumped(store)
    # The numbers of what is loaded are taken from now on; those of the dump are as they were.
    assert [
        text for text in after.splitlines() if b'"counter"' not in text or b'"version"' in text
    ] == before.splitlines()
    path.write_bytes(after)
    reloaded, _ = await load_files(store, [path])
    assert (reloaded.change.new, reloaded.change.changed) == (0, 0)


def test_every_collection_is_in_a_dump_but_secrets_and_work_under_way() -> None:
    dumped = {kind.collection for kind in KINDS.values()}
    assert COLLECTIONS.keys() - dumped == {
        *("secrets", "outbox", "mail_inbox", "mail_outbox", "webhook_outbox", "rates"),
        *("mirror", "mirrored", "mirrored_pages"),
        *("fs.files", "fs.chunks"),
    }
    assert all("kind" not in kind.model.__annotations__ for kind in KINDS.values()), "a line's own word"


async def test_empty_store_has_an_empty_dump(store: Store) -> None:
    assert await dumped(store) == b""
