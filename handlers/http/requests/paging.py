"""Reads the parameters of a page and writes its envelope (contract/requests.md 5)."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import orjson

from conf.limits import MAX_PAGE_SIZE
from conf.numbers import read_number
from conf.vocabulary import PAGE_SIZE
from handlers.http.replies.errors import invalid_page
from handlers.http.requests.request import ReadRequest

Item = TypeVar("Item")
_PLAIN: Final = re.compile("[A-Za-z0-9_.~-]*")
_FARTHEST: Final = 10**12  # page numbers beyond this are past the end of anything


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: its 1-based number, its size in items, and the slice that it covers."""

    number: int
    size: int

    @property
    def start(self) -> int:
        return (self.number - 1) * self.size

    @property
    def stop(self) -> int:
        return self.number * self.size


def page_size(request: ReadRequest, default: int = PAGE_SIZE, largest: int = MAX_PAGE_SIZE) -> int:
    """The `page_size` parameter, at most `largest`; the default for anything but a positive number."""
    size = read_number(request.params.get("page_size", "").strip())
    return min(size, largest) if size else default


def requested_page(request: ReadRequest, size: int, count: Callable[[], int]) -> Page:
    """The `page` parameter. Raises Refusal 404 for anything that is not a page number.

    `count` is called only for `page=last`.
    """
    raw = request.params.get("page", "")
    if raw == "":
        return Page(1, size)
    if raw == "last":
        return Page(page_count(count(), size), size)
    number = read_number(raw.strip())
    if not number or number > _FARTHEST:
        raise invalid_page(request.view.locale)
    return Page(number, size)


def page_count(count: int, size: int, window: int = 0) -> int:
    """At least 1; `window` bounds how deep callers may page, 0 does not."""
    reachable = min(count, window) if window else count
    return -(-max(1, reachable) // size)


def paginated(
    request: ReadRequest, items: Sequence[Item], shape: Callable[[Item], Any], size: int | None = None
) -> bytes:
    """The envelope of the requested page of `items`, each as the JSON value that `shape` makes of it.

    `size` overrides the caller's `page_size`. Raises Refusal 404.
    """
    page = requested_page(request, size or page_size(request), lambda: len(items))
    return envelope(request, page, len(items), map(shape, items[page.start : page.stop]))


def envelope(
    request: ReadRequest,
    page: Page,
    count: int,
    results: Iterable[Any] | orjson.Fragment,
    window: int = 0,
    **extras: Any,
) -> bytes:
    """The six keys of every page, then `extras`. Raises Refusal 404 for a page past the end.

    `results` are the JSON values of this page only, or a whole array of them as `orjson.Fragment`.
    `count` is the number of all results.
    """
    last = page_count(count, page.size, window)
    if page.number > last:
        raise invalid_page(request.view.locale)
    return orjson.dumps(
        {
            "page_size": page.size,
            "page_count": last,
            "count": count,
            "next": _link(request, page.number + 1) if page.number < last else None,
            "previous": _link(request, page.number - 1) if page.number > 1 else None,
            "results": results if isinstance(results, orjson.Fragment) else list(results),
            **extras,
        }
    )


def _link(request: ReadRequest, number: int) -> str:
    """The same request for another page: parameters sorted by name, page 1 without `page`."""
    pairs = [pair for pair in request.pairs if pair[0] != "page"]
    if number > 1:
        pairs.append(("page", str(number)))
    pairs.sort(key=lambda pair: pair[0])
    query = "&".join(_encoded(name, value) for name, value in pairs)
    return f"{request.origin}{request.path}?{query}" if query else request.origin + request.path


def _encoded(name: str, value: str) -> str:
    """Does what urlencode does, ten times as fast for text that needs no encoding."""
    return f"{name}={value}" if _PLAIN.fullmatch(name + value) else urlencode([(name, value)])
