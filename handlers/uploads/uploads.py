"""Uploads of packages: POST, and list and detail of the caller's own (contract/uploads.md 1 and 2)."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from conf.model.uploads import UploadDoc
from handlers.addons.resource import AddonResource
from handlers.http.base import Access
from server.errors import Forbidden
from server.services.uploads import uploads

_READING: Final = Access(signed_in=True, submits=True)


class UploadResource(AddonResource):
    has_long_texts = False

    def check_permissions(self) -> None:
        super().check_permissions()
        if self.request.method in (*self.access, "HEAD") and not self.read_request().enabled("uploads"):
            raise Forbidden

    def upload_shape(self, upload: UploadDoc) -> dict[str, Any]:
        url = f"{self.received.origin}/api/{self.version}/addons/upload/{upload['_id']}/"
        return uploads.shape(upload, url)


class UploadListHandler(UploadResource):
    title = "Addon Upload List"
    access: ClassVar = {"GET": _READING, "POST": Access(signed_in=True, submits=True, throttle="upload")}

    async def get(self) -> None:
        async def read(start: int, size: int) -> Iterable[dict[str, Any]]:
            return map(self.upload_shape, await uploads.read_page(self.site, self.user_id, start, size))

        await self.send_page(await self.site.store.count(uploads.UPLOADS, {"user_id": self.user_id}), read)

    async def post(self) -> None:
        upload = await uploads.create(self.site, self.actor, self.data())
        self.send_json(self.upload_shape(upload), 201)


class UploadHandler(UploadResource):
    title = "Addon Upload Instance"
    access: ClassVar = {"GET": _READING}

    async def get(self, name: str) -> None:
        self.send_json(self.upload_shape(await uploads.find(self.site, self.user_id, name)))
