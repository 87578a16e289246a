"""The shelves of the home page (contract/extras.md 3.2), v5: `shelves/`, `shelves/editorial/`.

A shelf's random order and its tag are drawn anew for every request that gets here.
"""

import random
from functools import partial
from typing import Any, NamedTuple

import orjson

from conf.model.addons import Translated
from conf.model.curated import TAG_MARK, ShelfDoc
from conf.vocabulary import TAGS
from handlers.accounts.collection_items import sorted_entries
from handlers.home_page.heroes import drawn
from handlers.http.base import public_page
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from handlers.search import first_rows, parse
from index.search_params.errors import ParameterError
from server.curated.shelves import collection_of, search_params
from server.shapes.home_page import english, linked, shown_text
from server.site import Site

_SEED_BITS = 32


class Filled(NamedTuple):
    """What is on a shelf: `path` leads to the same in the API, `page` on the website."""

    path: str
    page: str
    addons: list[bytes]
    tag: str = ""


def shelves(site: Site, request: ReadRequest) -> Answer:
    rows = [_shape(site, request, shelf) for shelf in site.curated.shelves.view if shelf["enabled"]]
    return json_answer({"results": rows, **drawn(site, request)})


def _shape(site: Site, request: ReadRequest, shelf: ShelfDoc) -> dict[str, Any]:
    filled = _filled(site, request, shelf)
    shapes, view = site.shapes[request.view.version], request.view

    def text(texts: Translated | None) -> Any:
        named = {key: value.replace(TAG_MARK, filled.tag) for key, value in (texts or {}).items()}
        return shown_text(named, view)

    footer = shelf["footer_url"] or f"/{view.locale}/{view.app}{filled.page}"
    return {
        "title": text(shelf["title"]),
        "url": f"{request.origin}/api/{view.version}{filled.path}",
        "endpoint": shelf["endpoint"],
        "addon_type": shelf["addon_type"],
        "footer": {
            **linked(shapes, footer.replace(TAG_MARK, filled.tag), view),
            "text": text(shelf["footer_text"]),
        },
        "addons": [orjson.Fragment(addon) for addon in filled.addons],
    }


def _filled(site: Site, request: ReadRequest, shelf: ShelfDoc) -> Filled:
    match shelf["endpoint"]:
        case "collections":
            return _of_collection(site, request, shelf)
        case "search":
            return _of_search(site, request, shelf)
    filled = Filled("/addons/search/", "/search/", [])
    for tag in random.sample(sorted(TAGS), len(TAGS)):  # until one has add-ons
        filled = _of_search(site, request, shelf, tag)
        if filled.addons:
            break
    return filled


def _of_search(site: Site, request: ReadRequest, shelf: ShelfDoc, tag: str = "") -> Filled:
    query = shelf["criteria"].replace(TAG_MARK, tag)
    addons: list[bytes] = []
    try:
        search = parse(
            site, request.view.version, search_params(query), hour=partial(random.getrandbits, _SEED_BITS)
        )
        addons = first_rows(site, request, search, shelf["count"])
    except ParameterError:
        pass  # `load` refuses it, yet what a search takes may change
    page = f"/tag/{tag}/" if tag else f"/search/?{query}"
    return Filled(f"/addons/search/?{query}", page, addons, tag)


def _of_collection(site: Site, request: ReadRequest, shelf: ShelfDoc) -> Filled:
    user, slug = collection_of(shelf["criteria"], site.settings.curators_account)
    collection = site.curated.find_collection(user, slug)
    ids: list[int] = []
    if collection is not None and collection["listed"]:
        entries = sorted_entries(site, request, collection)[: shelf["count"]]
        ids = [entry.id for entry in entries]
    return Filled(
        f"/accounts/account/{user}/collections/{slug}/addons/",
        f"/collections/{user}/{slug}/",
        site.catalogue.documents.details(ids, request.view),
    )


def editorial(site: Site, request: ReadRequest) -> Answer:
    """The English texts of all of them, for who translates them."""
    rows = [
        {key: english(texts) for key, texts in _texts(shelf).items()} for shelf in site.curated.shelves.view
    ]
    return json_answer({"results": rows})


def _texts(shelf: ShelfDoc) -> dict[str, Translated | None]:
    return {"title": shelf["title"], "footer_text": shelf["footer_text"]}


ShelvesHandler = public_page("Shelves", shelves)
EditorialShelvesHandler = public_page("Editorial Shelves", editorial)
