"""Compares two answers to one request.

    compare("/api/v5/site/", answer_a, answer_b, rules)     -> [Difference, ...]
    outcome([...])                                          -> "data differs"

Pure; any thread.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Final
from urllib.parse import parse_qs, urlsplit

import orjson

from server.outside.http_client import NoAnswer, ServiceAnswer
from server.replay.differences import CLASSES, IDENTICAL, Difference, Location, around, find_differences
from server.replay.rules import Normalise, Rules

_MAX_DIFFERENCES: Final = 200  # of two answers; further ones are ignored
_RANDOM: Final = "/addons/featured/"  # v3's, in a random order, as searches with `sort=random`


def _words(value: str) -> str:
    """The words of a list in lower case and sorted, because case and order have no meaning."""
    return ", ".join(sorted(word.strip().lower() for word in value.split(",")))


def _unchanged(value: str) -> str:
    return value


# Headers of the contract (contract/requests.md 2, 9, 11, 12; contract/auth.md 1; contract/downloads.md).
_HEADERS: Final[Mapping[str, Callable[[str], str]]] = {
    "Content-Type": lambda value: value.replace(" ", "").lower(),
    "Cache-Control": _words,
    "Vary": _words,
    "Location": _unchanged,
    "Allow": _words,
    "WWW-Authenticate": _unchanged,
    "Access-Control-Allow-Origin": _unchanged,
    "Content-Disposition": _unchanged,
}
Answer = ServiceAnswer | NoAnswer


def outcome(differences: Iterable[Difference]) -> str:
    """The class of two answers: the worst class of their differences."""
    return max((difference.outcome for difference in differences), key=CLASSES.index, default=IDENTICAL)


def compare(target: str, a: Answer, b: Answer, rules: Rules) -> list[Difference]:
    """At most _MAX_DIFFERENCES; `target` is the path and query of the request."""
    if failures := [*_failures("a", a), *_failures("b", b)]:
        return failures
    assert isinstance(a, ServiceAnswer) and isinstance(b, ServiceAnswer)
    try:
        return [*islice(_differences(target, a, b, rules), _MAX_DIFFERENCES)]
    except RecursionError:
        return [_failure("broken answer", "a", "JSON that is nested too deep")]


def _failures(side: str, answer: Answer) -> Iterator[Difference]:
    """The reasons why an answer cannot be compared."""
    if isinstance(answer, NoAnswer):
        yield _failure("no answer", side, str(answer))
    elif answer.status >= 500 or answer.status == 429:
        yield _failure("server error", side, str(answer.status))
    elif _is_json(answer):
        try:
            orjson.loads(answer.body)
        except ValueError as fault:
            yield _failure("broken answer", side, str(fault))


def _failure(kind: str, side: str, reason: str) -> Difference:
    return Difference(kind, side, side, *((reason, None) if side == "a" else (None, reason)))


def _differences(target: str, a: ServiceAnswer, b: ServiceAnswer, rules: Rules) -> Iterator[Difference]:
    if a.status != b.status:  # then their bodies cannot be compared
        yield Location("status", "status").differs("status", str(a.status), str(b.status))
        return
    for name, normalise in _HEADERS.items():
        yield from _header(name, normalise, a, b, rules)
    if a.body == b.body:
        return
    if _is_json(a) and _is_json(b):
        is_random = _is_random(target)
        yield from find_differences(orjson.loads(a.body), orjson.loads(b.body), rules, is_random=is_random)
    elif _is_json(a) == _is_json(b):
        yield from _bodies(a.body, b.body, rules)


def _header(
    name: str, normalise: Normalise, a: ServiceAnswer, b: ServiceAnswer, rules: Rules
) -> Iterator[Difference]:
    at = Location().key("headers").key(name.lower())
    raw_a, raw_b = a.headers.get(name), b.headers.get(name)
    if raw_a == raw_b or rules.ignores("headers") or rules.ignores(at.general):
        return
    text_a = None if raw_a is None else normalise(rules.normalise_a(raw_a))
    text_b = None if raw_b is None else normalise(rules.normalise_b(raw_b))
    if text_a != text_b:
        yield at.differs("header", text_a, text_b)


def _bodies(a: bytes, b: bytes, rules: Rules) -> Iterator[Difference]:
    """Bodies that are not JSON: texts around the point where they diverge, else sizes."""
    try:
        text_a, text_b = rules.normalise_a(a.decode()), rules.normalise_b(b.decode())
    except UnicodeDecodeError:
        yield Location("body", "body").differs("body", f"{len(a)} bytes", f"{len(b)} other bytes")
        return
    if text_a != text_b:
        yield Location("body", "body").differs("body", *around(text_a, text_b))


def _is_json(answer: ServiceAnswer) -> bool:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return bool(answer.body) and (kind == "application/json" or kind.endswith("+json"))


def _is_random(target: str) -> bool:
    parts = urlsplit(target)
    return parts.path.endswith(_RANDOM) or "random" in parse_qs(parts.query).get("sort", [])
