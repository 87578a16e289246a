"""Ratings: bodies, which of a user's ratings counts, an add-on's summary (contract/writes.md 9).

Pure; any thread. Readers and checks raise what server/rules/faults.py has.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypedDict, cast

from conf.limits import MAX_GUID, MAX_NOTE, MAX_RATING, MAX_SCORE, MIN_SCORE
from conf.model.addons import AddonDoc, RatingsDoc, VersionDoc
from conf.model.ratings import RatingDoc
from conf.vocabulary import RATING_FLAGS
from index import facts
from server.rules.faults import Fault, Invalid, body_fault, field_fault
from server.rules.fields import (
    FieldReader,
    WrongValue,
    check_length,
    integer,
    nullable,
    plain_text,
    read_fields,
    reader_schema,
    string,
    with_schema,
    wrong_value,
)
from server.rules.values.links import check_no_url


class RatingFields(TypedDict, total=False):
    """The stored fields of a rating or reply that its writer sends, or for an edit some of them."""

    version_id: int
    version: str
    score: int
    body: str | None
    reply_to: int


OTHER: Final = RATING_FLAGS[-1]
# The Bayesian average adds 1.7 ratings of 0.8 to every add-on. AMO's answers of 2024 imply these means over
# all add-ons, unrated ones included. They are constants here, so that a rating changes only its own add-on.
PRIOR_COUNT: Final = 1.7
PRIOR_MEAN: Final = 0.8

_BREAK: Final = re.compile(r"<br\s*+/?\s*+>", re.IGNORECASE)
_LONGEST_BREAK: Final = len("<br />")


# -- bodies


def read_rating(sent: Mapping[str, Any], score: str, addon: AddonDoc, denied: Iterable[str]) -> RatingFields:
    """The fields of a new rating; `score` is what the API version calls it."""
    values = read_fields(fields(score, denied, addon), sent, required=("version", score))
    version: VersionDoc = values["version"]
    return {"version_id": version["id"], "version": version["version"], **_stored_fields(values, score)}


def read_addon_name(sent: Mapping[str, Any]) -> str:
    """The sent id, guid or slug of the rated add-on, truncated because none is longer than MAX_GUID. Raises
    Invalid.
    """
    name = sent.get("addon", "")
    if name is None or isinstance(name, bool) or not isinstance(name, str | int) or name == "":
        raise field_fault("addon", "null" if name is None else "required")
    return str(name)[: MAX_GUID + 1]


def check_rater(addon: AddonDoc, user_id: int) -> None:
    """Raises Invalid for an author of the add-on."""
    if any(author["user_id"] == user_id for author in addon["authors"]):
        raise body_fault("rating_own_addon")


def read_edit(sent: Mapping[str, Any], score: str, denied: Iterable[str]) -> RatingFields:
    """The values of an edited rating. Raises Invalid."""
    fixed: dict[str, list[Fault]] = {
        name: [Fault(f"rating_{name}_fixed")] for name in ("addon", "version") if name in sent
    }
    if fixed:
        raise Invalid(fixed)
    return _stored_fields(read_fields(edit_fields(score, denied), sent), score)


def _stored_fields(values: Mapping[str, Any], score: str) -> RatingFields:
    names = (("score", score), ("body", "body"))
    return cast(RatingFields, {name: values[sent] for name, sent in names if sent in values})


def read_reply(sent: Mapping[str, Any], denied: Iterable[str], *, partial: bool = False) -> RatingFields:
    """The text of a reply; only an edit (`partial`) may omit it. Raises Invalid."""
    return cast(RatingFields, read_fields(reply_fields(denied), sent, required=() if partial else ("body",)))


def read_flag(sent: Mapping[str, Any], flags: Mapping[str, str]) -> tuple[str, str | None]:
    """(flag, note): `flags` maps RATING_FLAGS to the words of the API version. Raises Invalid."""
    values = read_fields(flag_fields(flags), sent, required=("flag",))
    note = values.get("note") or None
    if note is None and values["flag"] == OTHER:
        raise field_fault("note", "rating_flag_note")
    return (OTHER if note else values["flag"]), note


def flag_fields(flags: Mapping[str, str]) -> dict[str, FieldReader]:
    """`flags` as in `read_flag`."""
    return {"flag": _flag(flags), "note": string(MAX_NOTE, blank=True, null=True)}


def reply_fields(denied: Iterable[str]) -> dict[str, FieldReader]:
    return {"body": _text(denied)}


def fields(score: str, denied: Iterable[str], addon: AddonDoc) -> dict[str, FieldReader]:
    """Fields of a new rating of this add-on."""
    return {"version": _version(addon), **edit_fields(score, denied)}


def edit_fields(score: str, denied: Iterable[str]) -> dict[str, FieldReader]:
    """Fields of an edited rating."""
    return {score: integer(MIN_SCORE, MAX_SCORE), "body": nullable(_text(denied, blank=True))}


def _version(addon: AddonDoc) -> FieldReader:
    def reader(value: Any) -> VersionDoc:
        if value is None:
            raise wrong_value("null")
        id_text = str(value) if isinstance(value, str | int) else ""
        for version in facts.public_versions(addon):
            if id_text == str(version["id"]):
                return version
        raise wrong_value("rating_version")

    return with_schema(type=["integer", "string"])(reader)


def _text(denied: Iterable[str], *, blank: bool = False) -> FieldReader:
    readable = string(MAX_RATING, blank=blank, check=check_no_url)

    def reader(value: Any) -> str:
        if isinstance(value, str):
            check_length(value, MAX_RATING * _LONGEST_BREAK)
            value = _BREAK.sub("\n", value)
        text: str = readable(value)
        denied_words = [
            word for word in denied if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
        ]
        if denied_words:
            key = "rating_denied_word" if len(denied_words) == 1 else "rating_denied_words"
            raise wrong_value(key, words=", ".join(f'"{word}"' for word in denied_words))
        return text

    return with_schema(**reader_schema(readable))(reader)


def _flag(flags: Mapping[str, str]) -> FieldReader:
    def reader(value: Any) -> str:
        text = plain_text(value)
        if text in RATING_FLAGS:
            return text
        for flag, word in flags.items():
            if word == text:
                return flag
        raise WrongValue(Fault("rating_flag_invalid", value=text, choices=",".join(flags.values())))

    return with_schema(type="string", enum=list(dict.fromkeys((*flags.values(), *RATING_FLAGS))))(reader)


# -- which of a user's ratings counts


def mark_latest(ratings: Iterable[RatingDoc]) -> list[RatingDoc]:
    """A user's ratings of one add-on, oldest first, with `is_latest` and `previous_count` set."""
    ordered = sorted(ratings, key=lambda rating: (rating["created"], rating["_id"]))
    return [
        {**rating, "is_latest": number == len(ordered) - 1, "previous_count": number}
        for number, rating in enumerate(ordered)
    ]


