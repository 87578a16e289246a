"""The demonstration catalogue: always the same, valid, and like a real one."""

import hashlib
import re
from collections import Counter
from functools import cache
from itertools import islice
from typing import Any

import orjson
import pytest

from conf import vocabulary
from conf.locales import SUPPORTED
from index.facts import current_version, is_public_version
from server.demo.addons import FIRST_ID
from server.demo.catalogue import addon_documents, documents, lines, load_demo, user_documents
from server.intake.kinds import KINDS, validated
from server.intake.records import FullDocument, parse_record
from server.operating.dump import line
from server.storage.store import Store
from tests.server.intake.load_into_store import dumped

COUNT = 3000
# Of 200 add-ons. It changes when the words or the choices do, on purpose; never by machine or Python.
DIGEST = "e5f71746a5e5f9fba7d2b645d1ca5a906e387a8994e7c184ac021ce1714e1f97"

Document = dict[str, Any]


@cache
def addons() -> list[Document]:
    return list(addon_documents(0, COUNT))


@cache
def users() -> list[Document]:
    return list(user_documents(0, COUNT))


def test_same_bytes_every_time() -> None:
    assert hashlib.sha256(b"".join(lines(200))).hexdigest() == DIGEST


def test_add_on_is_the_same_in_a_catalogue_of_any_size() -> None:
    assert list(addon_documents(990, 1010)) == addons()[990:1010]
    small = [document for kind, document in documents(50) if kind == "addon"]
    assert small == addons()[:50]


def test_lines_are_those_of_a_dump() -> None:
    for text in islice(lines(60), 0, None, 5):
        parsed = parse_record(orjson.loads(text))
        assert isinstance(parsed, FullDocument)
        assert line(parsed.kind, parsed.document) == text


@pytest.mark.parametrize("count", [1, 2, 3, 10, COUNT])
def test_every_document_is_valid(count: int) -> None:
    for kind, document in documents(count):
        assert validated(KINDS[kind], document) is document


def test_every_kind_that_reads_show_is_there() -> None:
    private = {"activity", "review_due", "reply_token", "seen_mail", "session", "apikey", "site", "counter"}
    private |= {"upload", "validation", "webhook"}
    assert {kind for kind, _ in documents(100)} == KINDS.keys() - private


@pytest.mark.parametrize("count", [1, 5, 50, 400])
def test_what_is_named_exists(count: int) -> None:
    generated: dict[str, dict[Any, Document]] = {kind: {} for kind in KINDS}
    for kind, document in documents(count):
        generated[kind][document["_id"]] = document
    for rating in generated["rating"].values():
        assert rating["addon_id"] in generated["addon"] and rating["user_id"] in generated["user"]
        assert rating["reply_to"] is None or rating["reply_to"] in generated["rating"]
    for note in generated["note"].values():
        versions = generated["addon"][note["addon_id"]]["versions"]
        assert (
            note["version_id"] in {version["id"] for version in versions}
            and note["user_id"] in generated["user"]
        )
        assert (note["attachment"] is not None) == (note["_id"] in generated["attachment"])
    named = [id for featured in generated["featured"].values() for id in featured["addons"]]
    named += [item["addon_id"] for one in generated["collection"].values() for item in one["addons"]]
    named += [item["addon_id"] for item in generated["discovery"].values()]
    named += [override["addon_id"] for override in generated["override"].values() if override["addon_id"]]
    assert set(named) <= generated["addon"].keys()


@pytest.mark.parametrize("key", ["_id", "guid", "slug"])
def test_what_must_be_unique_is(key: str) -> None:
    values = [addon[key] for addon in addons() if addon[key] is not None]
    assert len(set(map(str.lower, map(str, values)))) == len(values)


def test_numbers_inside_are_unique() -> None:
    versions = [version for addon in addons() for version in addon["versions"]]
    files = [file["id"] for version in versions for file in version["files"]]
    previews = [preview["id"] for addon in addons() for preview in addon["previews"]]
    for numbers in ([version["id"] for version in versions], files, previews):
        assert len(set(numbers)) == len(numbers)


def test_authors_exist_and_share() -> None:
    known = {user["_id"] for user in users()}
    owners = [author["user_id"] for addon in addons() for author in addon["authors"]]
    assert set(owners) <= known
    assert len({user["username"] for user in users()}) == len(known)
    assert Counter(owners).most_common(1)[0][1] > 5


def test_slugs_and_names_fit_the_contract() -> None:
    for addon in addons():
        assert addon["slug"] is None or re.fullmatch(r"[\w~-]{1,30}", addon["slug"])
        assert re.fullmatch(vocabulary.GUID_PATTERN, addon["guid"])
        assert set(addon["name"]) <= set(SUPPORTED)
        assert addon["name"][addon["default_locale"]]


