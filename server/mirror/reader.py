"""Reads an add-on of the source whole: detail, versions with licences' texts, policies, ratings, packages.

    reading = await Reader(source, parts, store, max_package).read(mirrored)
    reading.addon, reading.ratings      # JSON, `versions` in the add-on; addon None: it is not public there

Thread rule: event loop only.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from conf.model.queues import MirroredDoc
from server.mirror.packages import Fetched, Packages
from server.mirror.source import Source
from server.storage.store import Store

Json = dict[str, Any]


class Reading(NamedTuple):
    """Parts are None if they were not read, because the stored state is still right."""

    addon: Json | None
    ratings: list[Json] | None = None
    packages: Fetched | None = None


class Reader:
    """`parts` are of "versions", "policies", "ratings"; packages of up to `max_package` bytes are stored."""

    def __init__(self, source: Source, parts: Collection[str], store: Store, max_package: int | None) -> None:
        self._source = source
        self._parts = parts
        self._packages = Packages(source.client, store, max_package) if max_package else None

    async def read(self, mirrored: MirroredDoc) -> Reading:
        """Raises BadAnswer, SourceUnavailable."""
        addon_id = mirrored["_id"]
        addon = await self._source.addon(addon_id)
        if addon is None:
            return Reading(None)
        # A feed says that an add-on changed, but not what, so all of it is read.
        as_read = mirrored["listing"] == mirrored["read_listing"]
        is_notified = as_read and mirrored["ratings"] == mirrored["read_ratings"]
        if "policies" in self._parts and (addon.get("has_eula") or addon.get("has_privacy_policy")):
            addon |= await self._source.policies(addon_id)
        if "versions" in self._parts and (is_notified or not as_read):
            addon["versions"] = await self._versions(addon_id)
        ratings = None
        if "ratings" in self._parts and (is_notified or mirrored["ratings"] != mirrored["read_ratings"]):
            ratings = await self._ratings(addon)
        packages = None
        if self._packages:
            packages = await self._packages.fetch(
                addon.get("versions") or [addon.get("current_version") or {}]
            )
        return Reading(addon, ratings, packages)

    async def _versions(self, addon_id: int) -> list[Json]:
        versions = await self._source.versions(addon_id)
        texts: dict[Any, Json] = {}  # by the id of the licence, which many versions share
        for version in versions:
            license = version.get("license")
            if not isinstance(license, dict) or not license.get("is_custom") or license.get("text"):
                continue
            id_ = license.get("id")
            if id_ not in texts:
                texts[id_] = await self._source.license(addon_id, version["id"]) or license
            version["license"] = texts[id_]
        return versions

    async def _ratings(self, addon: Json) -> list[Json]:
        figures = addon.get("ratings")
        if isinstance(figures, dict) and figures.get("count") == 0:
            return []
        return await self._source.ratings(addon["id"])
