"""Addresses with a language or without an application in them, as links on the site have them
(contract/updates.md 1, contract/downloads.md 1).
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from conf.vocabulary import VERSIONS
from handlers.http.base import PublicResource
from index.shapes.urls import in_header

_HEADERS: Final = {"Cache-Control": "max-age=31536000"}


class MovedHandler(PublicResource):
    """Redirects to the path that stands after what is too much."""

    title = "Moved"
    works_before_ready = True
    headers: ClassVar[Mapping[str, str]] = _HEADERS

    def check_request(self) -> None:
        """Refuses nothing: the new address will."""

    def get(self, path: str) -> None:
        query = f"?{self.request.query}" if self.request.query else ""
        location = in_header(self.location(path.replace("%", "%25"))) + query
        raise self.moved_to(location, self.headers)

    def location(self, path: str) -> str:
        return f"/{path}"


class MovedDownloadHandler(MovedHandler):
    """Without an application: the one the User-Agent is."""

    headers = {**_HEADERS, "Vary": "User-Agent"}

    def location(self, path: str) -> str:
        return f"/{self.received.browser}/{path}"


class DeveloperPageHandler(MovedHandler):
    """The addresses that programs print for developers (`edit_url`, `validation_url`): the API has the same,
    and there are no pages of it here (contract/downloads.md 8).
    """

    headers = {"Cache-Control": "no-store"}

    def location(self, path: str) -> str:
        kind, _, rest = path.partition("/")
        identifier, *version = rest.partition("/versions/")
        return f"/api/{VERSIONS[-1]}/addons/{kind}/{identifier.replace('/', '%2F')}{''.join(version)}/"
