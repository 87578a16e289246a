"""The parameters of queries: what each may be, in the contract's words (contract/requests.md, search.md)."""

from typing import Final

from conf.limits import (
    MAPPINGS_PAGE_SIZE,
    MAX_FEATURED,
    MAX_GUID,
    MAX_GUIDS,
    MAX_PAGE_SIZE,
    MAX_QUERY,
    MAX_VALUES,
)
from conf.vocabulary import APPS, MAPPED_BROWSERS, PAGE_SIZE
from handlers.api_description.operations import Parameter
from handlers.api_description.schemas import BOOLEAN, INTEGER, STRING, Schema, array, choice


def words(limit: int = MAX_VALUES, item: Schema = STRING) -> Schema:
    """A list between commas."""
    return {**array(item), "maxItems": limit}


def size(limit: int, default: int | None = None) -> Schema:
    """A number of rows."""
    return {**INTEGER, "minimum": 1, "maximum": limit, **({"default": default} if default else {})}


LANG: Final = Parameter("lang", STRING, "Language of texts: then one text (v5: one key) instead of all.")
APP: Final = Parameter("app", choice(APPS), "The application that addresses in the answer name.")
FORMAT: Final = Parameter("format", choice(("json",)), "JSON is the one there is.")
NO_CACHE: Final = Parameter("disable_caching", STRING, "Whatever its value: caches do not keep the answer.")
WRAP: Final = Parameter(
    "wrap_outgoing_links",
    STRING,
    "Whatever its value: links that leave the site go by the redirector.",
    "wrap_outgoing_links",
)
EVERY_READ: Final = (LANG, APP, FORMAT, NO_CACHE, WRAP)
EVERY_WRITE: Final = (LANG, WRAP)
FIELDS: Final = Parameter("fields", words(), "These keys of each object alone.")
# Of writes that may be refused with 412.
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of a GET of the same address: 412 where another change came first.",
    "schema": STRING,
}

_PAGE: Final[Schema] = {"anyOf": [{**INTEGER, "minimum": 1}, choice(("last",))]}
PAGE: Final = Parameter("page", _PAGE, "From 1; `last` for the last.")
PAGES: Final = (PAGE, Parameter("page_size", size(MAX_PAGE_SIZE, PAGE_SIZE), "More means the largest."))
FEATURED_SIZE: Final = Parameter("page_size", size(MAX_FEATURED))
MAPPINGS_SIZE: Final = Parameter("page_size", size(MAPPINGS_PAGE_SIZE, MAPPINGS_PAGE_SIZE))

GROUPED: Final = Parameter("show_grouped_ratings", BOOLEAN, "With the number of ratings of each score.")
BROWSER: Final = Parameter("browser", choice(MAPPED_BROWSERS), required=True)
GUIDS: Final = Parameter("guid", words(MAX_GUIDS), "Those of these add-ons alone.")
GUID: Final = Parameter("guid", {**STRING, "maxLength": MAX_GUID}, "The add-on to recommend others beside.")
QUERY: Final = Parameter("q", {**STRING, "maxLength": MAX_QUERY}, "What is looked for.")
