"""The released versions of applications, as release automation adds them (contract/extras.md 8).

    is_new = await add(changes, "42.0a1")          # 42.0, 42.0a1 and 42.*

Event loop only.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from conf.model.curated import AppVersionsDoc
from server.changes import Change, Changes
from server.rules.compatibility import RELEASED_APPS, released_with
from server.rules.version_order import in_order
from server.storage.operations import Replace

COLLECTION: Final = "app_versions"


def released(stored: Mapping[str, Iterable[str]], app: str) -> list[str]:
    """The released versions of an application, lowest first."""
    return in_order(stored.get(app, ()))


async def add(changes: Changes, version: str) -> bool:
    """Add a version, and those it implies, to both applications; returns whether any of them is new."""
    added = released_with(version)

    async def work(change: Change) -> bool:
        is_new = False
        for app in RELEASED_APPS:
            stored = await change.find_one(COLLECTION, {"_id": app}) or {"versions": []}
            versions = in_order({*stored["versions"], *added})
            if versions != stored["versions"]:
                document = AppVersionsDoc(_id=app, versions=versions)
                await change.apply(Replace(COLLECTION, {**document}, upsert=True))
                is_new = True
        return is_new

    return await changes.run(work)
