"""The users of the demonstration catalogue, with their ratings, replies and review notes.

Three of five add-ons have an author of their own. User j exists if add-on j is one of
these, so that the users of a catalogue of any size are known without making it.
"""

import base64
from collections.abc import Iterator, Sequence
from typing import Any, Final

from conf.model.addons import UserDoc
from conf.model.defaults import completed
from conf.model.ratings import RatingDoc, unique_key
from index.facts import current_version
from server.demo.dice import DAYS, Dice, first_day, format_day
from server.demo.texts import COINED, DEFAULT, ENGLISH, NOUNS, QUALITIES, coined_word
from server.intake.authors import anonymous_username, auth_id

Document = dict[str, Any]

# Above AMO's user ids, as the add-ons are above its add-on ids.
FIRST_USER: Final = 50_000_001
_DICE_KIND: Final = 1
_WORDS: Final = ENGLISH["people"]
_STEP: Final = 7_919
_INVITING: Final = 50  # one in this many add-ons has invited a user
# Above AMO's ids of ratings; each add-on has this many of its own.
FIRST_RATING: Final = 20_000_000
_RATING_IDS: Final = 100
_RATED: Final = 60  # add-ons
_MAX_RATINGS: Final = 12  # of one add-on
_RATINGS_KIND: Final = 2
_DAYS: Final = DAYS - 60  # the last two months are for replies
_RATING_WORDS: Final = ENGLISH["ratings"]
FIRST_NOTE: Final = 30_000_000  # above AMO's ids of notes
_NOTE_IDS: Final = 10
_REVIEWED: Final = 60  # add-ons
_NOTES_KIND: Final = 3
_REVIEWER: Final = 0  # the first user, without permissions
_LOG: Final = b"linter: 0 errors, 2 warnings\n"
_REVIEW_WORDS: Final = ENGLISH["review"]


def has_user(number: int) -> bool:
    return number % 5 < 3


def user_id(number: int) -> int:
    return FIRST_USER + number


def authors(number: int, dice: Dice) -> list[dict[str, Any]]:
    """AuthorDocs of add-on `number`: its own or an earlier user, sometimes with further ones."""
    first = number if has_user(number) else _earlier(number, dice)
    people = [first]
    while len(people) < 4 and dice.chance(0.12):
        people.append(_earlier(number, dice))
    return [
        {
            "user_id": user_id(person),
            "role": "developer" if position and dice.chance(0.6) else "owner",
            "listed": position == 0 or dice.chance(0.8),
            "position": position,
        }
        for position, person in enumerate(dict.fromkeys(people))
    ]


def pending_authors(number: int) -> list[dict[str, Any]]:
    """PendingAuthorDocs: sometimes the author of the previous add-on was invited."""
    if number % _INVITING != 1:
        return []
    return [{"user_id": user_id(number - 1), "role": "developer", "listed": True}]


def _earlier(number: int, dice: Dice) -> int:
    """The user of an earlier add-on; the earliest ones have the most add-ons."""
    roll = dice.roll()
    earlier = int(number * roll * roll)
    return earlier if has_user(earlier) else earlier - 2


def user(number: int, dice: Dice) -> dict[str, Any]:
    """The UserDoc that add-on `number` brings."""
    dice.seed(number, _DICE_KIND)
    id = user_id(number)
    first_name = dice.pick(_WORDS["given"])
    family = coined_word(number * _STEP % COINED).title()
    named = not dice.chance(0.06)
    username = f"{first_name}.{family}{number}".lower() if named else anonymous_username(id)
    created = format_day(dice.roll() ** 0.7 * (DAYS - 400))
    homepage = f"https://{family.lower()}.example/" if dice.chance(0.3) else None
    about = _about(dice) if number == 0 or dice.chance(0.2) else {}
    pictured = number == 0 or dice.chance(0.3)
    document = {
        "_id": id,
        "username": username,
        "display_name": _display_name(first_name, family, dice) if named else None,
        "email": f"{username}@mail.example",
        "homepage": homepage,
        **about,
        "picture": f"/userpics/{id % 100:02}/{id % 10000}/{id}/{id}.png" if pictured else None,
        "fxa_id": f"{dice.bits(128):032x}",
        "auth_id": auth_id(id),
        "read_dev_agreement": "2025-09-01T00:00:00Z",
        "created": created,
        "modified": created,
    }
    return completed(document, UserDoc)


def _about(dice: Dice) -> dict[str, Any]:
    return {
        "location": dice.pick(_WORDS["places"]),
        "occupation": dice.pick(_WORDS["occupations"]),
        "biography": {
            DEFAULT: dice.pick(_WORDS["biographies"]).format(
                n=dice.pick(NOUNS), m=dice.pick(NOUNS), q=dice.pick(QUALITIES)
            )
        },
    }


def _display_name(first_name: str, family: str, dice: Dice) -> str:
    return dice.pick(_WORDS["foreign"]) if dice.chance(0.08) else f"{first_name} {family}"


_PERSONS: Final = tuple(number for number in range(100) if has_user(number))


