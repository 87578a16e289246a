"""Authors, invitations and their answers through the API (contract/writes.md 7)."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api
from tests.handlers.writable_server import (
    ADMIN,
    DEVELOPER,
    FLAGS,
    OWNER,
    REVIEWER,
    SPARE,
    STRANGER,
    SUBMITTER,
    addon,
    writing,
)
from tests.sweep import sweep

FOREIGN = FORBIDDEN | FLAGS
INVITED = [{"user_id": 9, "role": "developer", "listed": False}]
ADDONS = [
    addon(1),
    addon(2, pending_authors=INVITED),
    addon(3, authors=[{"user_id": 7, "role": "owner", "listed": True, "position": 0}]),
    *(addon(number, pending_authors=INVITED) for number in SPARE),
]
EVE = {"user_id": 9, "name": "Eve", "email": "eve@example.org", "role": "developer", "listed": False}
ANN = {
    "user_id": 7,
    "name": "Ann",
    "email": "ann@example.org",
    "role": "owner",
    "listed": True,
    "position": 0,
}


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with writing(tmp_path_factory.mktemp("author_writes"), mongod, *ADDONS) as started:
        yield started


def authors(number: int, user: int | None = None) -> str:
    return f"addons/addon/{number}/authors/" + (f"{user}/" if user else "")


def pending(number: int, rest: int | str = "") -> str:
    return f"addons/addon/{number}/pending-authors/" + (f"{rest}/" if rest else "")


@sweep("version", ["v3", "v4", "v5"])
@pytest.mark.parametrize(
    ("method", "path", "user", "status", "body"),
    [
        ("GET", authors(1), None, 401, NOT_AUTHENTICATED | FLAGS),
        ("GET", authors(1), STRANGER, 403, FOREIGN),
        ("GET", authors(3), OWNER, 200, [ANN]),
        ("GET", authors(1), DEVELOPER, 200, None),
        ("GET", authors(1), REVIEWER, 200, None),
        ("GET", authors(1, 7), DEVELOPER, 200, ANN),
        ("GET", authors(1, 9), DEVELOPER, 404, NOT_FOUND),
        ("GET", authors(1, 9), STRANGER, 403, FOREIGN),
        ("GET", authors(404), OWNER, 404, NOT_FOUND),
        ("GET", pending(1), OWNER, 200, []),
        ("GET", pending(2), DEVELOPER, 200, [EVE]),
        ("GET", pending(2, 9), DEVELOPER, 200, EVE),
        ("GET", pending(2, 7), DEVELOPER, 404, NOT_FOUND),
        ("GET", "addons/addon/1/authors/x/", OWNER, 404, NOT_FOUND),
        ("PATCH", authors(1, 8), DEVELOPER, 403, FOREIGN),
        ("PATCH", authors(1, 8), None, 401, NOT_AUTHENTICATED | FLAGS),
        ("PATCH", authors(1, 8), ADMIN, 403, FOREIGN),
        ("PATCH", authors(1, 99), OWNER, 404, NOT_FOUND),
        ("DELETE", authors(1, 99), OWNER, 404, NOT_FOUND),
        ("DELETE", authors(1, 8), DEVELOPER, 403, FOREIGN),
        ("POST", pending(1), DEVELOPER, 403, FOREIGN),
        ("PATCH", pending(2, 9), DEVELOPER, 403, FOREIGN),
        ("DELETE", pending(2, 9), DEVELOPER, 403, FOREIGN),
        ("DELETE", pending(2, 7), OWNER, 404, NOT_FOUND),
        ("POST", pending(2, "confirm"), OWNER, 403, FOREIGN),
        ("POST", pending(2, "decline"), OWNER, 403, FOREIGN),
        ("POST", pending(1, "confirm"), STRANGER, 403, FOREIGN),
        ("POST", pending(2, "confirm"), None, 401, NOT_AUTHENTICATED | FLAGS),
        ("POST", authors(1), OWNER, 405, {"detail": 'Method "POST" not allowed.'}),
        ("GET", pending(2, "confirm"), STRANGER, 405, {"detail": 'Method "GET" not allowed.'}),
    ],
)
def test_who(api: Api, version: str, method: str, path: str, user: Any, status: int, body: Any) -> None:
    answer = api.ask(method, version, path, user, {} if method != "GET" else None)
    assert answer.status == status
    if body is not None:
        assert answer.json == body


def test_the_invited_becomes_an_author_once(api: Api, number: int) -> None:
    answer = api.ask("POST", "v5", pending(number, "confirm"), STRANGER)
    assert (answer.status, answer.body) == (200, b"")
    listed = api.ask("GET", "v5", authors(number), STRANGER).json
    assert listed[-1] == EVE | {"position": 6}
    assert api.ask("GET", "v5", pending(number), STRANGER).json == []
    assert api.ask("POST", "v5", pending(number, "confirm"), STRANGER).status == 403
    assert api.ask("PATCH", "v5", f"addons/addon/{number}/", STRANGER, {}).status == 200


def test_the_invited_may_decline(api: Api, number: int) -> None:
    answer = api.ask("POST", "v5", pending(number, "decline"), STRANGER)
    assert (answer.status, answer.body) == (200, b"")
    assert api.ask("GET", "v5", pending(number), OWNER).json == []
    assert api.ask("POST", "v5", pending(number, "decline"), STRANGER).status == 403


def test_an_owner_invites_changes_and_withdraws(api: Api, number: int) -> None:
    answer = api.ask("PATCH", "v5", pending(number, 9), OWNER, {"role": "owner", "user_id": 1})
    assert (answer.status, answer.json) == (200, EVE | {"role": "owner"})
    assert api.ask("DELETE", "v5", pending(number, 9), OWNER).status == 204
    answer = api.ask("POST", "v5", pending(number), OWNER, {"user_id": 9, "role": "developer"})
    assert (answer.status, answer.json) == (201, EVE | {"listed": True})


def test_an_author_is_changed_and_shown_so(api: Api, number: int) -> None:
    sent = {"role": "owner", "listed": False}
    answer = api.ask("PATCH", "v5", authors(number, 8), OWNER, sent)
    assert (answer.status, answer.json["role"], answer.json["listed"]) == (200, "owner", False)
    shown = api.ask("GET", "v5", f"addons/addon/{number}/").json["authors"]
    assert [author["id"] for author in shown] == [7]


def test_an_author_leaves(api: Api, number: int) -> None:
    answer = api.ask("DELETE", "v5", authors(number, 10), SUBMITTER)
    assert (answer.status, answer.body) == (204, b"")
    assert api.ask("GET", "v5", authors(number), SUBMITTER).status == 403


@pytest.mark.parametrize(
    ("method", "path", "sent", "told"),
    [
        ("PATCH", authors(3, 7), {"role": "developer"}, {"role": ["Add-ons need at least one owner."]}),
        ("PATCH", authors(3, 7), {"listed": False}, {"listed": ["Add-ons need at least one listed author."]}),
        ("PATCH", authors(3, 7), {"role": "x"}, {"role": ['"x" is not a valid choice.']}),
        ("DELETE", authors(3, 7), {}, ["Add-ons need at least one owner."]),
        ("POST", pending(3), {}, {"user_id": ["This field is required."]}),
        ("POST", pending(3), {"user_id": "x"}, {"user_id": ["A valid integer is required."]}),
        ("POST", pending(3), {"user_id": 12345}, {"user_id": ["Account not found."]}),
        ("POST", pending(3), {"user_id": 7}, {"user_id": ["An author can only be present once."]}),
        ("POST", pending(2), {"user_id": 9}, {"user_id": ["An author can only be present once."]}),
        (
            "POST",
            pending(3),
            {"user_id": 12},
            {"user_id": ["The account needs a display name before it can be added as an author."]},
        ),
        ("PATCH", pending(2, 9), {"listed": None}, {"listed": ["This field may not be null."]}),
    ],
)
def test_faults(api: Api, method: str, path: str, sent: Any, told: Any) -> None:
    answer = api.ask(method, "v5", path, OWNER, sent)
    assert (answer.status, answer.json) == (400, told)
