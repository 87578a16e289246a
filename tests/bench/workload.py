"""Requests to measure with, drawn from the catalogue itself through its public API.

Everything is drawn by one seeded generator: the same catalogue gives the same
requests. Names that no add-on has (unknown guids) look like those browsers send.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tests.client import Client

SEED = 20240501
SEARCH = "/api/v5/addons/search/?"
# Stand-ins for what browsers send besides: built-in themes, engines, language packs.
UNKNOWN = ["{}@search.mozilla.org", "langpack-{}@firefox.mozilla.org", "theme-{}@mozilla.org", "{{{}}}"]


@dataclass(frozen=True)
class Sample:
    """What is known of one public add-on."""

    id: int
    guid: str
    slug: str
    words: list[str]


def read_samples(client: Client, wanted: int) -> list[Sample]:
    """Up to `wanted` add-ons of the running server, oldest pages of `sort=created` first."""
    samples: list[Sample] = []
    path: str | None = "/api/v5/addons/search/?sort=created&page_size=50"
    while path and len(samples) < wanted:
        page = client.get(path).json
        samples += [_sample(addon) for addon in page["results"]]
        path = page["next"]
    return samples[:wanted]


def _sample(addon: dict[str, Any]) -> Sample:
    texts = [addon.get(field) or {} for field in ("name", "summary")]
    text = " ".join(one.get("en-US", "") for one in texts)
    words = [word for word in text.lower().split() if word.isalnum() and 2 < len(word) < 16]
    return Sample(addon["id"], addon["guid"], addon["slug"], words)


def distinct(make: Callable[[], str], wanted: int) -> list[str]:
    """Different results of `make`; fewer than wanted when the catalogue has no more."""
    found: dict[str, None] = {}
    for _ in range(wanted * 20):
        found[make()] = None
        if len(found) == wanted:
            break
    return list(found)


class Workload:
    """Generators of request targets over a list of samples."""

    def __init__(self, samples: list[Sample], seed: int = SEED) -> None:
        self.samples = samples
        self.random = random.Random(seed)

    def details(self, wanted: int) -> list[str]:
        """v5, no `lang`, by slug; every add-on at most once."""
        chosen = self.random.sample(self.samples, min(wanted, len(self.samples)))
        return [f"/api/v5/addons/addon/{quote(one.slug, safe='')}/" for one in chosen]

    def searches(self, wanted: int) -> list[str]:
        """Distinct queries of one to three words that stand together in some add-on."""
        return distinct(self._search, wanted)

    def _search(self) -> str:
        count = self.random.choice([1, 2, 2, 3])
        words = self.words(count)
        return SEARCH + urlencode({"q": " ".join(words), "app": "firefox"})

    def words(self, count: int) -> list[str]:
        """Some that stand together in an add-on."""
        while True:
            words = self.random.choice(self.samples).words
            if len(words) >= count:
                return self.random.sample(words, count)

    def prefixes(self, wanted: int) -> list[str]:
        """Distinct beginnings, three letters and more, of one or two words."""
        return distinct(self._prefix, wanted)

    def _prefix(self) -> str:
        words = self.words(self.random.choice([1, 2]))
        words[-1] = words[-1][: self.random.randint(3, 7)]
        query = {"q": " ".join(words), "app": "firefox"}
        return "/api/v5/addons/autocomplete/?" + urlencode(query)

    def guids(self, known: int, unknown: int, wanted: int) -> list[str]:
        """Look-ups of distinct sets of guids, as a browser sends them every day."""
        return [self._guid_search(known, unknown, "v4") for _ in range(wanted)]

    def _guid_search(self, known: int, unknown: int, version: str) -> str:
        guids = [one.guid for one in self.random.sample(self.samples, known)]
        guids += [self._unknown_guid() for _ in range(unknown)]
        self.random.shuffle(guids)
        return f"/api/{version}/addons/search/?guid={quote(','.join(guids), safe='')}&lang=en-US"

    def _unknown_guid(self) -> str:
        return self.random.choice(UNKNOWN).format(f"{self.random.getrandbits(48):012x}")

    def mix(self, lists: list[str]) -> Iterator[str]:
        """Browsers' requests without end: 80 % guid lists, 10 % detail, 8 % search, 2 % `lists`."""
        kinds: list[Callable[[], str]] = [
            self._browser_guids,
            lambda: self.details(1)[0],
            self._search,
            lambda: self.random.choice(lists),
        ]
        while True:
            [kind] = self.random.choices(kinds, weights=[80, 10, 8, 2])
            yield kind()

    def _browser_guids(self) -> str:
        """4 to 20 guids, one in ten up to 200, a third of them known (contract/clients.md 1)."""
        long = self.random.random() < 0.1
        count = self.random.randint(21, 200) if long else self.random.randint(4, 20)
        known = min(self.random.randint(1, max(1, count // 3)), 25, len(self.samples))
        return self._guid_search(known, count - known, self.random.choice(["v3", "v4", "v4"]))
