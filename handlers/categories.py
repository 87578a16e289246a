"""The category list (contract/addons.md 10.4); its bytes are cached for each version and language."""

from functools import lru_cache

import orjson

from conf.limits import CATEGORIES_MAX_AGE
from handlers.http.base import public_page
from handlers.http.requests.request import Answer, ReadRequest
from index.shapes.view import View
from server.shapes.categories import category_shape, listed_categories


def categories(request: ReadRequest) -> Answer:
    return Answer(_body(request.view.version, request.view.locale), max_age=CATEGORIES_MAX_AGE)


@lru_cache(maxsize=256)
def _body(version: str, locale: str) -> bytes:
    view = View(version, locale=locale)
    shapes = [category_shape(category, view) for category in listed_categories(version)]
    return b"[%b]" % b",".join(map(orjson.dumps, shapes))  # orjson's list would occupy ten times the memory


CategoriesHandler = public_page("Category List", categories)
