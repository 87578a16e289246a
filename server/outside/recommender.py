"""The recommendation service, asked by HTTP; a dead or odd one costs callers next to nothing.

    recommender = Recommender("http://recommender.example", timeout=1.0)
    guids = await recommender.recommend("tab-tree@example.org")     # raises NoRecommendations
    await recommender.close()

Contract: `GET <url>/<percent-encoded guid>/` answers `{"results": ["guid", ...]}`
(contract/versions.md 16). 404, and what else says that the guid is not to its liking, means that it
has none to recommend: a failure it is not, or callers could have the service left
alone by asking for odd guids. Callers who want the same at the same time share one
request; answers are kept for a minute; after a few failures in a row nobody waits
any more, while one request at a time finds out in the background whether the
service is back.

Thread rule: event loop only.
"""

import asyncio
import logging
from functools import partial
from typing import Final
from urllib.parse import quote

import orjson

from conf.limits import MAX_GUID
from index.cache import BoundedCache
from server.outside.http_client import HttpClient, NoAnswer
from server.retry import Backoff, Breaker

log = logging.getLogger(__name__)

CACHE_SECONDS: Final = 60.0
MAX_ANSWERS: Final = 2000
MAX_GUIDS: Final = 100  # looked at in an answer; four are shown
MAX_WAITING: Final = 64  # requests under way at a time
FAILURES: Final = 5  # in a row, after which the service counts as dead
BACKOFF: Final = Backoff(5.0, 60.0)  # a dead service is left alone
_ABOUT_THE_GUID: Final = {400, 404, 410, 414, 422}  # all other 4xx concern every question


class NoRecommendations(Exception):
    """The service is late, failed, cannot be understood, or is being left alone."""


class Recommender:
    """`url` without the final slash; `timeout` in seconds, for a whole request."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._client = HttpClient(timeout, MAX_WAITING)
        self._breaker = Breaker(BACKOFF, FAILURES)
        self._answers: BoundedCache[list[str]] = BoundedCache(MAX_ANSWERS, CACHE_SECONDS)

    async def close(self) -> None:
        await self._answers.close()
        await self._client.close()

    async def recommend(self, guid: str) -> list[str]:
        """Guids in the service's order, perhaps none; not checked to be add-ons. Raises NoRecommendations."""
        cached = self._answers.get(guid)
        if cached is not None:
            return cached
        task = self._answers.loading(guid)
        if task is None and self._may_request():
            task = self._answers.start(guid, partial(self._request, guid))
        if task is None or self._breaker.is_open:
            raise NoRecommendations  # a try goes on by itself
        # A caller who goes away takes nobody else's answer along.
        return await asyncio.shield(task)

    def _may_request(self) -> bool:
        """Not while too many requests are under way, or the service is being left alone."""
        limit = 1 if self._breaker.is_open else MAX_WAITING
        return self._answers.count_loading < limit and self._breaker.admits

    async def _request(self, guid: str) -> list[str]:
        try:
            guids = await self._fetch(guid)
        except (NoAnswer, ValueError) as error:
            if self._breaker.failed():
                log.warning("the recommendation service is left alone for a while: %s", error)
            raise NoRecommendations from error
        if self._breaker.succeeded():
            log.info("the recommendation service is back")
        return guids

    async def _fetch(self, guid: str) -> list[str]:
        """Raises NoAnswer, ValueError."""
        answer = await self._client.get(f"{self._url}/{quote(guid, safe='')}/")
        if answer.status in _ABOUT_THE_GUID:
            return []
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        return _read(answer.body)


def _read(body: bytes) -> list[str]:
    """The guids of an answer; ValueError for what is none."""
    answer = orjson.loads(body)
    guids = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(guids, list):
        raise ValueError("an answer without a list of results")
    return [guid for guid in guids[:MAX_GUIDS] if isinstance(guid, str) and len(guid) <= MAX_GUID]
