"""Who an add-on's authors are, who is invited, and the answers of the invited (contract/writes.md 7)."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, cast

from conf.model.addons import AuthorDoc, PendingAuthorDoc, UserDoc
from conf.numbers import read_number
from handlers.addons.resource import OWNING, AddonResource
from handlers.http.access import Access
from server.auth.addon_access import INSIDERS
from server.errors import NotFound
from server.rules.authors import author_of, invitation_of
from server.services import authors

Person = AuthorDoc | PendingAuthorDoc

READING: Final = Access(INSIDERS)
_KEYS: Final = ("role", "listed", "position")


class PeopleResource(AddonResource):
    """Lists of people: everybody inside may read them, owners change them."""

    async def send_people(self, people: Iterable[Person]) -> None:
        self.send_json(await self._shapes(list(people)))

    async def send_person(self, person: Person | None, status: int = 200) -> None:
        """Raises NotFound for None."""
        [shape] = await self._shapes([existing(person)])
        self.send_json(shape, status)

    async def _shapes(self, people: list[Person]) -> list[dict[str, Any]]:
        accounts = await self.site.store.users_by_id(person["user_id"] for person in people)
        return [_shape(person, accounts.get(person["user_id"])) for person in people]


def user_number(name: str) -> int:
    """The user id of a path. Raises NotFound for anything else."""
    number = read_number(name)
    if number is None:
        raise NotFound
    return number


def existing(person: Person | None) -> Person:
    """Raises NotFound."""
    if person is None:
        raise NotFound
    return person


def _shape(person: Person, account: UserDoc | None) -> dict[str, Any]:
    """An invitation has no position."""
    stored = cast(Mapping[str, Any], person)
    return {
        "user_id": person["user_id"],
        "name": account["display_name"] if account else None,
        "email": account["email"] if account else None,
        **{key: stored[key] for key in _KEYS if key in stored},
    }


class AuthorsHandler(PeopleResource):
    title = "Addon Author List"
    access: ClassVar = {"GET": READING}

    async def get(self, identifier: str) -> None:
        addon = await self.load(identifier)
        ordered = sorted(addon["authors"], key=lambda author: author["position"])
        await self.send_people(ordered)


class AuthorHandler(PeopleResource):
    title = "Addon Author"
    access: ClassVar = {"GET": READING, "PATCH": OWNING, "DELETE": OWNING}

    async def get(self, identifier: str, user: str) -> None:
        addon = await self.load(identifier)
        await self.send_person(author_of(addon, user_number(user)))

    async def patch(self, identifier: str, user: str) -> None:
        addon = await self.load(identifier)
        user_id = existing(author_of(addon, user_number(user)))["user_id"]
        addon = await authors.edit(self.site, self.actor, addon, user_id, self.sent())
        await self.send_person(author_of(addon, user_id))

    async def delete(self, identifier: str, user: str) -> None:
        addon = await self.load(identifier)
        user_id = existing(author_of(addon, user_number(user)))["user_id"]
        await authors.remove(self.site, self.actor, addon, user_id)
        self.send_nothing()


class PendingAuthorsHandler(PeopleResource):
    title = "Addon Pending Author List"
    access: ClassVar = {"GET": READING, "POST": OWNING}

    async def get(self, identifier: str) -> None:
        addon = await self.load(identifier)
        await self.send_people(addon["pending_authors"])

    async def post(self, identifier: str) -> None:
        addon = await self.load(identifier)
        addon, user_id = await authors.invite(self.site, self.actor, addon, self.sent())
        await self.send_person(invitation_of(addon, user_id), 201)


class PendingAuthorHandler(PeopleResource):
    title = "Addon Pending Author"
    access: ClassVar = {"GET": READING, "PATCH": OWNING, "DELETE": OWNING}

    async def get(self, identifier: str, user: str) -> None:
        addon = await self.load(identifier)
        await self.send_person(invitation_of(addon, user_number(user)))

    async def patch(self, identifier: str, user: str) -> None:
        addon = await self.load(identifier)
        user_id = existing(invitation_of(addon, user_number(user)))["user_id"]
        addon = await authors.edit_invitation(self.site, self.actor, addon, user_id, self.sent())
        await self.send_person(invitation_of(addon, user_id))

    async def delete(self, identifier: str, user: str) -> None:
        addon = await self.load(identifier)
        user_id = existing(invitation_of(addon, user_number(user)))["user_id"]
        await authors.withdraw(self.site, self.actor, addon, user_id)
        self.send_nothing()


class InvitationHandler(PeopleResource):
    """What the invited user answers; anybody else, and a second answer, is refused."""

    access: ClassVar = {"POST": Access(authors.INVITED, throttle="submission")}
    accepts: ClassVar[bool]

    async def post(self, identifier: str) -> None:
        addon = await self.load(identifier)
        await authors.answer(self.site, self.actor, addon, accepted=self.accepts)
        self.send_nothing(200)


class ConfirmHandler(InvitationHandler):
    title = "Addon Pending Author Confirm"
    accepts = True


class DeclineHandler(InvitationHandler):
    title = "Addon Pending Author Decline"
    accepts = False
