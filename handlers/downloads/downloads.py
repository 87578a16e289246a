"""Files of add-ons, and the sources they were made of (contract/downloads.md)."""

from typing import ClassVar, Final
from urllib.parse import quote, urlencode

from conf.vocabulary import DEFAULT_APP
from handlers.downloads.stored_file import Headers, StoredFileHandler
from handlers.http.base import SIGNED_IN, SiteResource
from handlers.http.replies.errors import Refusal
from index.documents.identifiers import identify
from index.shapes.urls import download as address
from index.shapes.urls import in_header, path_name
from server.errors import NotFound
from server.services import downloads

_FILE_AGE: Final = 86400  # seconds
_LATEST_AGE: Final = 3600
_ATTACHMENT: Final = "attachment"
_PAGE_PARAMETERS: Final = ("lang", "app")  # of links on the website; files have no use for them
_CORS: Final = {"Access-Control-Allow-Origin": "*"}
_PRIVATE: Final = {"Cache-Control": "private"}


class AddonFile(StoredFileHandler):
    """Base of the resources that send a file of an add-on."""

    title = "File"

    async def send_file(self, file_id: str, kind: str | None = None, path: str | None = None) -> None:
        """Send the file, or redirect to `path` on the host of DOWNLOADS_URL, which serves only the paths of
        FileHandler.
        """
        country = self.read_request().country
        try:
            download = await downloads.find_file(self.site, self.caller, self.path_id(file_id), country)
        except NotFound:
            raise self._file_not_found() from None
        headers = self._download_headers(download, kind)
        host = self.site.settings.downloads_url
        if host and path and download.is_open:
            raise self.moved_to(host.rstrip("/") + path, headers)
        if "stored" not in download.file:
            raise self._file_not_found()
        await self.send_stored(download.file["stored"], headers)

    def _file_not_found(self) -> Refusal:
        """404 that caches may not store, because other callers may get the file."""
        return self.not_found({**_PRIVATE, **_CORS})

    def _download_headers(self, download: downloads.Download, kind: str | None) -> Headers:
        headers = {"Content-Type": "application/x-xpinstall", "Vary": "X-Country-Code", **_CORS}
        headers |= {"Cache-Control": f"max-age={_FILE_AGE}"} if download.is_open else _PRIVATE
        if kind == _ATTACHMENT:
            headers["Content-Disposition"] = "attachment"
        if download.file["hash"]:
            headers["X-Target-Digest"] = download.file["hash"]
        return headers


class FileHandler(AddonFile):
    """`/{app}/downloads/file/{id}/[type:T/][name]`; the name is ignored."""

    async def get(self, app: str, file_id: str, kind: str | None, name: str) -> None:
        request = self.read_request()
        if request.params.keys() & set(_PAGE_PARAMETERS):
            query = urlencode([pair for pair in request.pairs if pair[0] not in _PAGE_PARAMETERS])
            raise self.moved_to(self.request.path + (f"?{query}" if query else ""))
        await self.send_file(file_id, kind, self.request.path)


class KeyedFileHandler(AddonFile):
    """`/api/v3|v4/file/{id}/[name]`, for clients of the signing API; accepts only API keys."""

    mechanisms = ("jwt",)
    access: ClassVar = {"GET": SIGNED_IN}

    async def get(self, file_id: str, name: str) -> None:
        name = self.request.path.rpartition("/")[2]  # percent-encoded, as in the request
        await self.send_file(file_id, path=f"/{DEFAULT_APP}/downloads/file/{file_id}/{name}")


class SourceFile(StoredFileHandler):
    """Base of the resources that send the source of a version."""

    title = "Source"

    async def send_source(self, version_id: str) -> None:
        try:
            source = await downloads.find_source(self.site, self.caller, self.path_id(version_id))
        except NotFound:
            raise self.not_found(_PRIVATE) from None
        headers = {"Content-Type": "application/octet-stream", **_PRIVATE, **_CORS}
        name = quote(f"{path_name(source.addon)}-{source.version['version']}-src{source.suffix}", safe="%")
        await self.send_stored(
            source.stored, {**headers, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        )


class SourceHandler(SourceFile):
    """`/{app}/downloads/source/{version id}`; whatever follows is ignored."""

    async def get(self, app: str, version_id: str, ignored: str) -> None:
        await self.send_source(version_id)


class LatestHandler(SiteResource):
    """`/{app}/downloads/latest/{slug}/[type:T/][platform:N/][name]`: redirects to the current file."""

    title = "Latest File"

    def get(self, app: str, name: str, kind: str | None, platform: str | None, file_name: str) -> None:
        catalogue, context = self.site.catalogue, self.site.shapes["v5"].context
        addon_id = catalogue.find_listed(name)
        if addon_id is None:
            raise self.not_found()
        addon = catalogue.documents.releases(addon_id)
        if identify(name)[0] != "slug" and addon.name != str(addon_id):  # the name if it has no slug
            rest = self.request.path.split("/", 5)[5]
            query = f"?{self.request.query}" if self.request.query else ""
            location = f"/{app}/downloads/latest/{addon.name}/{rest}{query}"
            raise self.moved_to(location, status=301)
        base, _, last = address(context, addon.useful[0].file().url, app).rpartition("/")
        location = f"{base}/type:{_ATTACHMENT}/{last}" if kind == _ATTACHMENT else f"{base}/{last}"
        location = in_header(location)
        raise self.moved_to(location, {"Cache-Control": f"max-age={_LATEST_AGE}", **_CORS})
