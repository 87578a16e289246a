"""A client of the recommendation service; a dead or broken service costs callers hardly any time.

    recommender = Recommender("http://recommender.example", timeout=1.0)
    guids = await recommender.recommend("tab-tree@example.org")     # raises NoRecommendations
    await recommender.close()

Contract: `GET <url>/<percent-encoded guid>/` answers `{"results": ["guid", ...]}`
(contract/versions.md 16). A 404, and other statuses about the guid itself, mean no
recommendations. They do not count as failures, because callers could otherwise stop the
use of the service by sending odd guids. Concurrent callers with the same guid share one
request, and answers are cached for a minute. After a few failures in a row no caller waits
any more; one request at a time checks in the background whether the service is back.

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
MAX_GUIDS: Final = 100  # read from an answer; four are shown
MAX_WAITING: Final = 64  # requests under way at a time
FAILURES: Final = 5  # in a row, after which the service is considered dead
BACKOFF: Final = Backoff(5.0, 60.0)  # between requests to a dead service
_GUID_STATUSES: Final = {400, 404, 410, 414, 422}  # all other 4xx count as failures


class NoRecommendations(Exception):
    """The service is late, failed, sent an invalid answer, or is considered dead."""


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
            raise NoRecommendations  # a running request goes on by itself
        # Shielded, because other callers may wait for the same answer.
        return await asyncio.shield(task)

    def _may_request(self) -> bool:
        """Whether not too many requests are running, and a dead service is due for another one."""
        limit = 1 if self._breaker.is_open else MAX_WAITING
        return self._answers.count_loading < limit and self._breaker.allows_call

    async def _request(self, guid: str) -> list[str]:
        try:
            guids = await self._fetch(guid)
        except (NoAnswer, ValueError) as error:
            if self._breaker.record_failure():
                log.warning("the recommendation service is left alone for a while: %s", error)
            raise NoRecommendations from error
        if self._breaker.record_success():
            log.info("the recommendation service is back")
        return guids

    async def _fetch(self, guid: str) -> list[str]:
        """Raises NoAnswer, ValueError."""
        answer = await self._client.get(f"{self._url}/{quote(guid, safe='')}/")
        if answer.status in _GUID_STATUSES:
            return []
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        return _read(answer.body)


def _read(body: bytes) -> list[str]:
    """The guids of an answer. Raises ValueError for an invalid one."""
    answer = orjson.loads(body)
    guids = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(guids, list):
        raise ValueError("an answer without a list of results")
    return [guid for guid in guids[:MAX_GUIDS] if isinstance(guid, str) and len(guid) <= MAX_GUID]
