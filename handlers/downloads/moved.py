"""Redirects from URLs with a language or without an application, as the website links to them
(contract/updates.md 1, contract/downloads.md 1).
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from conf.vocabulary import VERSIONS
from handlers.http.base import PublicResource
from index.shapes.urls import in_header

_HEADERS: Final = {"Cache-Control": "max-age=31536000"}


class MovedHandler(PublicResource):
    """Redirects to the part of the path that the route captures."""

    title = "Moved"
    works_before_ready = True
    headers: ClassVar[Mapping[str, str]] = _HEADERS

    def check_request(self) -> None:
        """Does nothing, because the resource redirected to checks the request."""

    def get(self, path: str) -> None:
        query = f"?{self.request.query}" if self.request.query else ""
        location = in_header(self.location(path.replace("%", "%25"))) + query
        raise self.moved_to(location, self.headers)

    def location(self, path: str) -> str:
        return f"/{path}"


class MovedDownloadHandler(MovedHandler):
    """Redirects to the path with the application of the User-Agent."""

    headers = {**_HEADERS, "Vary": "User-Agent"}

    def location(self, path: str) -> str:
        return f"/{self.received.browser}/{path}"


class DeveloperPageHandler(MovedHandler):
    """Redirects URLs that programs print for developers (`edit_url`, `validation_url`) to the API, because
    this server has no pages for them (contract/downloads.md 8).
    """

    headers = {"Cache-Control": "no-store"}

    def location(self, path: str) -> str:
        kind, _, rest = path.partition("/")
        identifier, *version = rest.partition("/versions/")
        return f"/api/{VERSIONS[-1]}/addons/{kind}/{identifier.replace('/', '%2F')}{''.join(version)}/"