# -- an add-on's summary


def recounted(ratings: RatingsDoc, before: Sequence[RatingDoc], after: Sequence[RatingDoc]) -> RatingsDoc:
    """The summary after the ratings `before` have become the ratings `after`.

    It is computed from the difference, because a loaded add-on has a summary but no ratings. The average
    follows from the counts by score if they are complete, else from the previous average.
    """
    removed, added = _latest(before), _latest(after)
    grouped = ratings["grouped_counts"]
    if facts.knows_scores(ratings):  # else the counts would cover only the ratings made here
        grouped = {
            key: max(0, number + _count(added, int(key)) - _count(removed, int(key)))
            for key, number in grouped.items()
        }
    count = max(0, ratings["count"] + len(added) - len(removed))
    total: float = sum(int(key) * number for key, number in grouped.items())
    if sum(grouped.values()) != count:
        total = ratings["average"] * ratings["count"] + _total(added) - _total(removed)
    texts = ratings["text_count"] + sum(map(_has_text, added)) - sum(map(_has_text, removed))
    return {
        "average": round(min(max(total / count, MIN_SCORE), MAX_SCORE), 4) if count else 0.0,
        "bayesian_average": (PRIOR_COUNT * PRIOR_MEAN + total) / (PRIOR_COUNT + count) if count else 0.0,
        "count": count,
        "text_count": max(0, texts),
        "grouped_counts": grouped,
    }


def _latest(ratings: Iterable[RatingDoc]) -> list[RatingDoc]:
    return [rating for rating in ratings if rating["is_latest"]]


def _count(ratings: Iterable[RatingDoc], score: int) -> int:
    return sum(rating["score"] == score for rating in ratings)


def _total(ratings: Iterable[RatingDoc]) -> int:
    return sum(rating["score"] or 0 for rating in ratings)


def _has_text(rating: RatingDoc) -> bool:
    return bool(rating["body"])
