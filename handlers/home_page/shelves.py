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
from server.curated.shelves import collection_of, search_params
from server.search_params.errors import ParameterError
from server.shapes.home_page import english, linked, shown_text

_SEED_BITS = 32


class Filled(NamedTuple):
    """What is on a shelf: `path` leads to the same in the API, `page` on the website."""

    path: str
    page: str
    addons: list[bytes]
    tag: str = ""


def shelves(request: ReadRequest) -> Answer:
    rows = [_shape(request, shelf) for shelf in request.site.curated.shelves.view if shelf["enabled"]]
    return json_answer({"results": rows, **drawn(request)})


def _shape(request: ReadRequest, shelf: ShelfDoc) -> dict[str, Any]:
    filled = _filled(request, shelf)
    shapes, view = request.shapes, request.view

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


def _filled(request: ReadRequest, shelf: ShelfDoc) -> Filled:
    match shelf["endpoint"]:
        case "collections":
            return _fill_from_collection(request, shelf)
        case "search":
            return _fill_from_search(request, shelf)
    filled = Filled("/addons/search/", "/search/", [])
    for tag in random.sample(sorted(TAGS), len(TAGS)):  # until one has add-ons
        filled = _fill_from_search(request, shelf, tag)
        if filled.addons:
            break
    return filled


def _fill_from_search(request: ReadRequest, shelf: ShelfDoc, tag: str = "") -> Filled:
    query = shelf["criteria"].replace(TAG_MARK, tag)
    addons: list[bytes] = []
    try:
        hour = partial(random.getrandbits, _SEED_BITS)
        search = parse(request.site, request.view.version, search_params(query), hour=hour)
        addons = first_rows(request, search, shelf["count"])
    except ParameterError:
        pass  # `load` refuses it, yet what a search takes may change
    page = f"/tag/{tag}/" if tag else f"/search/?{query}"
    return Filled(f"/addons/search/?{query}", page, addons, tag)


def _fill_from_collection(request: ReadRequest, shelf: ShelfDoc) -> Filled:
    user, slug = collection_of(shelf["criteria"], request.site.settings.curators_account)
    collection = request.site.curated.find_collection(user, slug)
    ids: list[int] = []
    if collection is not None and collection["listed"]:
        entries = sorted_entries(request, collection)[: shelf["count"]]
        ids = [entry.id for entry in entries]
    return Filled(
        f"/accounts/account/{user}/collections/{slug}/addons/",
        f"/collections/{user}/{slug}/",
        request.documents.details(ids, request.view),
    )


def editorial(request: ReadRequest) -> Answer:
    """The English texts of all of them, for who translates them."""
    rows = [
        {key: english(texts) for key, texts in _texts(shelf).items()}
        for shelf in request.site.curated.shelves.view
    ]
    return json_answer({"results": rows})


def _texts(shelf: ShelfDoc) -> dict[str, Translated | None]:
    return {"title": shelf["title"], "footer_text": shelf["footer_text"]}


ShelvesHandler = public_page("Shelves", shelves)
EditorialShelvesHandler = public_page("Editorial Shelves", editorial)