SHARES = {
    "type": {"extension": 0.7, "statictheme": 0.19, "dictionary": 0.04, "language": 0.03},
    "status": {"public": 0.89, "incomplete": 0.045, "nominated": 0.02, "disabled": 0.02, "deleted": 0.015},
}


@pytest.mark.parametrize("field", SHARES)
def test_shares_are_as_planned(field: str) -> None:
    counts = Counter(addon[field] for addon in addons())
    for word, share in SHARES[field].items():
        assert counts[word] / COUNT == pytest.approx(share, rel=0.35), word
    assert counts.keys() >= {"extension", "search", "persona", "theme"} or "rejected" in counts


def test_public_ones_have_a_current_version_and_others_not_always() -> None:
    for addon in addons():
        if addon["status"] == "public":
            assert current_version(addon)  # type: ignore[arg-type]
    versions = [version for addon in addons() for version in addon["versions"]]
    assert {version["channel"] for version in versions} == {"listed", "unlisted"}
    statuses = {file["status"] for version in versions for file in version["files"]}
    assert statuses == {"public", "unreviewed", "disabled"}
    assert any(not is_public_version(version) for version in versions)


def test_users_are_few_who_have_many() -> None:
    users = sorted((addon["average_daily_users"] for addon in addons()), reverse=True)
    assert users[0] == 15_000_000
    assert users[20] > 500_000
    assert users[COUNT // 2] < 50


def test_ratings_add_up() -> None:
    for addon in addons():
        ratings = addon["ratings"]
        counts = ratings["grouped_counts"]
        assert sum(counts.values()) == ratings["count"] >= ratings["text_count"]
        total = sum(int(score) * number for score, number in counts.items())
        assert ratings["average"] == pytest.approx(total / max(1, ratings["count"]), abs=1e-4)


def test_texts_are_long_enough_and_of_many_scripts() -> None:
    texts = [
        text
        for addon in addons()
        for field in ("name", "summary", "description", "developer_comments", "eula", "privacy_policy")
        for text in (addon[field] or {}).values()
    ]
    word_count = sum(len(re.sub(r"<[^>]*>", " ", text).split()) for text in texts)
    assert 100 < word_count / COUNT < 200
    everything = "".join(texts)
    for script in ("タ", "签", "籤", "탭", "вкл", "علا", "שו", "ç", "ö", "ł", "ř", "ğ"):
        assert script in everything
    assert "<li>" in everything
    assert "</a>" in everything


def test_language_tools_have_their_locale() -> None:
    tools = [addon for addon in addons() if addon["type"] in ("dictionary", "language")]
    assert all(addon["target_locale"] for addon in tools)
    assert not any(addon["target_locale"] for addon in addons() if addon["type"] == "extension")


@pytest.mark.parametrize(
    "field", ["promoted", "previews", "tags", "colors", "persona", "eula", "region_exclusions"]
)
def test_rarer_fields_occur(field: str) -> None:
    assert any(addon[field] for addon in addons())


async def test_loaded_catalogue_dumps_as_its_lines(store: Store) -> None:
    progress: list[int] = []
    stored = await load_demo(store, 300, progress.append)
    expected = list(lines(300))
    assert stored == sum(progress) == len(expected)
    dump = (await dumped(store)).splitlines(keepends=True)
    assert dump[: len(expected)] == expected
    assert all(b'"counter"' in rest for rest in dump[len(expected) :])


async def test_catalogue_that_is_there_is_left_alone(store: Store) -> None:
    await load_demo(store, 50)
    await store.database["addons"].update_one({"_id": FIRST_ID}, {"$set": {"slug": "mine"}})
    assert await load_demo(store, 50) == 0
    assert await load_demo(store, 20) == 0
    addon = await store.find_addon("id", FIRST_ID)
    assert addon is not None
    assert addon["slug"] == "mine"


@pytest.mark.parametrize("sizes", [(1, 2), (2, 7), (7, 60), (60, 150)])
async def test_catalogue_grows_from_any_size(store: Store, sizes: tuple[int, int]) -> None:
    for size in sizes:
        assert await load_demo(store, size) > 0
        assert await load_demo(store, size) == 0


async def test_load_that_was_broken_off_goes_on(store: Store) -> None:
    await load_demo(store, 50)
    for collection in ("reports", "featured", "notes"):
        await store.database[collection].delete_many({})
    assert await load_demo(store, 50) > 0
    assert await store.count("notes") > 0


async def test_catalogue_grows_without_resetting(store: Store) -> None:
    await load_demo(store, 50)
    await store.database["addons"].update_one({"_id": FIRST_ID}, {"$set": {"slug": "mine"}})
    await load_demo(store, 80)
    assert await store.count("addons") == 80
    addon = await store.find_addon("id", FIRST_ID)
    assert addon is not None
    assert addon["slug"] == "mine"
