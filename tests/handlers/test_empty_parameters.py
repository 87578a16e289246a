"""A parameter without a value is one that was not sent, in every endpoint and version (contract/versions.md
11).
"""

from typing import Any

import pytest

from conf.gates import GATES
from server.search_params.filters import FILTERS
from tests.handlers.curated_server import Lists
from tests.sweep import sweep

VERSIONS = ("v3", "v4", "v5")
PAGES = ("page", "page_size")
ANY = ("lang", "app", "format", "unknown")
FOUND = (*(row.name for row in FILTERS), "q", "sort")
TREE = "tab-tree@example.org"
RATINGS = (
    "user",
    "version",
    "score",
    "filter",
    "exclude_ratings",
    "show_grouped_ratings",
    "show_flags_for",
    "show_permissions_for",
)
# Path below /api/vN/, with what it needs to be answered; its parameters.
ENDPOINTS: dict[str, tuple[str, ...]] = {
    "addons/search/?": (*FOUND, *PAGES, "suggest", "facets", "fields"),
    "addons/search/?q=tree&app=firefox&type=extension": (*FOUND, *PAGES),
    "addons/autocomplete/?": FOUND,
    "addons/categories/?": (),
    "addons/language-tools/?app=firefox": ("appversion", "type", "author"),
    "addons/recommendations/?guid=" + TREE: ("recommended",),
    "addons/replacement-addon/?": PAGES,
    "addons/compat-override/?": ("guid", *PAGES),
    "addons/browser-mappings/?browser=chrome": PAGES,
    "discovery/?": ("edition", "telemetry-client-id"),
    "discovery/editorial/?": ("recommended",),
    "addons/addon/french/?": ("appversion", "show_grouped_ratings"),
    "addons/addon/tab-tree/eula_policy/?": (),
    "addons/addon/tab-tree/versions/?": ("filter", *PAGES),
    "addons/addon/tab-tree/versions/10/?": ("filter",),
    "ratings/rating/?addon=tab-tree": (*RATINGS, *PAGES),
    "ratings/rating/?user=7": ("addon", *RATINGS, *PAGES),
    "reviews/review/?addon=tab-tree": (*RATINGS, *PAGES),
    "accounts/account/8/?": (),
    "accounts/account/8/collections/picks/addons/?": ("sort", *PAGES),
    "site/?": (),
}
GATED = {
    "addons/compat-override/": "compat_override",
    "addons/browser-mappings/": "browser_mappings",
    "ratings/rating/": "ratings_paths",
    "reviews/review/": "reviews_paths",
    "site/": "site",
}


def served(path: str) -> frozenset[str]:
    gate = GATED.get(path.partition("?")[0])
    return GATES[gate] if gate else frozenset(VERSIONS)


def said(lists: Lists, url: str) -> Any:
    """What is answered, without the addresses of other pages, which repeat what was sent."""
    answer = lists.get(url)
    assert answer.status == 200, answer.body
    body = answer.json
    return {**body, "next": None, "previous": None} if isinstance(body, dict) else body


@sweep("version", VERSIONS)
@pytest.mark.parametrize("path", ENDPOINTS)
def test_an_empty_parameter_is_absent(lists: Lists, version: str, path: str) -> None:
    if version not in served(path):
        return
    url = f"/api/{version}/{path}"
    names = [name for name in dict.fromkeys((*ENDPOINTS[path], *ANY)) if f"{name}=" not in path]
    absent = said(lists, url)
    assert {name for name in names if said(lists, f"{url}&{name}=") != absent} == set()
    assert said(lists, url + "".join(f"&{name}=" for name in names)) == absent


@pytest.mark.parametrize(
    ("version", "path", "body"),
    [
        ("v3", "addons/language-tools/?app=", {"detail": "Invalid or missing app parameter."}),
        ("v5", "addons/search/?type=&category=tabs", ['Invalid "type" parameter.']),
        ("v5", "addons/search/?app=&appversion=60.0", ['Invalid "app" parameter.']),
        ("v3", "addons/featured/?app=", None),
        ("v5", "addons/browser-mappings/?browser=", None),
        ("v5", "addons/recommendations/?guid=", None),
        ("v5", "ratings/rating/?addon=&user=", None),
    ],
)
def test_what_is_needed_is_missing(lists: Lists, version: str, path: str, body: Any) -> None:
    url, _, query = f"/api/{version}/{path}".partition("?")
    sent = lists.get(f"{url}?{query}")
    without = "&".join(pair for pair in query.split("&") if not pair.endswith("="))
    assert sent.status == 400
    assert sent.json == lists.get(f"{url}?{without}").json
    assert body is None or sent.json == body


@sweep("version", ["v3", "v4"])
@pytest.mark.parametrize("query", ["type=&app=firefox", "type=extension&app="])
def test_a_category_beside_an_empty_type_is_ignored_as_without(
    lists: Lists, version: str, query: str
) -> None:
    url = f"/api/{version}/addons/search/?{query}"
    assert said(lists, f"{url}&category=nonsense") == said(lists, url)


@pytest.mark.parametrize("name", ["promoted", "featured"])
def test_random_needs_more_than_an_empty_filter(lists: Lists, name: str) -> None:
    assert lists.get(f"/api/v5/addons/search/?sort=random&{name}=").status == 400


def test_the_last_value_counts_even_where_it_is_empty(lists: Lists) -> None:
    url = "/api/v5/addons/search/?"
    assert said(lists, f"{url}type=dictionary&type=") == said(lists, url)
    assert said(lists, f"{url}type=&type=dictionary") == said(lists, f"{url}type=dictionary")


class TestFlags:
    """Two parameters speak by being there (contract/requests.md 2 and 8.2)."""

    def test_wrap_outgoing_links(self, lists: Lists) -> None:
        url = "/api/v4/addons/addon/tab-tree/?lang=en-US"
        assert lists.get(f"{url}&wrap_outgoing_links=").json == lists.get(f"{url}&wrap_outgoing_links=1").json

    def test_disable_caching(self, lists: Lists) -> None:
        url = "/api/v4/addons/addon/tab-tree/"
        assert lists.get(url).headers["Cache-Control"] == "max-age=360"
        assert lists.get(f"{url}?disable_caching=").headers["Cache-Control"] == "s-maxage=0"
