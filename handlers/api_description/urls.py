"""The routes of each API version's description: `openapi.json` for programs, `docs/` for people."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import orjson

from conf.limits import DESCRIPTION_MAX_AGE
from handlers.api_description.document import document
from handlers.api_description.page import POLICY, page
from handlers.http.base import PageHandler, SitePage
from handlers.http.requests.received import Received
from handlers.http.requests.request import Answer, ReadRequest
from handlers.http.route import Route

_HEADERS: Final = {"Vary": "Accept-Encoding"}
_PAGE_HEADERS: Final = {
    **_HEADERS,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": POLICY,
}


class DescriptionHandler(SitePage):
    """A page that never changes while the process runs, and that works before the catalogue is ready."""

    works_before_ready = True

    @staticmethod
    def representation(received: Received) -> bytes:
        return hashlib.blake2b(received.path.encode(), digest_size=16).digest()


def with_descriptions(routes: Sequence[Route]) -> tuple[Route, ...]:
    """The routes, and those of the pages that describe them."""

    def json(version: str) -> Answer:
        return _answer(orjson.dumps(document(all_routes, version)), _HEADERS)

    def html(version: str) -> Answer:
        return _answer(page(document(all_routes, version)).encode(), _PAGE_HEADERS)

    openapi, docs = _resource("API Description", json), _resource("Documentation", html)
    descriptions = (
        Route("openapi[.]json", openapi, fast=True, label="openapi.json"),
        Route("docs/", docs, fast=True),
    )
    all_routes = (*routes, *descriptions)
    return all_routes


def _resource(title: str, make: Callable[[str], Answer]) -> type[PageHandler]:
    """A handler whose answer is made once for each version, in a thread because it takes 40 ms."""
    answers: dict[str, Answer] = {}

    async def answer_from_store(self: PageHandler, request: ReadRequest, *args: str) -> Answer:
        answers[self.version] = await asyncio.to_thread(make, self.version)
        return answers[self.version]

    def ready(request: ReadRequest) -> Answer | None:
        return answers.get(request.view.version)

    members = {"title": title, "page": staticmethod(ready), "answer_from_store": answer_from_store}
    return type("DescriptionPage", (DescriptionHandler,), members)


def _answer(body: bytes, headers: Mapping[str, str]) -> Answer:
    tag = hashlib.blake2b(body, digest_size=8).hexdigest()
    return Answer(body, tag, DESCRIPTION_MAX_AGE, headers)
