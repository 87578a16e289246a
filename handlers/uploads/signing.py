"""The signing API of v3 and v4: packages become versions without a second request (contract/uploads.md 7)."""

from typing import Any, ClassVar, Final
from urllib.parse import quote

from conf.model.addons import VersionDoc
from conf.model.uploads import UploadDoc
from handlers.addons.resource import AddonResource
from handlers.downloads.downloads import KeyedFileHandler
from handlers.http.base import SIGNED_IN, Access
from handlers.http.route import ADDON, VERSION, Route
from server.services.uploads import signing

_UPLOADING: Final = Access(signed_in=True, submits=True, throttle="submission")
_PLAIN: Final = "@+*~"  # characters of guids and version numbers that URLs keep unescaped


class SigningResource(AddonResource):
    """Resources that accept only API keys."""

    mechanisms: ClassVar = ("jwt",)
    has_long_texts = False

    def status(self, upload: UploadDoc, version: VersionDoc | None = None) -> dict[str, Any]:
        """The status of an upload, as clients of the signing API poll it."""
        site, api = self.received.origin, f"{self.received.origin}/api/{self.version}"
        package, result = upload["signing"], upload["validation"]
        path = f"{quote(package['guid'], safe=_PLAIN)}/versions/{quote(package['version'], safe=_PLAIN)}"
        files = version["files"] if version else []
        is_active = any(file["status"] == "public" for file in files)
        is_reviewed = version is not None and (is_active or version["reviewed"] is not None)
        return {
            "guid": package["guid"],
            "active": is_active,
            "automated_signing": upload["channel"] == "unlisted",
            "url": f"{api}/addons/{path}/uploads/{upload['_id']}/",
            "files": [
                {
                    "download_url": f"{api}/file/{file['id']}/{file['url'].rpartition('/')[2]}",
                    "hash": file["hash"],
                    "signed": file["status"] == "public",
                }
                for file in files
            ],
            "passed_review": is_active and is_reviewed,
            "pk": upload["_id"],
            "processed": result is not None,
            "reviewed": is_reviewed,
            "valid": bool(result and result["success"]),
            "validation_results": result,
            "validation_url": f"{site}/{self.locale_name}/developers/upload/{upload['_id']}",
            "version": package["version"],
        }


class SigningNewHandler(SigningResource):
    """New add-ons without a guid: the server makes one."""

    title = "Signing"
    access: ClassVar = {"POST": _UPLOADING}

    async def post(self) -> None:
        upload, _ = await signing.submit(self.site, self.actor, self.data(), None, None)
        self.send_json(self.status(upload), 201)


class SigningHandler(SigningResource):
    """A version of an add-on: PUT uploads it, GET shows its status."""

    title = "Signing"
    access: ClassVar = {"GET": SIGNED_IN, "PUT": _UPLOADING}

    async def get(self, guid: str, number: str) -> None:
        self.send_json(self.status(*await signing.find(self.site, self.caller, guid, number)))

    async def put(self, guid: str, number: str) -> None:
        upload, is_new = await signing.submit(self.site, self.actor, self.data(), guid, number)
        self.send_json(self.status(upload), 201 if is_new else 202)


class SigningStatusHandler(SigningResource):
    """The status of one of several uploads for a version."""

    title = "Signing"
    access: ClassVar = {"GET": SIGNED_IN}

    async def get(self, guid: str, number: str, key: str) -> None:
        self.send_json(self.status(*await signing.find(self.site, self.caller, guid, number, key)))


SIGNING_ROUTES: tuple[Route, ...] = (
    Route("addons/", SigningNewHandler, gate="signing", files=True),
    Route(f"addons/{ADDON}/versions/{VERSION}/", SigningHandler, gate="signing", files=True),
    Route(f"addons/{ADDON}/versions/{VERSION}/uploads/([^/]+)/", SigningStatusHandler, gate="signing"),
    Route("file/([0-9]+)/([^/]*)", KeyedFileHandler, gate="signing"),
)
