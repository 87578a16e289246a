"""Stores abuse reports, with what they are about and who sent them.

    target = await find_target(site, "addon", "tab@example.org")
    report = await store_report(changes, target, fields, sender)

Event loop only. Rules: contract/extras.md 2.
"""

import re
from typing import Final, NamedTuple

from conf.numbers import read_number
from conf.vocabulary import GUID_PATTERN
from server import clock
from server.changes import Changes, NewRecord
from server.errors import NotFound
from server.reports import COLLECTION
from server.services import ratings
from server.services.accounts import accounts
from server.site import Site

_GUID: Final = re.compile(GUID_PATTERN)


class Target(NamedTuple):
    """What a report is about. `id` is None for an add-on that is not public, so that the reporter learns
    nothing about it.
    """

    kind: str
    id: int | None
    guid: str | None = None
    slug: str | None = None


async def find_target(site: Site, kind: str, name: str) -> Target:
    """The target by its id or other public name. Raises NotFound."""
    if kind == "addon":
        return _addon(site, name)
    if kind == "user":
        return Target(kind, (await accounts.find_account(site.store, name))["_id"])
    if kind == "rating":
        return Target(kind, (await ratings.find(site.store, name, with_deleted=False))["_id"])
    collection = await site.store.find_one("collections", {"_id": read_number(name)}, {"_id": 1})
    if collection is None:
        raise NotFound
    return Target(kind, collection["_id"])


def _addon(site: Site, name: str) -> Target:
    """An unknown guid is accepted, because browsers report what they have installed."""
    addon_id = site.catalogue.find(name)
    if addon_id is not None:
        addon = site.catalogue.documents.addon(addon_id)
        return Target("addon", addon_id, addon["guid"], addon["slug"])
    if not _GUID.fullmatch(name):
        raise NotFound
    return Target("addon", None, name)


class Sender(NamedTuple):
    """Who sent a report."""

    user_id: int | None
    country: str | None
    locale: str


async def store_report(changes: Changes, target: Target, fields: dict[str, str], sender: Sender) -> None:
    """`fields` as `read_report` gives them. Raises what Changes.run does."""
    report = {
        "target": target.kind,
        "guid": target.guid,
        "target_id": target.id,
        "reporter_id": sender.user_id,
        "country": sender.country,
        "locale": sender.locale,
        "created": clock.now(),
        "fields": fields,
    }
    await changes.write([NewRecord(COLLECTION, report)])
