"""The released versions of applications (contract/extras.md 8): `applications/{app}/`, `…/{version}/`.

Release automation adds them; the compatibility that authors declare is checked against them.
"""

from typing import ClassVar

from conf.vocabulary import APPS
from handlers.http.base import Access, ApiHandler, public_page
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.rules.compatibility import RELEASED_APPS, is_app_version
from server.services import app_versions

CREATE = "AppVersions:Create"


def list_versions(request: ReadRequest, app: str) -> Answer:
    """The released versions of an application, lowest first."""
    if app not in APPS:
        raise request.not_found()
    versions = app_versions.released(request.site.curated.app_versions.view, app)
    return json_answer({"guid": APPS[app].guid, "versions": versions})


class AppVersionHandler(ApiHandler):
    title = "Application Version"
    access: ClassVar = {"PUT": Access(permission=CREATE)}
    mechanisms = ("jwt",)

    async def put(self, app: str, version: str) -> None:
        if app not in RELEASED_APPS:
            raise self.error(400, "app_parameter")
        if not is_app_version(version, "min"):
            raise self.error(400, "version_parameter")
        is_new = await app_versions.add(self.site.changes, version)
        self.send_nothing(201 if is_new else 202)


AppVersionsHandler = public_page("Application Versions", list_versions)
