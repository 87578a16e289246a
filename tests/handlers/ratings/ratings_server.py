"""A server whose add-ons wait to be rated, shared by the tests of ratings: `rated_api` in conftest.py.

Each test rates an add-on of its own: `addon` is one that nobody has rated yet.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.factories import make_addon, make_file, make_user, make_version
from tests.handlers.signed_client import Api, lines, signed

ANN = make_user(_id=7)  # the author of every add-on
BOB = make_user(_id=8, username="bob", display_name="Bob")
CAT = make_user(_id=9, username="cat", display_name="Cat")
MOD = make_user(_id=10, username="mod", permissions=["Addons:Edit"])
OWN_MOD = make_user(_id=11, username="ownmod", permissions=["Addons:Edit"])
READERS = [make_user(_id=100 + number, username=f"reader{number}") for number in range(60)]
NONE = {"average": 0.0, "bayesian_average": 0.0, "count": 0, "text_count": 0}
ZERO = {str(score): 0 for score in range(1, 6)}
AUTHORS = [
    {"user_id": user["_id"], "role": "owner", "listed": True, "position": 0} for user in (ANN, OWN_MOD)
]


def rated_addon(id: int, **fields: Any) -> Any:
    usual = {
        "_id": id,
        "guid": f"rated-{id}@example.org",
        "slug": f"rated-{id}",
        "name": {"en-US": f"Rated {id}", "fr": f"Noté {id}"},
        "authors": AUTHORS,
        "ratings": {**NONE, "grouped_counts": ZERO},
        "versions": [
            make_version(
                id=id * 10 + number,
                version=f"{number}.0",
                created=f"2024-01-0{number}T00:00:00Z",
                files=[make_file(id=id * 100 + number)],
            )
            for number in (3, 2, 1)
        ]
        + [make_version(id=id * 10 + 9, version="9.0", channel="unlisted", files=[make_file(id=id * 100)])],
    }
    return make_addon(**usual | fields)


HIDDEN, DISABLED, DELETED, LOADED = 901, 902, 903, 904
SHOWN = range(76, 300)  # the first four are for the tests of lists and faults
ADDONS = [
    *(rated_addon(id) for id in SHOWN),
    rated_addon(HIDDEN, disabled_by_user=True),
    rated_addon(DISABLED, status="disabled"),
    rated_addon(DELETED, status="deleted", slug=None),
    # As from AMO: counts without the ratings they are of.
    rated_addon(
        LOADED,
        ratings={
            "average": 4.5,
            "bayesian_average": 4.49,
            "count": 100,
            "text_count": 40,
            "grouped_counts": ZERO,
        },
    ),
]
DOCUMENTS = [*lines("user", ANN, BOB, CAT, MOD, OWN_MOD, *READERS), *lines("addon", *ADDONS)]
V5 = "ratings/rating/"
REQUIRED = ["This field is required."]


@pytest.fixture(scope="session")
def rated_api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("ratings")
    settings = {"AMOEBA_THROTTLING": "false", "AMOEBA_DENIED_RATING_WORDS": "bad,lizard"}
    with signed(folder, DOCUMENTS, mongod, **settings) as started:
        yield started


_fresh = itertools.count(101)


@pytest.fixture
def addon() -> int:
    """An add-on that nobody has rated yet."""
    return next(_fresh)


def sent(addon: int, score: Any = 4, number: int = 3, **fields: Any) -> dict[str, Any]:
    return {"addon": addon, "version": addon * 10 + number, "score": score, **fields}


def post(api: Api, user: Any, *words: Any, **fields: Any) -> dict[str, Any]:
    answer = api.ask("POST", "v5", V5, user, sent(*words, **fields))
    assert answer.status == 201, answer.body
    posted: dict[str, Any] = answer.json
    return posted


def listed(api: Api, query: str, user: Any = None, version: str = "v5") -> Any:
    answer = api.ask(
        "GET", version, f"{'reviews/review' if version == 'v3' else 'ratings/rating'}/?{query}", user
    )
    assert answer.status == 200, answer.body
    return answer.json


def summary(api: Api, addon: int) -> dict[str, Any]:
    path = f"addons/addon/{addon}/?show_grouped_ratings=true"
    found: dict[str, Any] = api.ask("GET", "v5", path).json["ratings"]
    return found


# What every rating and reply has, in v4 and v5.
KEYS = (
    *("id", "addon", "body", "created", "is_deleted", "is_developer_reply", "is_latest"),
    *("previous_count", "user"),
)
