"""The category list (contract/addons.md 10.4): ready bytes for each version and language."""

from functools import lru_cache

import orjson

from conf.limits import CATEGORIES_MAX_AGE
from handlers.http.base import public_page
from handlers.http.requests.request import Answer, ReadRequest
from index.shapes.shape import Shapes
from index.shapes.view import View
from server.site import Site


def categories(site: Site, request: ReadRequest) -> Answer:
    return Answer(_body(site.shapes[request.view.version], request.view.locale), max_age=CATEGORIES_MAX_AGE)


@lru_cache(maxsize=256)
def _body(shapes: Shapes, locale: str) -> bytes:
    view = View(shapes.version_name, locale=locale)
    ordered = sorted(shapes.categories(), key=lambda category: category.id)
    return orjson.dumps([shapes.category(category, view) for category in ordered])


CategoriesHandler = public_page("Category List", categories)
