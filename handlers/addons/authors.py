"""Who an add-on's authors are, who is invited, and the answers of the invited (contract/writes.md 7)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, cast

from conf.model.addons import AddonDoc, AuthorDoc, PendingAuthorDoc, UserDoc
from conf.numbers import read_number
from handlers.addons.access import INSIDERS, OWNERS, Rule, load_addon
from handlers.addons.editing import AddonChange, AddonEditing
from handlers.http.errors import not_found
from server import clock
from server.activity_log import record
from server.auth.callers import Caller, Mechanism
from server.changes import NewRecord
from server.mail.author_mail import author_letters
from server.rules import authors
from server.rules.fields import read

Person = AuthorDoc | PendingAuthorDoc
Answered = Callable[[AddonDoc, int, str], AddonDoc]  # (add-on, user id, now)


def _is_invited(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return caller.id is not None and authors.invitation_of(addon, caller.id) is not None


INVITED: Final[Rule] = (_is_invited,)


class PeopleHandler(AddonEditing):
    """Lists of people: everybody inside may read them, owners change them."""

    mechanisms: ClassVar[tuple[Mechanism, ...]] = ("jwt", "session")
    submits = ()

    async def send_people(self, people: Iterable[Person]) -> None:
        people = list(people)
        self.send_json(await self._shown(people))

    async def send_person(self, person: Person | None, status: int = 200) -> None:
        if person is None:
            raise not_found(self.locale_name)
        [shown] = await self._shown([person])
        self.send_json(shown, status)

    async def _shown(self, people: list[Person]) -> list[dict[str, Any]]:
        accounts = await self.site.store.users_by_id(person["user_id"] for person in people)
        return [_shown(person, accounts.get(person["user_id"])) for person in people]

    def number(self, raw: str) -> int:
        """The user id of a path. Raises Refusal 404 for anything else."""
        number = read_number(raw)
        if number is None:
            raise not_found(self.locale_name)
        return number

    async def edit_people(
        self, addon: AddonDoc, change: AddonChange, kind: str, user_id: int, need: Rule = OWNERS
    ) -> AddonDoc:
        """Change them, with a record of `kind` about the user, and mail to those it concerns."""
        accounts = await self.site.store.users_by_id({user_id, *(it["user_id"] for it in addon["authors"])})
        about = accounts.pop(user_id, None)

        def recorded(old: AddonDoc, new: AddonDoc) -> list[NewRecord]:
            noted = record(kind, new, self.user_id, details={"user_id": user_id})
            if about is None:
                return [noted]
            return [noted, *author_letters(self.site.settings, kind, new, about, accounts.values())]

        return await self.edit(addon, change, recorded, need)


_KEYS: Final = ("role", "listed", "position")


def _shown(person: Person, account: UserDoc | None) -> dict[str, Any]:
    """An invitation has no position."""
    stored = cast(Mapping[str, Any], person)
    return {
        "user_id": person["user_id"],
        "name": account["display_name"] if account else None,
        "email": account["email"] if account else None,
        **{key: stored[key] for key in _KEYS if key in stored},
    }


class AuthorsHandler(PeopleHandler):
    title = "Addon Author List"

    async def get(self, identifier: str) -> None:
        addon = await load_addon(self, self.ask(), identifier, INSIDERS)
        ordered = sorted(addon["authors"], key=lambda author: author["position"])
        await self.send_people(ordered)


class AuthorHandler(PeopleHandler):
    title = "Addon Author"

    async def get(self, identifier: str, user: str) -> None:
        addon = await load_addon(self, self.ask(), identifier, INSIDERS)
        await self.send_person(authors.author_of(addon, self.number(user)))

    async def patch(self, identifier: str, user: str) -> None:
        addon, user_id = await self._find(identifier, user)
        values = read(authors.FIELDS, self.sent())
        now = clock.now()
        addon = await self.edit_people(
            addon,
            lambda newest: authors.edited(newest, user_id, values, now),
            "author-changed" if "role" in values else "author-shown",
            user_id,
        )
        await self.send_person(authors.author_of(addon, user_id))

    async def delete(self, identifier: str, user: str) -> None:
        addon, user_id = await self._find(identifier, user)
        now = clock.now()
        await self.edit_people(
            addon, lambda newest: authors.removed(newest, user_id, now), "author-removed", user_id
        )
        self.send_nothing()

    async def _find(self, identifier: str, user: str) -> tuple[AddonDoc, int]:
        addon = await self.writable(self.ask(), identifier, OWNERS)
        user_id = self.number(user)
        if authors.author_of(addon, user_id) is None:
            raise not_found(self.locale_name)
        return addon, user_id


class PendingAuthorsHandler(PeopleHandler):
    title = "Addon Pending Author List"

    async def get(self, identifier: str) -> None:
        addon = await load_addon(self, self.ask(), identifier, INSIDERS)
        await self.send_people(addon["pending_authors"])

    async def post(self, identifier: str) -> None:
        addon = await self.writable(self.ask(), identifier, OWNERS)
        values = read(authors.INVITATION, self.sent(), required=("user_id",))
        user_id = values["user_id"]
        account = (await self.site.store.users_by_id([user_id])).get(user_id)
        now = clock.now()
        addon = await self.edit_people(
            addon, lambda newest: authors.invited(newest, account, values, now), "author-invited", user_id
        )
        await self.send_person(authors.invitation_of(addon, user_id), 201)


class PendingAuthorHandler(PeopleHandler):
    title = "Addon Pending Author"

    async def get(self, identifier: str, user: str) -> None:
        addon = await load_addon(self, self.ask(), identifier, INSIDERS)
        await self.send_person(authors.invitation_of(addon, self.number(user)))

    async def patch(self, identifier: str, user: str) -> None:
        addon, user_id = await self._find(identifier, user)
        values = read(authors.PENDING_FIELDS, self.sent())
        now = clock.now()
        addon = await self.edit_people(
            addon,
            lambda newest: authors.invitation_edited(newest, user_id, values, now),
            "invitation-changed",
            user_id,
        )
        await self.send_person(authors.invitation_of(addon, user_id))

    async def delete(self, identifier: str, user: str) -> None:
        addon, user_id = await self._find(identifier, user)
        now = clock.now()
        await self.edit_people(
            addon,
            lambda newest: authors.invitation_removed(newest, user_id, now),
            "invitation-withdrawn",
            user_id,
        )
        self.send_nothing()

    async def _find(self, identifier: str, user: str) -> tuple[AddonDoc, int]:
        addon = await self.writable(self.ask(), identifier, OWNERS)
        user_id = self.number(user)
        if authors.invitation_of(addon, user_id) is None:
            raise not_found(self.locale_name)
        return addon, user_id


class InvitationHandler(PeopleHandler):
    """What the invited user answers; anybody else, and a second answer, is refused."""

    async def answer(self, identifier: str, change: Answered, kind: str) -> None:
        addon = await self.writable(self.ask(), identifier, INVITED)
        user_id, now = self.user_id, clock.now()
        await self.edit_people(addon, lambda newest: change(newest, user_id, now), kind, user_id, INVITED)
        self.send_nothing(200)


class ConfirmHandler(InvitationHandler):
    title = "Addon Pending Author Confirm"

    async def post(self, identifier: str) -> None:
        await self.answer(identifier, authors.confirmed, "author-added")


class DeclineHandler(InvitationHandler):
    title = "Addon Pending Author Decline"

    async def post(self, identifier: str) -> None:
        await self.answer(identifier, authors.invitation_removed, "invitation-declined")
