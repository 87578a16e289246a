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
FIREFOX = "{ec8030f7-c20a-464f-9b0e-13a3a9e97384}"
RELEASES = (128, 140, 140, 144, 145, 145, 145, 145)
# In what languages callers ask, percent: an assumption, kept so that runs compare.
LANGS = {
    "en-US": 38, "de": 14, "fr": 8, "ru": 6, "ja": 6, "es-ES": 6, "zh-CN": 5, "pt-BR": 4, "pl": 4, "it": 3,
    "nl": 2, "tr": 1, "cs": 1, "hu": 1, "ko": 1,
}  # fmt: skip
SORTS = ("users", "created", "updated", "rating", "hotness", "downloads")
LAST_PAGE = 400
# Stand-ins for what browsers send besides: built-in themes, engines, language packs.
UNKNOWN = ["{}@search.mozilla.org", "langpack-{}@firefox.mozilla.org", "theme-{}@mozilla.org", "{{{}}}"]


@dataclass(frozen=True)
class Sample:
    """What is known of one public add-on."""

    id: int
    guid: str
    slug: str
    words: list[str]
    users: int


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
    return Sample(addon["id"], addon["guid"], addon["slug"], words, addon["average_daily_users"])


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

    def lang(self) -> dict[str, str]:
        """The parameter, as LANGS has it."""
        return {"lang": self.random.choices(list(LANGS), weights=list(LANGS.values()))[0]}

    def details(self, wanted: int, *, plain: bool = False) -> list[str]:
        """v5, by slug; every add-on at most once. `plain`: without `lang`."""
        chosen = self.random.sample(self.samples, min(wanted, len(self.samples)))
        return [
            f"/api/v5/addons/addon/{quote(one.slug, safe='')}/?{urlencode({} if plain else self.lang())}"
            for one in chosen
        ]

    def updates(self, wanted: int) -> list[str]:
        """Checks as browsers make them every day: what many have installed is asked for by many."""
        users = [one.users + 1 for one in self.samples]
        return [self._update(one.guid) for one in self.random.choices(self.samples, users, k=wanted)]

    def _update(self, guid: str) -> str:
        release = f"{self.random.choice(RELEASES)}.0"
        asked = {
            "reqVersion": "2",
            "id": guid,
            "version": f"1.{self.random.randint(0, 99)}",
            "maxAppVersion": self.random.choice(("*", "null")),
            "status": "userEnabled",
            "appID": FIREFOX,
            "appVersion": release,
            "appOS": self.random.choice(("WINNT", "WINNT", "Darwin", "Linux")),
            "appABI": "x86_64-msvc",
            "locale": self.lang()["lang"],
            "currentAppVersion": release,
            "updateType": self.random.choice(("112", "97", "49")),
            "compatMode": "normal",
        }
        return "/update/VersionCheck.php?" + urlencode(asked)

    def searches(self, wanted: int, version: str = "v5", *, plain: bool = False) -> list[str]:
        """Distinct queries of one to three words that stand together in some add-on."""
        return distinct(lambda: self._search(version, plain=plain), wanted)

    def _search(self, version: str = "v5", *, plain: bool = False) -> str:
        words = self.words(self.random.choice([1, 2, 2, 3]))
        asked = {"q": " ".join(words), "app": "firefox"} | ({} if plain else self.lang())
        return f"/api/{version}/addons/search/?{urlencode(asked)}"

    def pages(self, wanted: int) -> list[str]:
        """Distinct pages of lists without a text, the first ones and deep ones."""
        return distinct(self._page, wanted)

    def _page(self) -> str:
        filters = self.random.choice([{}, {"app": "firefox"}, {"app": "android"}, {"type": "extension"}])
        last = min(LAST_PAGE, len(self.samples) // 100)
        asked = {"sort": self.random.choice(SORTS), "page": str(self.random.randint(1, max(1, last)))}
        return "/api/v5/addons/search/?" + urlencode(filters | asked | self.lang())

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
        query = {"q": " ".join(words), "app": "firefox"} | self.lang()
        return "/api/v5/addons/autocomplete/?" + urlencode(query)

    def guids(self, known: int, unknown: int, wanted: int, version: str = "v4") -> list[str]:
        """Look-ups of distinct sets of guids, as a browser sends them every day."""
        return [self._guid_search(known, unknown, version) for _ in range(wanted)]

    def _guid_search(self, known: int, unknown: int, version: str) -> str:
        guids = [one.guid for one in self.random.sample(self.samples, known)]
        guids += [self._unknown_guid() for _ in range(unknown)]
        self.random.shuffle(guids)
        asked = f"guid={quote(','.join(guids), safe='')}&{urlencode(self.lang())}"
        return f"/api/{version}/addons/search/?{asked}"

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
