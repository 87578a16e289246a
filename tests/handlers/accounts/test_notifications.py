"""What accounts want to be told of by mail, and the list of tags (contract/extras.md 6 and 7)."""

from collections.abc import Iterator
from typing import Any

import pytest

from conf.vocabulary import TAGS
from server.embedded.mongod import OwnMongod
from tests.factories import make_addon, make_user
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, Api, lines, signed

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
        said = "Attempting to set [upgrade_fail] to False. Mandatory notifications can't be modified"
        assert (answer.status, answer.json) == (400, [said])
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
