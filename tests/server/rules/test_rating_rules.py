"""An add-on's summary of ratings: changes by difference give the same as a new count."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.model.addons import RatingsDoc
from conf.model.ratings import RatingDoc
from server.rules.ratings import PRIOR_COUNT, PRIOR_MEAN, mark_latest, recounted

NONE: RatingsDoc = {
    "average": 0.0,
    "bayesian_average": 0.0,
    "count": 0,
    "text_count": 0,
    "grouped_counts": {str(score): 0 for score in range(1, 6)},
}


def rating(
    id: int, score: int = 4, body: str | None = None, *, user: int = 1, latest: bool = True
) -> RatingDoc:
    document: dict[str, Any] = {"_id": id, "user_id": user, "score": score, "body": body, "is_latest": latest}
    return cast(RatingDoc, document | {"created": f"2024-01-01T00:00:{id % 60:02}Z", "previous_count": 0})


# (user, score, body): post; (user, None, None): delete the user's latest.
moves = st.lists(
    st.tuples(st.integers(1, 4), st.none() | st.integers(1, 5), st.sampled_from((None, "", "Text"))),
    max_size=40,
)


@given(moves)
def test_differences_give_the_same_as_a_new_count(moves: list[tuple[int, int | None, str | None]]) -> None:
    by_user: dict[int, list[RatingDoc]] = {}
    summary = NONE
    for number, (user, score, body) in enumerate(moves):
        before = by_user.get(user, [])
        remaining = before[:-1] if score is None else [*before, rating(number, score, body, user=user)]
        after = mark_latest(remaining)
        summary = recounted(summary, before, after)
        by_user[user] = after
    latest = [ratings[-1] for ratings in by_user.values() if ratings]
    total = sum(cast(int, rating["score"]) for rating in latest)
    assert summary["count"] == len(latest)
    assert summary["text_count"] == sum(bool(rating["body"]) for rating in latest)
    assert sum(summary["grouped_counts"].values()) == len(latest)
    if latest:
        assert summary["average"] == round(total / len(latest), 4)
        expected = (PRIOR_COUNT * PRIOR_MEAN + total) / (PRIOR_COUNT + len(latest))
        assert summary["bayesian_average"] == pytest.approx(expected)
    else:
        assert summary == NONE


@given(st.floats(1, 5), st.integers(1, 10_000), st.integers(1, 5))
def test_a_loaded_summary_without_ratings_is_updated(average: float, count: int, score: int) -> None:
    loaded = cast(RatingsDoc, {**NONE, "average": average, "count": count, "text_count": count})
    more = recounted(loaded, [], [rating(1, score)])
    assert more["count"] == count + 1
    assert more["grouped_counts"] == NONE["grouped_counts"], "the counts by score stay unknown"
    assert more["average"] == pytest.approx((average * count + score) / (count + 1), abs=1e-4)
    assert min(average, score) - 1e-4 <= more["average"] <= max(average, score) + 1e-4
    less = recounted(more, [rating(1, score)], [])
    assert less["count"] == count
    assert less["average"] == pytest.approx(average, abs=(count + 2) * 1e-4)


def test_counts_never_fall_below_zero() -> None:
    assert recounted(NONE, [rating(1, 3, "x")], []) == NONE


def test_a_users_ratings_are_numbered_and_the_newest_is_latest() -> None:
    ordered = mark_latest([rating(3), rating(1), rating(2)])
    assert [rating["_id"] for rating in ordered] == [1, 2, 3]
    assert [rating["previous_count"] for rating in ordered] == [0, 1, 2]
    assert [rating["is_latest"] for rating in ordered] == [False, False, True]


def test_ratings_of_one_second_are_ordered_by_id() -> None:
    simultaneous = [cast(RatingDoc, {**rating(id), "created": "2024-01-01T00:00:00Z"}) for id in (9, 4)]
    assert [rating["_id"] for rating in mark_latest(simultaneous)] == [4, 9]
