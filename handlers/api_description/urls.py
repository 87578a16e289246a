"""Where each API version is described: `openapi.json` for programs, `docs/` for people."""

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import ClassVar, Final

import orjson

from conf.limits import DESCRIPTION_MAX_AGE
from handlers.api_description.document import document
from handlers.api_description.page import POLICY, page
from handlers.http.access import PUBLIC
from handlers.http.base import PageHandler
from handlers.http.received import Received
from handlers.http.request import Answer, ReadRequest, read_plain
from handlers.http.route import Route
from server.site import Site

_HEADERS: Final = {"Vary": "Accept-Encoding"}
_PAGE_HEADERS: Final = {
    **_HEADERS,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": POLICY,
}


class DescriptionHandler(PageHandler):
    """The same for everybody, for as long as the process lives; there before the catalogue is."""

    access: ClassVar = PUBLIC
    works_before_ready = True
    read = staticmethod(read_plain)

    @staticmethod
    def representation(received: Received) -> bytes:
        return hashlib.blake2b(received.path.encode(), digest_size=16).digest()


def described(routes: Sequence[Route]) -> tuple[Route, ...]:
    """The routes, and those of their description."""

    @cache
    def html(version: str) -> Answer:
        body = page(document(every, version)).encode()
        return Answer(body, _tag(body), DESCRIPTION_MAX_AGE, _PAGE_HEADERS)

    @cache
    def answer(version: str) -> Answer:
        body = orjson.dumps(document(every, version))
        return Answer(body, _tag(body), DESCRIPTION_MAX_AGE, _HEADERS)

    class OpenApiHandler(DescriptionHandler):
        title = "API Description"

        @staticmethod
        def page(site: Site, request: ReadRequest) -> Answer:
            return answer(request.view.version)

    class DocsHandler(DescriptionHandler):
        title = "Documentation"

        @staticmethod
        def page(site: Site, request: ReadRequest) -> Answer:
            return html(request.view.version)

    every = (
        *routes,
        Route("openapi[.]json", OpenApiHandler, fast=True, label="openapi.json"),
        Route("docs/", DocsHandler, fast=True),
    )
    return every


def _tag(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=8).hexdigest()