def ratings(addons: Sequence[Document], count: int) -> Iterator[Document]:
    """RatingDocs about the first of these add-ons, by id, of users in a catalogue of `count` add-ons."""
    dice = Dice()
    next_user = user_id(count)
    for number, addon in enumerate(addons[:_RATED]):
        dice.seed(number, _RATINGS_KIND)
        version: Any = current_version(addon)  # type: ignore[arg-type]
        if version is not None and addon["status"] == "public":
            rating_docs = list(_RatingMaker(addon, version, dice).ratings())
            absent = {rating["_id"] for rating in rating_docs if rating["user_id"] >= next_user}
            yield from (rating for rating in rating_docs if not absent & {rating["_id"], rating["reply_to"]})


class _RatingMaker:
    """Makes the ratings of one add-on, with scores distributed as in its summary."""

    def __init__(self, addon: Document, version: Document, dice: Dice) -> None:
        self._addon, self._version, self._dice = addon, version, dice
        self._first = FIRST_RATING + (addon["_id"] % 1_000_000) * _RATING_IDS
        self._authors = [author["user_id"] for author in addon["authors"]]

    def ratings(self) -> Iterator[Document]:
        counts = self._addon["ratings"]["grouped_counts"]
        writers = [user_id(person) for person in self._dice.sample(_PERSONS, _MAX_RATINGS)]
        writers = [writer for writer in writers if writer not in self._authors]
        for index, writer in enumerate(writers[: self._addon["ratings"]["count"]]):
            score = self._score(counts)
            rating = self._rating(2 * index, writer, score)
            yield rating
            if score < 4 and self._dice.chance(0.5):
                yield self._answer(2 * index + 1, rating)

    def _score(self, counts: dict[str, int]) -> int:
        remaining = self._dice.below(sum(counts.values()))
        for score, number in counts.items():
            remaining -= number
            if remaining < 0:
                return int(score)
        return 5

    def _rating(self, number: int, writer: int, score: int) -> Document:
        version = self._version["id"]
        day = first_day(2025) + (_DAYS - first_day(2025)) * self._dice.roll()
        text = self._fill(self._dice.pick(_RATING_WORDS[str(score)]))
        rating = {
            "_id": self._first + number,
            "addon_id": self._addon["_id"],
            "version_id": version,
            "version": self._version["version"],
            "user_id": writer,
            "score": score,
            "body": text if self._dice.chance(0.8) else None,
            "is_latest": True,
            "place": unique_key(writer, version, None),
            "created": format_day(day),
            "modified": format_day(day),
        }
        return completed(rating, RatingDoc)

    def _answer(self, number: int, rating: Document) -> Document:
        day = format_day(_DAYS + 50 * self._dice.roll())
        return rating | {
            "_id": self._first + number,
            "version_id": None,
            "version": None,
            "user_id": self._authors[0],
            "score": None,
            "body": self._fill(self._dice.pick(_RATING_WORDS["answers"])),
            "reply_to": rating["_id"],
            "is_latest": False,
            "place": unique_key(self._authors[0], None, rating["_id"]),
            "created": day,
            "modified": day,
        }

    def _fill(self, text: str) -> str:
        n, m, q = self._dice.pick(NOUNS), self._dice.pick(NOUNS), self._dice.pick(QUALITIES)
        return text.format(n=n, m=m, q=q, v=self._version["version"])


def notes(addons: Sequence[Document]) -> Iterator[Document]:
    """NoteDocs about the newest version of each of the first add-ons, by id."""
    dice = Dice()
    for number, addon in enumerate(addons[:_REVIEWED]):
        if addon["versions"]:
            dice.seed(number, _NOTES_KIND)
            yield from _thread(addon, dice)


def attachments(addons: Sequence[Document]) -> Iterator[Document]:
    """AttachmentDocs of the notes that have a file."""
    content = base64.b64encode(_LOG).decode()
    for note in notes(addons):
        if note["attachment"]:
            yield {"_id": note["_id"], "name": "log.txt", "type": "text/plain", "content": content}


def _thread(addon: Document, dice: Dice) -> Iterator[Document]:
    """NoteDocs of a version: parts of a conversation, then the decision, if there was one."""
    version = addon["versions"][0]
    entries = [line for line in _REVIEW_WORDS["conversation"] if dice.chance(0.5)]
    file = version["files"][0]
    if file["status"] == "public":
        entries.append(("approved", _REVIEW_WORDS["approved"] if dice.chance(0.3) else ""))
    elif file["status"] == "disabled" or addon["status"] == "rejected":
        entries.append(("rejected", _REVIEW_WORDS["rejected"]))
    day = first_day(2025) + 200 * dice.roll()
    for index, (action, text) in enumerate(entries):
        decided = action in ("approved", "rejected")
        by_author = action not in ("more-information-requested", "reviewer-reply") and not decided
        yield {
            "_id": FIRST_NOTE + addon["_id"] % 1_000_000 * _NOTE_IDS + index,
            "addon_id": addon["_id"],
            "version_id": version["id"],
            "user_id": addon["authors"][0]["user_id"] if by_author else user_id(_REVIEWER),
            "date": format_day(day + index),
            "action": action,
            "comments": text.format(n=dice.pick(NOUNS), m=dice.pick(NOUNS)),
            "policies": list(_REVIEW_WORDS["policies"]) if action == "rejected" else [],
            "attachment": {"name": "log.txt", "size": len(_LOG)} if decided and dice.chance(0.2) else None,
        }
