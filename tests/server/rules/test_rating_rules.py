"""What ratings come to: differences add up to the whole, whatever happens in between."""

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
    made: dict[str, Any] = {"_id": id, "user_id": user, "score": score, "body": body, "is_latest": latest}
    return cast(RatingDoc, made | {"created": f"2024-01-01T00:00:{id % 60:02}Z", "previous_count": 0})


# (user, score, body): post; (user, None, None): delete the user's latest.
moves = st.lists(
    st.tuples(st.integers(1, 4), st.none() | st.integers(1, 5), st.sampled_from((None, "", "Text"))),
    max_size=40,
)


@given(moves)
def test_by_difference_is_as_counted_anew(moves: list[tuple[int, int | None, str | None]]) -> None:
    theirs: dict[int, list[RatingDoc]] = {}
    summary = NONE
    for number, (user, score, body) in enumerate(moves):
        before = theirs.get(user, [])
        kept = before[:-1] if score is None else [*before, rating(number, score, body, user=user)]
        after = mark_latest(kept)
        summary = recounted(summary, before, after)
        theirs[user] = after
    shown = [each[-1] for each in theirs.values() if each]
    total = sum(cast(int, one["score"]) for one in shown)
    assert summary["count"] == len(shown)
    assert summary["text_count"] == sum(bool(one["body"]) for one in shown)
    assert sum(summary["grouped_counts"].values()) == len(shown)
    if shown:
        assert summary["average"] == round(total / len(shown), 4)
        wanted = (PRIOR_COUNT * PRIOR_MEAN + total) / (PRIOR_COUNT + len(shown))
        assert summary["bayesian_average"] == pytest.approx(wanted)
    else:
        assert summary == NONE


@given(st.floats(1, 5), st.integers(1, 10_000), st.integers(1, 5))
def test_a_summary_without_ratings_is_carried_on(average: float, count: int, score: int) -> None:
    loaded = cast(RatingsDoc, {**NONE, "average": average, "count": count, "text_count": count})
    more = recounted(loaded, [], [rating(1, score)])
    assert more["count"] == count + 1
    assert more["grouped_counts"] == NONE["grouped_counts"], "one of many passes for all"
    assert more["average"] == pytest.approx((average * count + score) / (count + 1), abs=1e-4)
    assert min(average, score) - 1e-4 <= more["average"] <= max(average, score) + 1e-4
    less = recounted(more, [rating(1, score)], [])
    assert less["count"] == count
    assert less["average"] == pytest.approx(average, abs=(count + 2) * 1e-4)


def test_counts_never_fall_below_nothing() -> None:
    assert recounted(NONE, [rating(1, 3, "x")], []) == NONE


def test_a_users_are_numbered_and_the_last_is_latest() -> None:
    ordered = mark_latest([rating(3), rating(1), rating(2)])
    assert [one["_id"] for one in ordered] == [1, 2, 3]
    assert [one["previous_count"] for one in ordered] == [0, 1, 2]
    assert [one["is_latest"] for one in ordered] == [False, False, True]


def test_one_moment_is_told_apart_by_number() -> None:
    same = [cast(RatingDoc, {**rating(id), "created": "2024-01-01T00:00:00Z"}) for id in (9, 4)]
    assert [one["_id"] for one in mark_latest(same)] == [4, 9]
