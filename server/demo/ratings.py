"""What users of the demonstration catalogue think of its first add-ons, and what developers answer."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from conf.model.ratings import place_of
from index.facts import current_version
from server.demo import clock, english, people, wording
from server.demo.dice import Dice

# Above AMO's ids of ratings; each add-on has this many of its own.
FIRST_RATING: Final = 20_000_000
_EACH: Final = 100
_RATED: Final = 60  # add-ons
_MOST: Final = 12  # ratings of one
_DICE_KIND: Final = 2
_PERSONS: Final = tuple(number for number in range(100) if people.has_user(number))
_DAYS: Final = clock.DAYS - 60  # the last two months are for answers

Document = dict[str, Any]


def ratings(addons: Sequence[Document], count: int) -> Iterator[Document]:
    """RatingDocs about the first of these add-ons, by id, of those who are in a catalogue of `count`."""
    dice = Dice()
    there = people.user_id(count)
    for number, addon in enumerate(addons[:_RATED]):
        dice.set(number, _DICE_KIND)
        version: Any = current_version(addon)  # type: ignore[arg-type]
        if version is not None and addon["status"] == "public":
            made = list(_Maker(addon, version, dice).ratings())
            absent = {rating["_id"] for rating in made if rating["user_id"] >= there}
            yield from (rating for rating in made if not absent & {rating["_id"], rating["reply_to"]})


class _Maker:
    """Makes those of one add-on. Their scores are spread as its summary says."""

    def __init__(self, addon: Document, version: Document, dice: Dice) -> None:
        self._addon, self._version, self._dice = addon, version, dice
        self._first = FIRST_RATING + (addon["_id"] % 1_000_000) * _EACH
        self._authors = [author["user_id"] for author in addon["authors"]]

    def ratings(self) -> Iterator[Document]:
        counts = self._addon["ratings"]["grouped_counts"]
        writers = [people.user_id(person) for person in self._dice.some(_PERSONS, _MOST)]
        writers = [writer for writer in writers if writer not in self._authors]
        for place, writer in enumerate(writers[: self._addon["ratings"]["count"]]):
            score = self._score(counts)
            rating = self._rating(2 * place, writer, score)
            yield rating
            if score < 4 and self._dice.chance(0.5):
                yield self._answer(2 * place + 1, rating)

    def _score(self, counts: dict[str, int]) -> int:
        left = self._dice.below(sum(counts.values()))
        for score, number in counts.items():
            left -= number
            if left < 0:
                return int(score)
        return 5

    def _rating(self, place: int, writer: int, score: int) -> Document:
        version = self._version["id"]
        day = clock.start_of(2025) + (_DAYS - clock.start_of(2025)) * self._dice.roll()
        said = self._filled(self._dice.pick(english.OPINIONS[score].split("|")))
        return {
            "_id": self._first + place,
            "addon_id": self._addon["_id"],
            "version_id": version,
            "version": self._version["version"],
            "user_id": writer,
            "score": score,
            "body": said if self._dice.chance(0.8) else None,
            "reply_to": None,
            "is_latest": True,
            "previous_count": 0,
            "deleted": False,
            "flags": [],
            "address": None,
            "place": place_of(writer, version, None),
            "created": clock.moment(day),
            "modified": clock.moment(day),
        }

    def _answer(self, place: int, rating: Document) -> Document:
        day = clock.moment(_DAYS + 50 * self._dice.roll())
        return rating | {
            "_id": self._first + place,
            "version_id": None,
            "version": None,
            "user_id": self._authors[0],
            "score": None,
            "body": self._filled(self._dice.pick(english.ANSWERS)),
            "reply_to": rating["_id"],
            "is_latest": False,
            "place": place_of(self._authors[0], None, rating["_id"]),
            "created": day,
            "modified": day,
        }

    def _filled(self, text: str) -> str:
        n, m, q = (
            self._dice.pick(wording.NOUNS),
            self._dice.pick(wording.NOUNS),
            self._dice.pick(wording.QUALITIES),
        )
        return text.format(n=n, m=m, q=q, v=self._version["version"])
