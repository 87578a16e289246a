"""What makes a rating of a dump valid.

    {"kind": "rating", "_id": 5, "addon_id": 1, "version_id": 10, "user_id": 7, "score": 4, ...}

The add-on's summary is not made from them: a dump has it in the add-on.
"""

from typing import Any

from conf.limits import MAX_SCORE, MIN_SCORE
from conf.model.ratings import place_of
from conf.vocabulary import RATING_FLAGS
from server.intake.json_values import BadRecord, check_date, integer, quoted, word


def check_rating(rating: dict[str, Any]) -> None:
    """Raises BadRecord. `place` follows from the rest and is put right."""
    integer(rating["_id"], "_id", 1)
    for date in (rating["created"], rating["modified"], *(flag["created"] for flag in rating["flags"])):
        check_date(date)
    for flag in rating["flags"]:
        word(flag["flag"], RATING_FLAGS, "flag")
    if rating["reply_to"] is None:
        _check_score(rating)
    elif rating["is_latest"] or rating["score"] is not None:
        raise BadRecord("a reply has no score, and is not the latest rating")
    if rating["deleted"]:
        rating["place"] = None
    else:
        rating["place"] = place_of(rating["user_id"], rating["version_id"], rating["reply_to"])


def _check_score(rating: dict[str, Any]) -> None:
    if rating["score"] not in range(MIN_SCORE, MAX_SCORE + 1):
        raise BadRecord(f"score is none: {quoted(rating['score'])}")
    if rating["version_id"] is None:
        raise BadRecord("no version_id")
    if rating["deleted"] and rating["is_latest"]:
        raise BadRecord("what is deleted is not the latest rating")
