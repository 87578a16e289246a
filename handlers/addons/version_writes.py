"""Versions added, edited and deleted (contract/writes.md 5)."""

from conf.model.addons import AddonDoc, VersionDoc
from handlers.addons.access import find_version
from handlers.addons.editing import AddonEditing
from handlers.addons.submitting import developer_version, numbers_for, read_version
from handlers.addons.versions import VersionDetailHandler, VersionListHandler
from handlers.http import client
from handlers.http.errors import not_found
from handlers.http.request import ReadRequest
from index import facts
from server import clock
from server.activity_log import record, release_records, version_records
from server.changes import NewRecord
from server.rules import packages, releases, versions
from server.rules.fields import read


class VersionListWriteHandler(AddonEditing, VersionListHandler):
    async def post(self, identifier: str) -> None:
        ask = self.ask()
        addon = await self.writable(ask, identifier)
        package = await self.clean(read_version(self, self.sent(), addon["type"]))
        numbers = await numbers_for(self.site, package, addon["_id"])
        address = client.address(self.request, self.site.settings)
        now = clock.now()

        def recorded(old: AddonDoc, new: AddonDoc) -> list[NewRecord]:
            version = versions.version_of(new, numbers.version)
            return release_records(new, version, self.user_id, address)

        addon = await self.edit(
            addon, lambda newest: releases.released(newest, package, numbers, now), recorded
        )
        self.send_json(developer_version(self, ask, addon, numbers.version), 201)


class VersionWriteHandler(AddonEditing, VersionDetailHandler):
    async def patch(self, identifier: str, wanted: str) -> None:
        ask = self.ask()
        addon, version = await self._find(ask, identifier, wanted)
        readers = versions.edit_fields(self.manner(), addon["type"], describes=self.can(packages.SUBMIT))
        values = await self.clean(read(readers, self.sent()))
        license_id = await self.site.store.next_id("license") if "custom_license" in values else 0
        now = clock.now()

        def change(newest: AddonDoc) -> AddonDoc:
            self._check_version(newest, version["id"])
            return versions.edited(newest, version["id"], values, license_id, now)

        def recorded(old: AddonDoc, new: AddonDoc) -> list[NewRecord]:
            return version_records(old, new, version["id"], self.user_id)

        addon = await self.edit(addon, change, recorded)
        self.send_json(developer_version(self, ask, addon, version["id"]))

    async def delete(self, identifier: str, wanted: str) -> None:
        ask = self.ask()
        addon, version = await self._find(ask, identifier, wanted)
        now = clock.now()

        def change(newest: AddonDoc) -> AddonDoc:
            self._check_version(newest, version["id"])
            return versions.deleted(newest, version["id"], now)

        def recorded(old: AddonDoc, new: AddonDoc) -> list[NewRecord]:
            return [record("version-deleted", new, self.user_id, version=version)]

        await self.edit(addon, change, recorded)
        self.send_nothing()

    async def _find(self, ask: ReadRequest, identifier: str, wanted: str) -> tuple[AddonDoc, VersionDoc]:
        addon = await self.writable(ask, identifier)
        version = find_version(facts.versions(addon, "all_with_unlisted"), wanted)
        if version is None:
            raise not_found(self.locale_name)
        return addon, version

    def _check_version(self, addon: AddonDoc, version_id: int) -> None:
        """It may have been deleted since it was found."""
        if all(one["deleted"] or one["id"] != version_id for one in addon["versions"]):
            raise not_found(self.locale_name)
