"""What every write to an add-on has in common (contract/auth.md 3, contract/writes.md 1).

    addon = await edit_addon(site, actor, addon, change)

The writer is an Actor. A body is read, then its markup is cleaned. The caller's permission is checked when
addons.py finds the add-on, and again on the newest state, to which `change` is applied. Event loop only.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from conf.model.addons import AddonDoc, UserDoc, VersionDoc
from index.shapes.markup import cleaned_values
from server import clock
from server.auth.access.addon_access import EDITORS, Rule, check
from server.auth.callers import Caller
from server.changes import Change, Edited, NewRecord
from server.errors import Duplicate
from server.rules.faults import Invalid, field_fault, guid_in_use
from server.rules.uploads.packages import SUBMIT
from server.rules.values.sizes import check_sent, check_size
from server.rules.values.translated import TranslationFormat
from server.site import Site

Sent = Mapping[str, Any]  # the fields of a body, not yet read; files are tornado's HTTPFile
# The changed add-on, and the records of the change.
EditedAddon = tuple[AddonDoc, Sequence[NewRecord]]
ExtraWrites = Callable[[Change], Awaitable[None]]  # further writes of the transaction; may run several times
AddonChange = Callable[[AddonDoc, str], EditedAddon]  # (newest state, now)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes to an add-on, from which address and in which format."""

    caller: Caller
    address: str  # the IP address; stored with submissions
    translation_format: TranslationFormat
    # Raises PreconditionFailed for an add-on that has changed since the caller read it.
    check: Callable[[AddonDoc], object] = lambda newest: None

    @property
    def id(self) -> int:
        assert self.caller.id is not None  # an anonymous caller passes no rule for writes
        return self.caller.id

    @property
    def describes(self) -> bool:
        """Whether the caller may describe files hosted elsewhere (server/rules/uploads/packages.py)."""
        return self.caller.has(SUBMIT)


def actor_for(user: UserDoc, address: str = "") -> Actor:
    """An actor for work on behalf of a user without a request, in English."""
    return Actor(Caller(user), address, TranslationFormat(flat=True, locale="en-US"))


async def with_clean_markup(values: dict[str, Any]) -> dict[str, Any]:
    """The values with clean markup; a thread cleans it, because that may take long. Raises Invalid."""
    check_sent(values)
    return await asyncio.to_thread(cleaned_values, values)


class Release(NamedTuple):
    """An add-on and one of its versions."""

    addon: AddonDoc
    version: VersionDoc


async def no_extra_writes(change: Change) -> None:
    """The default: no further writes."""


async def edit_addon(
    site: Site,
    actor: Actor,
    addon: AddonDoc,
    change: AddonChange,
    rule: Rule = EDITORS,
    extra_writes: ExtraWrites = no_extra_writes,
) -> AddonDoc:
    """The add-on as stored after `change`; its records are written only if something changed.

    Raises NotFound, Forbidden, PreconditionFailed, Invalid, and what `change` and Changes.run raise.
    """
    now = clock.now()

    def edit(newest: AddonDoc) -> Edited[AddonDoc]:
        check(rule, actor.caller, newest, safe=False)
        actor.check(newest)
        new, records = change(newest, now)
        check_size(newest, new)
        return Edited(new, records if new != newest else ())

    async def work(transaction: Change) -> AddonDoc:
        await extra_writes(transaction)
        return await transaction.edit_addon(addon["_id"], edit)

    try:
        return await site.changes.run(work)
    except Duplicate as duplicate:
        raise as_invalid(duplicate) from None


async def create_addon(
    site: Site, make: Callable[[str], EditedAddon], extra_writes: ExtraWrites = no_extra_writes
) -> AddonDoc:
    """The new add-on as stored. Raises Invalid, Duplicate, and what `make` (now) and Changes.run raise."""
    addon, records = make(clock.now())
    check_size(None, addon)

    async def work(transaction: Change) -> AddonDoc:
        await extra_writes(transaction)
        return await transaction.create_addon(addon, records)

    return await site.changes.run(work)


def as_invalid(duplicate: Duplicate) -> Invalid:
    """The fault for a unique value that somebody else took meanwhile."""
    if duplicate.field == "slug":
        return field_fault("slug", "slug_taken")
    return guid_in_use()
