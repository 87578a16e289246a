"""Edits, removes and invites authors of an add-on, and takes their answers (contract/writes.md 7).

    addon, user_id = await invite(site, actor, addon, sent)
    addon = await edit(site, actor, addon, user_id, sent)
    await answer(site, actor, addon, accepted=True)

Each change is recorded, and mailed to the people it concerns. All functions raise Invalid, and what
editing.py raises. Event loop only.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from conf.model.addons import AddonDoc
from server.activity_log import record
from server.auth.access.addon_access import OWNERS, Rule
from server.auth.callers import Caller
from server.mail.announcements import author_mails
from server.rules import authors
from server.rules.fields import read_fields
from server.services.editing import Actor, EditedAddon, Sent, edit_addon
from server.site import Site

AuthorChange = Callable[..., AddonDoc]  # (add-on, user_id, now): the rules' functions


def _is_invited(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return caller.id is not None and authors.find_invitation(addon, caller.id) is not None


INVITED: Final[Rule] = (_is_invited,)


async def edit(site: Site, actor: Actor, addon: AddonDoc, user_id: int, sent: Sent) -> AddonDoc:
    """Change an author's role, listing and position."""
    values = read_fields(authors.FIELDS, sent)
    kind = "author-changed" if "role" in values else "author-shown"
    return await _edit(site, actor, addon, user_id, kind, partial(authors.edited, values=values))


async def remove(site: Site, actor: Actor, addon: AddonDoc, user_id: int) -> None:
    """Remove an author."""
    await _edit(site, actor, addon, user_id, "author-removed", authors.removed)


async def invite(site: Site, actor: Actor, addon: AddonDoc, sent: Sent) -> tuple[AddonDoc, int]:
    """The add-on, and the id of the invited user."""
    values = read_fields(authors.INVITATION, sent, required=("user_id",))
    account = (await site.store.users_by_id([values["user_id"]])).get(values["user_id"])

    def change(newest: AddonDoc, user_id: int, now: str) -> AddonDoc:
        return authors.invited(newest, account, values, now)

    return await _edit(site, actor, addon, values["user_id"], "author-invited", change), values["user_id"]


async def edit_invitation(site: Site, actor: Actor, addon: AddonDoc, user_id: int, sent: Sent) -> AddonDoc:
    """Change the role and listing that an invitation offers."""
    change = partial(authors.invitation_edited, values=read_fields(authors.PENDING_FIELDS, sent))
    return await _edit(site, actor, addon, user_id, "invitation-changed", change)


async def withdraw(site: Site, actor: Actor, addon: AddonDoc, user_id: int) -> None:
    """Withdraw an invitation."""
    await _edit(site, actor, addon, user_id, "invitation-withdrawn", authors.invitation_removed)


async def answer(site: Site, actor: Actor, addon: AddonDoc, *, accepted: bool) -> None:
    """Accept or decline an invitation; the actor is the invited user."""
    kind = "author-added" if accepted else "invitation-declined"
    change = authors.confirmed if accepted else authors.invitation_removed
    await _edit(site, actor, addon, actor.id, kind, change, INVITED)


async def _edit(
    site: Site,
    actor: Actor,
    addon: AddonDoc,
    user_id: int,
    kind: str,
    change: AuthorChange,
    rule: Rule = OWNERS,
) -> AddonDoc:
    """Change the add-on, with a record of `kind` about the user, and mail to those it concerns."""
    accounts = await site.store.users_by_id({user_id, *(author["user_id"] for author in addon["authors"])})
    user = accounts.pop(user_id, None)

    def recorded(newest: AddonDoc, now: str) -> EditedAddon:
        new = change(newest, user_id=user_id, now=now)
        records = [record(kind, new, actor.id, details={"user_id": user_id})]
        if user is not None:
            records += author_mails(site.settings, kind, new, user, accounts.values())
        return new, records

    return await edit_addon(site, actor, addon, recorded, rule)
