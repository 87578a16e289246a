"""The differences that a comparison ignores: addresses of the two sites, and what an operator names.

    rules = read_rules(["url_host", "results.icon_url"], ["http://a.example"], ["http://b.example"])
    rules.ignores("results[].icon_url")     -> True
    rules.normalise_a("http://a.example/x") -> "<site>/x"

IGNORABLE names categories of differences; any other name is a path or the end of one.
Pure; any thread.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from server.errors import StartError

SITE: Final = "<site>"
_HOST: Final = re.compile(r"(?:[hH][tT][tT][pP][sS]?:)?//[A-Za-z0-9.:\[\]_-]+")
_SIGNATURE: Final = re.compile(r"/[0-9a-f]{64}/")
_PATH: Final = re.compile(r"[A-Za-z0-9_-]+(\[\])?(\.([A-Za-z0-9_-]+|\*)(\[\])?)*")

HIT_COUNTS: Final = "hit_counts"
ORDER: Final = "order"
IGNORABLE: Final = {
    "url_host": "hosts of all addresses, also in texts",
    "redirector": "by which secret links to other sites are signed",
    HIT_COUNTS: "how many results there are, and the pages that follow from it",
    "statistics": "users, downloads and ratings, which move while requests are sent",
    ORDER: "the order of rows and of values",
}
_STATISTICS: Final = (
    "average_daily_users",
    "weekly_downloads",
    "ratings.average",
    "ratings.bayesian_average",
    "ratings.count",
    "ratings.text_count",
    "ratings.grouped_counts",
)

Normalise = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Rules:
    """`categories` are of IGNORABLE; `paths` are the last keys of ignored paths."""

    normalise_a: Normalise
    normalise_b: Normalise
    categories: frozenset[str] = frozenset()
    paths: tuple[tuple[str, ...], ...] = ()

    def ignores(self, path: str) -> bool:
        """`path` is general, as in `results[].authors[].name`."""
        if not self.paths:
            return False
        keys = tuple(path.replace("[]", "").split("."))
        return any(keys[-len(end) :] == end for end in self.paths)


def read_rules(ignored: Iterable[str], a: Iterable[str], b: Iterable[str]) -> Rules:
    """`a` and `b` are the addresses that each server uses for itself. Raises StartError."""
    categories, paths = set(), []
    for name in ignored:
        if name in IGNORABLE:
            categories.add(name)
        elif _PATH.fullmatch(name):
            paths.append(tuple(name.replace("[]", "").split(".")))
        else:
            ignorable = ", ".join(IGNORABLE)
            raise StartError(f"--ignore {name}: neither a path such as results.name nor one of {ignorable}")
    if "statistics" in categories:
        paths += [tuple(path.split(".")) for path in _STATISTICS]
    return Rules(_normalise(a, categories), _normalise(b, categories), frozenset(categories), tuple(paths))


def _normalise(sites: Iterable[str], categories: Iterable[str]) -> Normalise:
    """A function that makes texts of a server comparable."""
    # The longest first, because one address may begin another.
    origins = "|".join(re.escape(site.rstrip("/")) for site in sorted(sites, key=len, reverse=True))
    site_pattern = re.compile(rf"({origins})(?![A-Za-z0-9_.:-])")
    with_hosts, with_signatures = "url_host" not in categories, "redirector" not in categories

    def normalise(text: str) -> str:
        text = site_pattern.sub(SITE, text)
        if not with_hosts:
            text = _HOST.sub(SITE, text)
        return text if with_signatures else _SIGNATURE.sub("/", text)

    return normalise
