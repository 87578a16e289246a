"""Abuse reports over HTTP (contract/extras.md 2)."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from conf.model.reports import (
    ILLEGAL_CATEGORIES,
    INSTALL_METHODS,
    INSTALL_SOURCES,
    REASONS,
    SIGNATURES,
    TARGET_FIELDS,
)
from server.embedded.mongod import OwnMongod
from tests.factories import make_addon, make_user
from tests.handlers.loaded_server import environment
from tests.handlers.signed_client import NOT_FOUND, Api, lines, signed
from tests.shell_commands import Shell

ANN = make_user(_id=7)
SHY = make_user(_id=8, username="shy", is_public=False)
ADDON = make_addon()
HIDDEN = make_addon(_id=2, guid="hidden@example.org", slug="hidden", status="disabled", versions=[])
DATE = "2024-01-01T00:00:00Z"
RATING = {"_id": 5, "addon_id": 1, "version_id": 10, "version": "1.0", "user_id": 7, "score": 4} | {
    "is_latest": True,
    "created": DATE,
    "modified": DATE,
}
COLLECTION = {"_id": 3, "author_id": 7, "slug": "a", "created": DATE, "modified": DATE}
OLD = {"_id": 1, "target": "addon", "guid": "old@example.org", "created": "2020-01-01T00:00:00Z"}
REPORT = "abuse/report/"
VERSIONS = ("v3", "v4", "v5")
REQUIRED, CHOICE = "This field is required.", '"{}" is not a valid choice.'
BLANK, NULL = "This field may not be blank.", "This field may not be null."
LIMIT = "Ensure this field has no more than {} characters."
TOO_LONG = "Please ensure this field has no more than 10000 characters."
NOT_ILLEGAL = 'This value must be omitted or set to "null" when the `reason` is not "illegal".'
OTHER_CATEGORY = "This value cannot be used in combination with the supplied `illegal_category`."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, folder: Path) -> Iterator[Api]:
    documents = [
        *lines("user", ANN, SHY),
        *lines("addon", ADDON, HIDDEN),
        *lines("rating", RATING),
        *lines("collection", COLLECTION),
        *lines("report", OLD),
    ]
    settings = {"AMOEBA_TRUSTED_PROXIES": "127.0.0.1", "AMOEBA_REPORT_DAYS": "30"}
    with signed(folder, documents, mongod, **settings) as api:
        yield api


_addresses = iter(range(1, 60_000))


def send(api: Api, target: str, body: Any, user: Any = None, version: str = "v5", query: str = "") -> Any:
    """From an address of its own each time, so that nobody is throttled."""
    number = next(_addresses)
    address = f"198.18.{number // 250}.{number % 250 + 1}"
    headers = {"X-Forwarded-For": address, "X-Country-Code": "de"}
    return api.ask("POST", version, f"{REPORT}{target}/{query}", user, body, **headers)


def stored(folder: Path, mongod: OwnMongod, *words: str) -> list[dict[str, Any]]:
    shell = Shell(folder / "data", environment(folder, mongod))
    return [orjson.loads(line) for line in shell("reports", "--json", *words).splitlines()]


def test_what_firefox_sends_is_stored_and_told(api: Api, folder: Path, mongod: OwnMongod) -> None:
    """contract/extras.md 2"""
    sent = {
        "addon": "tab-tree@example.org",
        "addon_install_method": "amWebAPI",
        "addon_install_origin": "https://elsewhere.example",
        "addon_install_source": "about:addons",
        "addon_install_source_url": "https://elsewhere.example/x",
        "addon_name": "Tab Tree",
        "addon_signature": "not_required",
        "addon_summary": "Tabs.",
        "addon_version": "1.0",
        "app": "firefox",
        "appversion": "140.0",
        "client_id": "ab" * 32,
        "install_date": "2026-01-02T03:04:05.678Z",
        "lang": "de",
        "message": "",
        "operating_system": "Linux",
        "operating_system_version": "6.1",
        "reason": "damage",
        "report_entry_point": "uninstall",
    }
    for version in VERSIONS:
        answer = send(api, "addon", sent, version=version)
        assert answer.status == 201
        assert answer.json == sent | {
            "addon": {"guid": "tab-tree@example.org", "id": 1, "slug": "tab-tree"},
            "addon_install_method": "amwebapi",
            "addon_install_source": "about_addons",
            "install_date": "2026-01-02T03:04:05Z",
            "message": None,
            "reporter": None,
            "reporter_name": None,
            "reporter_email": None,
            "illegal_category": None,
            "illegal_subcategory": None,
            "location": None,
        }
    newest = stored(folder, mongod)[-1]
    assert (newest["target"], newest["guid"], newest["target_id"]) == ("addon", sent["addon"], 1)
    assert (newest["country"], newest["locale"], newest["reporter_id"]) == ("DE", "en-US", None)
    assert newest["fields"]["addon_install_source"] == "about_addons"


def test_targets(api: Api, folder: Path, mongod: OwnMongod) -> None:
    """contract/extras.md 2.1"""
    ann = {"id": 7, "name": "Ann", "username": "ann"}
    public, unknown = (
        {"guid": "tab-tree@example.org", "id": 1, "slug": "tab-tree"},
        {"id": None, "slug": None},
    )
    missing = [REQUIRED]
    cases: list[tuple[str, Any, Any]] = [
        ("addon", 1, public),
        ("addon", "1", public),
        ("addon", "tab-tree", public),
        ("addon", "Tab-Tree@example.org", public),
        ("addon", "hidden@example.org", unknown | {"guid": "hidden@example.org"}),
        ("addon", "nobody@example.org", unknown | {"guid": "nobody@example.org"}),
        ("addon", "hidden", 404),
        ("addon", 2, 404),
        ("addon", 999, 404),
        ("addon", "", missing),
        ("addon", None, missing),
        ("addon", ["a"], ["Not a valid string."]),
        ("user", 7, ann),
        ("user", "ann", ann),
        ("user", "shy", {"id": 8}),
        ("user", "nobody", 404),
        ("rating", 5, {"id": 5}),
        ("rating", "6", 404),
        ("rating", "x", 404),
        ("collection", "3", {"id": 3}),
        ("collection", 4, 404),
        ("collection", "a", 404),
    ]
    for target, named, wanted in cases:
        answer = send(api, target, {target: named, "message": "Bad."})
        case = (target, named, answer.json)
        if wanted == 404:
            assert (answer.status, answer.json) == (404, NOT_FOUND), case
        elif isinstance(wanted, list):
            assert (answer.status, answer.json) == (400, {target: wanted}), case
        else:
            assert answer.status == 201, case
            assert answer.json[target].items() >= wanted.items(), case
            expected = {"reporter", target, "lang", "reason", "message", "reporter_name", "reporter_email"}
            expected |= {"illegal_category", "illegal_subcategory", *TARGET_FIELDS[target]}
            assert answer.json.keys() == expected, case
    answer = send(api, "rating", {"message": "Bad."}, query="?rating=5", user=ANN)
    assert (answer.status, answer.json["rating"]) == (201, {"id": 5})
    assert answer.json["reporter"].items() >= ann.items()
    assert stored(folder, mongod, "--target", "rating")[-1]["reporter_id"] == 7


FIELDS: list[tuple[str, Any, Any]] = [
    # target, what is sent beside it, and the answer's keys or its faults
    ("addon", {}, {"message": [REQUIRED]}),
    ("addon", {"message": ""}, {"message": [BLANK]}),
    ("addon", {"message": None, "reason": None}, {"message": [NULL]}),
    ("user", {"message": "  "}, {"message": [BLANK]}),
    ("rating", {"reason": "something_else"}, 201),
    ("addon", {"reason": "", "message": "x"}, {"reason": [CHOICE.format("")]}),
    ("addon", {"reason": "no"}, {"reason": [CHOICE.format("no")]}),
    ("user", {"reason": "damage"}, {"reason": [CHOICE.format("damage")]}),
    ("addon", {"message": "x" * 10_001}, {"message": [TOO_LONG]}),
    ("addon", {"message": "x" * 10_000}, 201),
    ("addon", {"addon_name": "x" * 256}, {"addon_name": [LIMIT.format(255)]}),
    ("addon", {"lang": None, "addon_summary": "", "appversion": 140}, {"lang": None, "appversion": "140"}),
    ("addon", {"addon_install_method": ["link"]}, {"addon_install_method": "Invalid value"}),
    ("addon", {"addon_install_source": {}}, {"addon_install_source": "Invalid value"}),
    ("addon", {"addon_install_method": 7, "addon_install_source": "new-thing"}, "other"),
    ("addon", {"addon_signature": "unknown: 7"}, {"addon_signature": "unknown"}),
    ("addon", {"addon_signature": "forged"}, {"addon_signature": [CHOICE.format("forged")]}),
    ("addon", {"app": "thunderbird"}, {"app": [CHOICE.format("thunderbird")]}),
    ("addon", {"app": "android"}, {"app": "android"}),
    ("addon", {}, {"message": [REQUIRED]}),
    ("addon", {"client_id": "0" * 65}, {"client_id": [LIMIT.format(64)]}),
    ("addon", {"client_id": "xyz"}, {"client_id": ["Invalid value"]}),
    ("addon", {"report_entry_point": "door"}, {"report_entry_point": [CHOICE.format("door")]}),
    ("addon", {"location": "moon"}, {"location": [CHOICE.format("moon")]}),
    ("user", {"reporter_email": "ann"}, {"reporter_email": ["Enter a valid email address."]}),
    ("user", {"reporter_email": "a@b.example", "reporter_name": "A"}, {"reporter_email": "a@b.example"}),
    *(
        ("addon", {"install_date": date}, {"install_date": [
            "Datetime has wrong format. Use one of these formats instead: "
            "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
        ]})
        for date in ("yesterday", "2026-01-02", "2026-13-02T00:00", 7, "0001-01-01T00:00:00+09:00")
    ),
    ("addon", {"install_date": "2026-01-02T03:04+01:00"}, {"install_date": "2026-01-02T02:04:00Z"}),
    # contract/extras.md 2.3
    ("user", {"reason": "illegal"}, {"illegal_category": [REQUIRED], "illegal_subcategory": [REQUIRED]}),
    ("user", {"reason": "illegal", "illegal_category": "violence"}, {"illegal_subcategory": [REQUIRED]}),
    ("user", {"reason": "illegal", "illegal_category": "", "illegal_subcategory": "other"},
     {"illegal_category": [CHOICE.format("")]}),
    ("user", {"reason": "illegal", "illegal_category": "violence", "illegal_subcategory": "phishing"},
     {"illegal_subcategory": [OTHER_CATEGORY]}),
    ("user", {"illegal_category": "violence"}, {"illegal_category": [NOT_ILLEGAL], "message": None}),
    ("user", {"reason": "feedback_spam", "illegal_category": "other", "illegal_subcategory": "other"},
     {"illegal_category": [NOT_ILLEGAL], "illegal_subcategory": [NOT_ILLEGAL]}),
]  # fmt: skip
NAMES = {"addon": "tab-tree", "user": "ann", "rating": "5", "collection": "3"}


def test_fields(api: Api) -> None:
    """contract/extras.md 2.2"""
    for target, sent, wanted in FIELDS:
        with_text = "message" not in sent and "reason" not in sent and sent
        body = {target: NAMES[target], **({"message": "Bad."} if with_text else {}), **sent}
        answer = send(api, target, body)
        case = (target, sent, answer.status, answer.json)
        if wanted == 201:
            assert answer.status == 201, case
        elif wanted == "other":
            assert (answer.json["addon_install_method"], answer.json["addon_install_source"]) == (
                "other",
            ) * 2
        elif any(isinstance(said, list) or said == "Invalid value" for said in wanted.values()):
            faults = {key: said for key, said in wanted.items() if said is not None}
            assert (answer.status, answer.json) == (400, faults), case
        else:
            assert answer.status == 201, case
            assert answer.json.items() >= wanted.items(), case


def test_every_word_of_the_lists_is_taken(api: Api) -> None:
    for target, reasons in REASONS.items():
        for reason in set(reasons) - {"illegal"}:
            assert send(api, target, {target: NAMES[target], "reason": reason}).status == 201, reason
    for category, own in ILLEGAL_CATEGORIES.items():
        for subcategory in (*own, "other"):
            body = {"reason": "illegal", "illegal_category": category, "illegal_subcategory": subcategory}
            assert send(api, "collection", {"collection": 3, **body}).status == 201, body
    words = [("addon_install_method", word) for word in INSTALL_METHODS]
    words += [("addon_install_source", word) for word in INSTALL_SOURCES]
    words += [("addon_signature", word) for word in SIGNATURES]
    for field, word in words:
        answer = send(api, "addon", {"addon": "tab-tree", "message": "x", field: word.replace("_", "-")
                                     if field != "addon_signature" else word})  # fmt: skip
        assert answer.json[field] == word


def test_twenty_a_day_of_all_four_together(api: Api) -> None:
    def ask(target: str, user: Any, address: str) -> int:
        body = {target: NAMES[target], "message": "x"}
        headers = {"X-Forwarded-For": address}
        return api.ask("POST", "v4", f"{REPORT}{target}/", user, body, **headers).status

    targets = [*NAMES] * 5
    assert [ask(target, None, "192.0.2.1") for target in targets] == [201] * 20
    assert ask("addon", None, "192.0.2.1") == 429
    assert ask("addon", SHY, "192.0.2.1") == 429
    assert [ask(target, SHY, f"192.0.2.{place + 2}") for place, target in enumerate(targets[1:])] == [
        201
    ] * 19
    assert ask("user", SHY, "192.0.2.99") == 429


def test_only_posts_and_only_good_credentials(api: Api) -> None:
    for target in NAMES:
        assert api.get(f"/api/v5/{REPORT}{target}/").status == 405
    headers = {"Authorization": "Bearer nonsense", "X-Forwarded-For": "192.0.2.200"}
    answer = api.request("POST", f"/api/v5/{REPORT}addon/", headers=headers, json_body={"addon": 1})
    assert answer.status == 401
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": "192.0.2.201"}
    answer = api.request("POST", f"/api/v5/{REPORT}addon/", headers=form, body="addon=tab-tree&message=Bad.")
    assert (answer.status, answer.json["message"]) == (201, "Bad.")


@pytest.mark.timed
def test_what_is_too_old_is_deleted(api: Api, folder: Path, mongod: OwnMongod) -> None:
    deadline = time.monotonic() + 10
    while stored(folder, mongod, "--guid", "old@example.org") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert stored(folder, mongod, "--guid", "old@example.org") == []


def test_operators_read_them(api: Api, folder: Path, mongod: OwnMongod) -> None:
    send(api, "addon", {"addon": "nobody@example.org", "message": "Last."}, user=ANN)
    shell = Shell(folder / "data", environment(folder, mongod))
    [line] = shell("reports", "--guid", "nobody@example.org", "--limit", "1").splitlines()
    assert line.split("  ")[1:] == [
        "addon:nobody@example.org",
        "user:7",
        "DE",
        '{"message":"Last.","app":"firefox"}',
    ]
    shell("reports", "--since", "2999-01-01")
    assert shell.error.strip() == "no reports"
