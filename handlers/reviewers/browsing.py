"""Reviewers and authors browse and compare versions (contract/reviewers.md 4)."""

import asyncio
from typing import ClassVar, Final
from urllib.parse import quote

import orjson

from conf.model.addons import AddonDoc, VersionDoc
from handlers.activity.resource import ActivityResource
from handlers.http.base import Access
from handlers.http.replies.reply import Reply, accepts_gzip
from handlers.http.requests.request import read_plain
from handlers.http.route import Route
from server.auth.access.addon_access import INSIDERS
from server.services.review import browsing
from server.shapes.browsing import browsed_version, version_row

_LIST_ACCESS: Final = Access(INSIDERS)
_BROWSE_ACCESS: Final = Access(INSIDERS, throttle="browse")


class ReviewedVersionsHandler(ActivityResource):
    title = "Versions to Review"
    has_long_texts = False
    access: ClassVar = {"GET": _LIST_ACCESS}

    async def get(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        self.send_json([version_row(version) for version in browsing.browsable_versions(self.caller, addon)])


class _BrowsingResource(ActivityResource):
    access: ClassVar = {"GET": _BROWSE_ACCESS}
    has_long_texts = False

    def find(self, addon: AddonDoc, version_id: str) -> VersionDoc:
        """Raises NotFound, Forbidden."""
        return browsing.find(self.caller, addon, version_id)

    async def send_version(
        self, addon: AddonDoc, version: VersionDoc, base: VersionDoc | None = None
    ) -> None:
        """Raises as browsing.browse."""
        request = self.read_request()
        file_only = request.params.get("file_only", "").lower() == "true"
        choice = browsing.Choice(request.params.get("file"), file_only)
        browsed = await browsing.browse(self.site, addon, version, choice, base)
        context = self.site.shapes[self.version].context
        details = browsed_version(context, addon, version, request.view, is_validated=browsed.is_validated)
        answer = {"id": details["id"]} if file_only else details
        answer |= {"file": orjson.Fragment(browsed.file)}
        answer |= {} if file_only else {"file_entries": orjson.Fragment(browsed.entries)}
        await self._send_large(orjson.dumps(answer))

    async def _send_large(self, body: bytes) -> None:
        reply = Reply(200, body, {"Cache-Control": "s-maxage=0", "Allow": self.allow()})
        if accepts_gzip(self.request.headers.get("Accept-Encoding")):
            await asyncio.to_thread(lambda: reply.gzipped)
        self.send(reply)


class BrowseHandler(_BrowsingResource):
    title = "Version to Review"

    async def get(self, addon_id: str, version_id: str) -> None:
        addon = await self.load(addon_id)
        await self.send_version(addon, self.find(addon, version_id))


class CompareHandler(_BrowsingResource):
    title = "Version Comparison"

    async def get(self, addon_id: str, base_id: str, version_id: str) -> None:
        addon = await self.load(addon_id)
        base, version = self.find(addon, base_id), self.find(addon, version_id)
        await self.send_version(addon, version, base)


class BrowseVersionHandler(_BrowsingResource):
    """Browses a version that is named by its id alone, as the first code browser did."""

    title = "Version to Review"

    async def get(self, version_id: str) -> None:
        addon = await browsing.find_addon(self.site, self.caller, self.path_id(version_id))
        await self.send_version(addon, self.find(addon, version_id))


class CompareVersionsHandler(_BrowsingResource):
    """Compares two versions that are named by their ids alone."""

    title = "Version Comparison"

    async def get(self, base_id: str, version_id: str) -> None:
        addon = await browsing.find_addon(self.site, self.caller, self.path_id(version_id))
        base, version = self.find(addon, base_id), self.find(addon, version_id)
        await self.send_version(addon, version, base)


class PackagedFileHandler(_BrowsingResource):
    """`/reviewers/download-git-file/{version}/{path}`: browsers store the file, but never run it."""

    title = "File of a Package"
    read = staticmethod(read_plain)

    async def get(self, version_id: str, path: str) -> None:
        addon = await browsing.find_addon(self.site, self.caller, self.path_id(version_id))
        file = await browsing.read_file(self.site, self.find(addon, version_id), path)
        is_picture = file.mimetype.startswith("image/") and not file.mimetype.endswith("+xml")
        headers = {
            "Content-Type": file.mimetype if is_picture else "application/octet-stream",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(path.rpartition('/')[2], safe='')}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private",
        }
        self.send_body(file.content, headers)


_ADDON: Final = "reviewers/addon/([0-9]+)/versions/"

BROWSING_ROUTES: Final = (
    Route(_ADDON, ReviewedVersionsHandler),
    Route(f"{_ADDON}([0-9]+)/", BrowseHandler),
    Route(f"{_ADDON}([0-9]+)/compare_to/([0-9]+)/", CompareHandler),
    Route("reviewers/browse/([0-9]+)/", BrowseVersionHandler),
    Route("reviewers/compare/([0-9]+)/([0-9]+)/", CompareVersionsHandler),
)
