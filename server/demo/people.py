"""The people of the demonstration catalogue: three of five add-ons bring a new one.

User j exists where add-on j is one of those three, so whom a catalogue of any
size needs is known without making it.
"""

from typing import Any, Final

from server.demo import clock, english, wording
from server.demo.dice import Dice
from server.intake.authors import anonymous, auth_id

# Above AMO's user ids, as the add-ons are above its add-on ids.
FIRST_USER: Final = 50_000_001
_DICE_KIND: Final = 1
_GIVEN: Final = (
    "Ada Amir Anke Bela Bjarne Carla Chidi Dana Edda Elif Emre Fenna Goran Hana Hiro Ilse Ines Ivo Jana"
    " Jonas Kaito Kemal Lale Lars Leila Livia Malik Marek Mei Milo Nadia Nils Noor Olga Omar Paula Petra"
    " Quentin Rafael Rosa Sami Selma Soren Tarik Tilda Tomas Uma Vera Viktor Wanda Yara Yusuf Zoe"
)
_NAMES: Final = tuple(_GIVEN.split())
_FOREIGN: Final = (
    "青木 花", "김하늘", "王小明", "Лев Орлов", "Оля Мороз", "ليلى حداد", "נועה לוי", "Élodie Béranger",
)  # fmt: skip
_ABOUT: Final = {"location": None, "occupation": None, "biography": None}
_STEP: Final = 7_919
_INVITING: Final = 50  # one add-on in so many has invited somebody


def has_user(number: int) -> bool:
    return number % 5 < 3


def user_id(number: int) -> int:
    return FIRST_USER + number


def authors(number: int, dice: Dice) -> list[dict[str, Any]]:
    """AuthorDocs of add-on `number`: its own person or an earlier one, now and then with others."""
    first = number if has_user(number) else _earlier(number, dice)
    people = [first]
    while len(people) < 4 and dice.chance(0.12):
        people.append(_earlier(number, dice))
    return [
        {
            "user_id": user_id(person),
            "role": "developer" if place and dice.chance(0.6) else "owner",
            "listed": place == 0 or dice.chance(0.8),
            "position": place,
        }
        for place, person in enumerate(dict.fromkeys(people))
    ]


def pending_authors(number: int) -> list[dict[str, Any]]:
    """PendingAuthorDocs: now and then the author of the add-on before was invited."""
    if number % _INVITING != 1:
        return []
    return [{"user_id": user_id(number - 1), "role": "developer", "listed": True}]


def _earlier(number: int, dice: Dice) -> int:
    """A person of an earlier add-on; the earliest have made the most."""
    roll = dice.roll()
    other = int(number * roll * roll)
    return other if has_user(other) else other - 2


def user(number: int, dice: Dice) -> dict[str, Any]:
    """The UserDoc that add-on `number` brings."""
    dice.set(number, _DICE_KIND)
    id = user_id(number)
    given = dice.pick(_NAMES)
    family = wording.coined(number * _STEP % wording.COINED).title()
    named = not dice.chance(0.06)
    username = f"{given}.{family}{number}".lower() if named else anonymous(id)
    created = clock.moment(dice.roll() ** 0.7 * (clock.DAYS - 400))
    homepage = f"https://{family.lower()}.example/" if dice.chance(0.3) else None
    about = _about(dice) if number == 0 or dice.chance(0.2) else _ABOUT
    pictured = number == 0 or dice.chance(0.3)
    return {
        "_id": id,
        "username": username,
        "display_name": _display_name(given, family, dice) if named else None,
        "reviewer_name": None,
        "email": f"{username}@mail.example",
        "homepage": homepage,
        **about,
        "picture": f"/userpics/{id % 100:02}/{id % 10000}/{id}/{id}.png" if pictured else None,
        "fxa_id": f"{dice.bits(128):032x}",
        "auth_id": auth_id(id),
        "permissions": [],
        "is_public": True,
        "deleted": False,
        "banned": False,
        "read_dev_agreement": "2025-09-01T00:00:00Z",
        "last_login": None,
        "created": created,
        "modified": created,
        "revision": 1,
    }


def _about(dice: Dice) -> dict[str, Any]:
    return {
        "location": dice.pick(english.PLACES.split("|")),
        "occupation": dice.pick(english.OCCUPATIONS.split("|")),
        "biography": {
            wording.DEFAULT: dice.pick(english.BIOGRAPHIES).format(
                n=dice.pick(wording.NOUNS), m=dice.pick(wording.NOUNS), q=dice.pick(wording.QUALITIES)
            )
        },
    }


def _display_name(given: str, family: str, dice: Dice) -> str:
    return dice.pick(_FOREIGN) if dice.chance(0.08) else f"{given} {family}"
