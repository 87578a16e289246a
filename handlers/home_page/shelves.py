"""The shelves of the home page (contract/extras.md 3.2), v5: `shelves/`, `shelves/editorial/`.

The random order and the random tag of a shelf are chosen anew for each request.
"""

import random
from functools import partial
from typing import Any, NamedTuple

import orjson

from conf.model.addons import Translated
from conf.model.curated import TAG_MARK, ShelfDoc
from conf.vocabulary import TAGS
from handlers.accounts.collection_items import sorted_entries
from handlers.home_page.heroes import random_heroes
from handlers.http.base import public_page
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from handlers.search import first_rows, parse
from server.curated.shelves import collection_of, search_params
from server.search_params.errors import ParameterError
from server.shapes.home_page import english, linked, localized_text

_SEED_BITS = 32


class ShelfContent(NamedTuple):
    """The add-ons of a shelf; `path` leads to all of them in the API, `page` on the website."""

    path: str
    page: str
    addons: list[bytes]
    tag: str = ""


def shelves(request: ReadRequest) -> Answer:
    rows = [_shape(request, shelf) for shelf in request.site.curated.shelves.view if shelf["enabled"]]
    return json_answer({"results": rows, **random_heroes(request)})


def _shape(request: ReadRequest, shelf: ShelfDoc) -> dict[str, Any]:
    content = _fill(request, shelf)
    shapes, view = request.shapes, request.view

    def text(texts: Translated | None) -> Any:
        with_tag = {key: value.replace(TAG_MARK, content.tag) for key, value in (texts or {}).items()}
        return localized_text(with_tag, view)

    footer = shelf["footer_url"] or f"/{view.locale}/{view.app}{content.page}"
    return {
        "title": text(shelf["title"]),
        "url": f"{request.origin}/api/{view.version}{content.path}",
        "endpoint": shelf["endpoint"],
        "addon_type": shelf["addon_type"],
        "footer": {
            **linked(shapes, footer.replace(TAG_MARK, content.tag), view),
            "text": text(shelf["footer_text"]),
        },
        "addons": [orjson.Fragment(addon) for addon in content.addons],
    }


def _fill(request: ReadRequest, shelf: ShelfDoc) -> ShelfContent:
    match shelf["endpoint"]:
        case "collections":
            return _fill_from_collection(request, shelf)
        case "search":
            return _fill_from_search(request, shelf)
    content = ShelfContent("/addons/search/", "/search/", [])
    for tag in random.sample(sorted(TAGS), len(TAGS)):  # until one has add-ons
        content = _fill_from_search(request, shelf, tag)
        if content.addons:
            break
    return content


def _fill_from_search(request: ReadRequest, shelf: ShelfDoc, tag: str = "") -> ShelfContent:
    query = shelf["criteria"].replace(TAG_MARK, tag)
    addons: list[bytes] = []
    try:
        hour = partial(random.getrandbits, _SEED_BITS)
        search = parse(request.site, request.view.version, search_params(query), hour=hour)
        addons = first_rows(request, search, shelf["count"])
    except ParameterError:
        pass  # `load` refuses invalid criteria, but a newer release may accept fewer parameters
    page = f"/tag/{tag}/" if tag else f"/search/?{query}"
    return ShelfContent(f"/addons/search/?{query}", page, addons, tag)


def _fill_from_collection(request: ReadRequest, shelf: ShelfDoc) -> ShelfContent:
    user, slug = collection_of(shelf["criteria"], request.site.settings.curators_account)
    collection = request.site.curated.find_collection(user, slug)
    ids: list[int] = []
    if collection is not None and collection["listed"]:
        entries = sorted_entries(request, collection)[: shelf["count"]]
        ids = [entry.id for entry in entries]
    return ShelfContent(
        f"/accounts/account/{user}/collections/{slug}/addons/",
        f"/collections/{user}/{slug}/",
        request.documents.details(ids, request.view),
    )


def editorial(request: ReadRequest) -> Answer:
    """The English texts of all shelves, for translators."""
    rows = [
        {key: english(texts) for key, texts in _texts(shelf).items()}
        for shelf in request.site.curated.shelves.view
    ]
    return json_answer({"results": rows})


def _texts(shelf: ShelfDoc) -> dict[str, Translated | None]:
    return {"title": shelf["title"], "footer_text": shelf["footer_text"]}


ShelvesHandler = public_page("Shelves", shelves)
EditorialShelvesHandler = public_page("Editorial Shelves", editorial)
