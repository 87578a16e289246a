"""What accounts want to be told of by mail, and the list of tags (contract/extras.md 6 and 7)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from conf.vocabulary import TAGS
from server.embedded.mongod import OwnMongod
from server.mail.unsubscribing import PAGE, make_codes
from tests.factories import make_addon, make_user
from tests.handlers.signed_client import FORBIDDEN, KEYRING, NOT_AUTHENTICATED, Api, lines, signed

ANN = make_user(_id=7)
BEN = make_user(_id=8, username="ben")
ADMIN = make_user(_id=9, username="root", permissions=["Users:Edit"])
READER = [("reply", True, False), ("new_features", True, False)]
DEVELOPER = [
    *READER,
    ("upgrade_success", True, False),
    ("new_review", True, False),
    ("upgrade_fail", True, True),
    ("reviewer_reviewed", True, True),
    ("individual_contact", True, True),
    ("announcements", False, False),
]


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    documents = [*lines("user", ANN, BEN, ADMIN), *lines("addon", make_addon())]
    with signed(tmp_path_factory.mktemp("notifications"), documents, mongod) as api:
        yield api


def path(user: Any) -> str:
    return f"accounts/account/{user['_id']}/notifications/"


def settings(answer: Any) -> list[tuple[str, bool, bool]]:
    assert answer.status == 200, answer.json
    assert all(list(one) == ["name", "enabled", "mandatory"] for one in answer.json)
    return [tuple(one.values()) for one in answer.json]


def test_notifications(api: Api) -> None:
    for version in ("v3", "v4", "v5"):
        assert settings(api.ask("GET", version, path(ANN), ANN)) == DEVELOPER
        assert settings(api.ask("GET", version, path(BEN), ADMIN)) == READER
        changed = [("reply", False, False), *DEVELOPER[1:-1], ("announcements", True, False)]
        sent = {"reply": False, "announcements": "true", "unknown": 1}
        assert settings(api.ask("POST", version, path(ANN), ANN, sent)) == changed
        assert settings(api.ask("GET", version, path(ANN), ANN)) == changed
        back = {"reply": True, "announcements": False}
        assert settings(api.ask("POST", version, path(ANN), ADMIN, back)) == DEVELOPER
        # What is for developers alone does not concern others.
        assert settings(api.ask("POST", version, path(BEN), BEN, {"upgrade_fail": False})) == READER
        answer = api.ask("POST", version, path(ANN), ANN, {"upgrade_fail": False, "reply": False})
        message = "Attempting to set [upgrade_fail] to False. Mandatory notifications can't be modified"
        assert (answer.status, answer.json) == (400, [message])
        answer = api.ask("POST", version, path(ANN), ANN, {"reply": "perhaps"})
        assert (answer.status, answer.json) == (400, {"reply": ["Must be a valid boolean."]})
        for method in ("GET", "POST"):
            assert api.ask(method, version, path(ANN)).json == NOT_AUTHENTICATED
            assert api.ask(method, version, path(ANN), BEN).json == FORBIDDEN
    assert settings(api.ask("GET", "v5", path(ANN), ANN)) == DEVELOPER


def test_tags(api: Api) -> None:
    answer = api.get("/api/v5/addons/tags/")
    assert (answer.status, answer.json) == (200, sorted(TAGS))
    assert answer.headers["Cache-Control"] == "max-age=360"
    for version in ("v3", "v4"):
        assert api.get(f"/api/{version}/addons/tags/").status == 404


def test_unsubscribing(api: Api) -> None:
    """contract/extras.md 6.1"""
    token, hash_ = make_codes(str(ANN["email"]), KEYRING.address_hash)
    theirs, stranger = {"token": token, "hash": hash_}, make_codes("gone@example.org", KEYRING.address_hash)
    off = {"name": "new_review", "enabled": False, "mandatory": False}
    invalid, unknown = {"detail": "Invalid token or hash."}, {"detail": "Email address not found."}
    mandatory = "Attempting to set [upgrade_fail] to False. Mandatory notifications can't be modified"
    rows: list[tuple[str, dict[str, Any], int, Any]] = [
        ("as it is", theirs | {"notification": "new_review"}, 200, off),
        ("once more", theirs | {"notification": "new_review"}, 200, off),
        ("mandatory", theirs | {"notification": "upgrade_fail"}, 400, [mandatory]),
        ("no such", theirs | {"notification": "x"}, 400, ["Notification [x] does not exist"]),
        ("none", theirs, 400, ["Notification [None] does not exist"]),
        ("no text", theirs | {"notification": [1]}, 400, ["Notification [[1]] does not exist"]),
        ("nobody's", {"token": stranger[0], "hash": stranger[1], "notification": "reply"}, 403, unknown),
        ("another's hash", {"token": token, "hash": stranger[1], "notification": "reply"}, 403, invalid),
        ("no hash", {"token": token, "notification": "reply"}, 403, invalid),
        ("no token", {"hash": hash_}, 403, invalid),
        ("nothing", {}, 403, invalid),
        ("no base64", {"token": "%", "hash": hash_}, 403, invalid),
        ("no UTF-8", {"token": "_w==", "hash": hash_}, 403, invalid),
        ("long", {"token": "YWFh" * 9000, "hash": hash_}, 403, invalid),
        ("numbers", {"token": 1, "hash": 2}, 403, invalid),
        ("a lone surrogate", {"token": token, "hash": "\ud800"}, 400, None),
        ("signs", {"token": token, "hash": "é" * 40}, 403, invalid),
    ]
    wrong = []
    for version in ("v3", "v4", "v5"):
        for name, sent, status, body in rows:
            answer = api.ask("POST", version, "accounts/unsubscribe/", None, sent)
            if answer.status != status or body not in (None, answer.json):
                wrong.append((version, name, answer.status, answer.json))
        # A mail program's one click (RFC 8058): all that counts is in the address.
        query = urlencode(theirs | {"notification": "new_review"})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        click = f"/api/{version}/accounts/unsubscribe/?{query}"
        answer = api.request("POST", click, headers=headers, body="List-Unsubscribe=One-Click")
        assert (answer.status, answer.json) == (200, off)
        assert api.get(click).status == 405  # following a link changes nothing
        assert ("new_review", False, False) in settings(api.ask("GET", version, path(ANN), ANN))
        api.ask("POST", version, path(ANN), ANN, {"new_review": True})
    assert wrong == []
    # The page that the link in a mail leads to (server/mail/unsubscribing.py).
    page = f"{PAGE}{quote(token)}/{hash_}/new_review/"
    answer = api.get(page)
    assert answer.status == 200 and b'<form method="post"><p>Do you want no more mail' in answer.body
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; form-action 'self'"
    assert settings(api.ask("GET", "v5", path(ANN), ANN)) == DEVELOPER
    answer = api.post(page)
    assert answer.status == 200 and b"You will get no more mail of the kind new_review." in answer.body
    assert settings(api.ask("GET", "v5", path(ANN), ANN))[3] == ("new_review", False, False)
    api.ask("POST", "v5", path(ANN), ANN, {"new_review": True})
    forged = f"{PAGE}{quote(token)}/{'0' * 40}/<script>/"
    assert api.get(forged).json == api.post(forged).json == invalid
    odd = api.get(f"{PAGE}{quote(token)}/{hash_}/%3Cscript%3E/")
    assert b"<script>" not in odd.body and b"&lt;script&gt;" in odd.body
    assert api.post(page.replace("new_review", "upgrade_fail")).json == [mandatory]
