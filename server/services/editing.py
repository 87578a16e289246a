"""What every write to an add-on has in common (contract/auth.md 3, contract/writes.md 1).

    addon = await edit_addon(site, actor, addon, change)

A caller's right to an add-on is checked when it is found (addons.py) and again
on its newest state, which `change` is applied to. Event loop only.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from conf.model.addons import AddonDoc, VersionDoc
from server import clock
from server.activity_log import listing_records
from server.auth.addon_access import EDITORS, Rule, check
from server.changes import Edited, NewRecord
from server.errors import Duplicate
from server.rules.faults import Fault, Invalid, field
from server.rules.sizes import check_size
from server.services.actor import Actor
from server.site import Site

# An add-on as it shall be, and what is recorded about that.
Recorded = tuple[AddonDoc, Sequence[NewRecord]]
AddonChange = Callable[[AddonDoc, str], Recorded]  # (newest state, now)


class Release(NamedTuple):
    """An add-on and a version it has now."""

    addon: AddonDoc
    version: VersionDoc


async def edit_addon(
    site: Site, actor: Actor, addon: AddonDoc, change: AddonChange, rule: Rule = EDITORS
) -> AddonDoc:
    """The add-on as stored after `change`; its records count only where something is new.

    Raises NotFound, Forbidden, Invalid, and what `change` and Changes.run raise.
    """
    now = clock.now()

    def edit(newest: AddonDoc) -> Edited[AddonDoc]:
        check(rule, actor.caller, newest, safe=False)
        new, records = change(newest, now)
        check_size(newest, new)
        return Edited(new, records if new != newest else ())

    try:
        return await site.changes.edit_addon(addon["_id"], edit)
    except Duplicate as taken:
        raise as_invalid(taken) from None


async def edit_listing(
    site: Site, actor: Actor, addon: AddonDoc, change: Callable[[AddonDoc, str], AddonDoc]
) -> AddonDoc:
    """As `edit_addon`, for what is recorded property by property."""

    def recorded(newest: AddonDoc, now: str) -> Recorded:
        new = change(newest, now)
        return new, listing_records(newest, new, actor.id)

    return await edit_addon(site, actor, addon, recorded)


async def create_addon(site: Site, make: Callable[[str], Recorded]) -> AddonDoc:
    """The new add-on as stored. Raises Invalid, Duplicate, and what `make` (now) and Changes.run raise."""
    addon, records = make(clock.now())
    check_size(None, addon)
    return await site.changes.create_addon(addon, records)


def as_invalid(taken: Duplicate) -> Invalid:
    """A unique value that somebody else took meanwhile."""
    if taken.field == "slug":
        return field("slug", "slug_taken")
    return Invalid({"version": [Fault("guid_duplicate")]}, status=409)
