"""An add-on's authors, invitations, and the answers to invitations (contract/writes.md 7)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, cast

from conf.model.addons import AddonDoc, AuthorDoc, PendingAuthorDoc, UserDoc
from conf.numbers import read_number
from handlers.addons.resource import OWNING, AddonResource
from handlers.http.base import Access
from server.auth.access.addon_access import INSIDERS
from server.errors import NotFound
from server.rules.authors import find_author, find_invitation
from server.services import authors

Person = AuthorDoc | PendingAuthorDoc

_READERS: Final = Access(INSIDERS)
_KEYS: Final = ("role", "listed", "position")


class PeopleResource(AddonResource):
    """Lists of authors and invited users: authors and reviewers may read them, owners change them."""

    async def shapes(self, people: Sequence[Person]) -> list[dict[str, Any]]:
        accounts = await self.site.store.users_by_id(person["user_id"] for person in people)
        return [_shape(person, accounts.get(person["user_id"])) for person in people]

    async def send_person(self, person: Person | None, status: int = 200) -> None:
        """Raises NotFound for None."""
        [shape] = await self.shapes([_existing(person)])
        self.send_json(shape, status)


def _existing(person: Person | None) -> Person:
    """Raises NotFound."""
    if person is None:
        raise NotFound
    return person


def _shape(person: Person, account: UserDoc | None) -> dict[str, Any]:
    """A person as a JSON value; invitations have no position."""
    stored = cast(Mapping[str, Any], person)
    return {
        "user_id": person["user_id"],
        "name": account["display_name"] if account else None,
        "email": account["email"] if account else None,
        **{key: stored[key] for key in _KEYS if key in stored},
    }


class AuthorsHandler(PeopleResource):
    title = "Addon Author List"
    access: ClassVar = {"GET": _READERS}

    async def get(self, identifier: str) -> None:
        addon = await self.load(identifier)
        ordered = sorted(addon["authors"], key=lambda author: author["position"])
        self.send_json(await self.shapes(ordered))


class PendingAuthorsHandler(PeopleResource):
    title = "Addon Pending Author List"
    access: ClassVar = {"GET": _READERS, "POST": OWNING}

    async def get(self, identifier: str) -> None:
        addon = await self.load(identifier)
        self.send_json(await self.shapes(addon["pending_authors"]))

    async def post(self, identifier: str) -> None:
        addon = await self.load(identifier)
        addon, user_id = await authors.invite(self.site, self.actor, addon, self.data())
        await self.send_person(find_invitation(addon, user_id), 201)


class AuthorHandler(PeopleResource):
    title = "Addon Author"
    access: ClassVar = {"GET": _READERS, "PATCH": OWNING, "DELETE": OWNING}
    find: ClassVar[Any] = staticmethod(find_author)  # (add-on, user id) -> the person, or None
    edit: ClassVar[Any] = staticmethod(authors.edit)
    remove: ClassVar[Any] = staticmethod(authors.remove)

    async def load_person(self, identifier: str, user: str) -> tuple[AddonDoc, Person]:
        """The add-on and the person. Raises NotFound, and as `load`."""
        addon, user_id = await self.load(identifier), read_number(user)
        person: Person | None = self.find(addon, user_id) if user_id is not None else None
        return addon, _existing(person)

    async def get(self, identifier: str, user: str) -> None:
        _, person = await self.load_person(identifier, user)
        await self.send_person(person)

    async def patch(self, identifier: str, user: str) -> None:
        addon, person = await self.load_person(identifier, user)
        addon = await self.edit(self.site, self.actor, addon, person["user_id"], self.data())
        await self.send_person(self.find(addon, person["user_id"]))

    async def delete(self, identifier: str, user: str) -> None:
        addon, person = await self.load_person(identifier, user)
        await self.remove(self.site, self.actor, addon, person["user_id"])
        self.send_nothing()


class PendingAuthorHandler(AuthorHandler):
    title = "Addon Pending Author"
    find = staticmethod(find_invitation)
    edit = staticmethod(authors.edit_invitation)
    remove = staticmethod(authors.withdraw)


class InvitationHandler(PeopleResource):
    """The answer of the invited user; other users, and a second answer, are refused."""

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
