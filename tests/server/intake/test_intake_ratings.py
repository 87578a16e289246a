"""Ratings of a dump: what is wrong with one is said, what follows from the rest is put right."""

from typing import Any

import pytest

from server.intake.json_values import BadRecord
from server.intake.kinds import KINDS, validated

DATE = "2024-01-01T00:00:00Z"
RATING = {"_id": 5, "addon_id": 1, "version_id": 10, "version": "1.0", "user_id": 7, "score": 4}
RATING |= {"is_latest": True, "created": DATE, "modified": DATE}
REPLY = {"_id": 6, "addon_id": 1, "user_id": 8, "body": "Thanks", "reply_to": 5}
REPLY |= {"created": DATE, "modified": DATE}


@pytest.mark.parametrize(
    ("rating", "place"),
    [
        pytest.param(RATING, "version 10 user 7", id="one-a-version-and-user"),
        pytest.param(REPLY, "reply 5", id="one-reply-a-rating"),
        pytest.param(RATING | {"place": "else"}, "version 10 user 7", id="a-wrong-one-is-put-right"),
        pytest.param(RATING | {"is_latest": False, "deleted": True}, None, id="deleted-ones-make-room"),
    ],
)
def test_the_place_follows_from_the_rest(rating: dict[str, Any], place: str | None) -> None:
    assert validated(KINDS["rating"], dict(rating))["place"] == place


def test_a_whole_one_stays_as_it_is() -> None:
    once = validated(KINDS["rating"], dict(RATING))
    assert validated(KINDS["rating"], dict(once)) == once
    assert list(validated(KINDS["rating"], dict(once))) == list(once)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"_id": 0}, "_id"),
        ({"score": 6}, "score is none: 6"),
        ({"score": None}, "score is none: None"),
        ({"version_id": None}, "no version_id"),
        ({"created": "yesterday"}, "no date: 'yesterday'"),
        ({"deleted": True}, "what is deleted is not the latest rating"),
        ({"reply_to": 4}, "a reply has no score"),
        ({"flags": [{"user_id": 1, "flag": "x", "note": None, "created": DATE}]}, "flag"),
        ({"user_id": "ann"}, "user_id"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRecord, match=reason):
        validated(KINDS["rating"], RATING | change)
