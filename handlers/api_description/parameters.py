"""The parameters of queries and their schemas (contract/requests.md, contract/search.md)."""

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


def comma_list(limit: int = MAX_VALUES, item: Schema = STRING) -> Schema:
    """A list separated by commas."""
    return {**array(item), "maxItems": limit}


def size(limit: int, default: int | None = None) -> Schema:
    """The size of a page."""
    return {**INTEGER, "minimum": 1, "maximum": limit, **({"default": default} if default else {})}


LANG: Final = Parameter("lang", STRING, "Language of texts: one text (v5: one key) instead of all languages.")
APP: Final = Parameter("app", choice(APPS), "The application in the URLs of the response.")
FORMAT: Final = Parameter("format", choice(("json",)), "Only JSON is supported.")
NO_CACHE: Final = Parameter("disable_caching", STRING, "With any value: caches do not store the response.")
WRAP: Final = Parameter(
    "wrap_outgoing_links",
    STRING,
    "With any value: links to other sites lead through the redirector.",
    "wrap_outgoing_links",
)
EVERY_READ: Final = (LANG, APP, FORMAT, NO_CACHE, WRAP)
EVERY_WRITE: Final = (LANG, WRAP)
FIELDS: Final = Parameter("fields", comma_list(), "Only these keys of each object.")
# The header of writes that may be refused with 412.
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of a GET of the same address; 412 if the object has changed since.",
    "schema": STRING,
}

_PAGE: Final[Schema] = {"anyOf": [{**INTEGER, "minimum": 1}, choice(("last",))]}
PAGE: Final = Parameter("page", _PAGE, "Page number from 1, or `last`.")
PAGES: Final = (
    PAGE,
    Parameter("page_size", size(MAX_PAGE_SIZE, PAGE_SIZE), "Larger values mean the maximum."),
)
FEATURED_SIZE: Final = Parameter("page_size", size(MAX_FEATURED))
MAPPINGS_SIZE: Final = Parameter("page_size", size(MAPPINGS_PAGE_SIZE, MAPPINGS_PAGE_SIZE))

GROUPED: Final = Parameter("show_grouped_ratings", BOOLEAN, "Adds the number of ratings for each score.")
BROWSER: Final = Parameter("browser", choice(MAPPED_BROWSERS), required=True)
GUIDS: Final = Parameter("guid", comma_list(MAX_GUIDS), "Only those of these add-ons.")
GUID: Final = Parameter(
    "guid", {**STRING, "maxLength": MAX_GUID}, "The add-on that recommendations are based on."
)
QUERY: Final = Parameter("q", {**STRING, "maxLength": MAX_QUERY}, "The text to search for.")
