"""The parameters of searches, with a row for each filter of server/search_params/filters.py."""

from collections.abc import Iterator
from typing import Final

from conf.categories import CATEGORIES
from conf.gates import SORTS
from conf.licenses import LICENSES
from conf.limits import MAX_GUIDS
from conf.vocabulary import (
    ANY_TYPE,
    APPS,
    BADGED,
    CUSTOM_LICENSE,
    FACETS,
    PLATFORM_ALIASES,
    PROMOTED_GROUPS,
    TYPES,
)
from handlers.api_description.operations import Parameter
from handlers.api_description.parameters import PAGES, QUERY, comma_list
from handlers.api_description.schemas import BOOLEAN, NUMBER, STRING, Schema, choice
from server.search_params.filters import FILTERS
from server.search_params.ranges import CREATED, RATINGS, UPDATED, USERS

_GROUPS: Final = (*(group.name for group in PROMOTED_GROUPS.values() if group.searchable), BADGED)
_LICENSES: Final = (*(license.slug for license in LICENSES), CUSTOM_LICENSE)
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_DATE: Final[Schema] = {"type": ["string", "integer"]}
_COMPARISONS: Final = "; `__lt`, `__lte`, `__gt` or `__gte` at the end of the name compare instead."
# Filter -> its schema and description. Types, applications and categories have numbers, too.
FILTER_TEXTS: Final[dict[str, tuple[Schema, str]]] = {
    "app": (choice(APPS), "Supports this application."),
    "appversion": (STRING, "Compatible with this version of `app`, which is required."),
    "author": (comma_list(), "By one of these users (ids or user names)."),
    "category": (
        choice(dict.fromkeys(category.slug for category in CATEGORIES)),
        "Slug or id. Requires `type`, before v5 also `app`.",
    ),
    "color": ({**STRING, "pattern": "^#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$"}, "Themes of a similar color."),
    "exclude_addons": (comma_list(), "Ids or slugs of add-ons to leave out."),
    "featured": (choice(("true",)), "In the featured sets."),
    "guid": (comma_list(MAX_GUIDS), "One of these guids, or `rta:` and one guid in base64url."),
    "license": (comma_list(item=choice(_LICENSES)), "The current version has one of these licences."),
    "permissions": (comma_list(), "The current version requests all of these permissions."),
    "platform": (choice(PLATFORM_ALIASES), "Has a file for this operating system."),
    "promoted": (comma_list(item=choice(_GROUPS)), "In one of these promoted groups."),
    "tag": (comma_list(), "Has all of these tags."),
    "type": (comma_list(item=choice((*TYPES, ANY_TYPE[0]))), "Of one of these types."),
    **dict.fromkeys(RATINGS.spellings(), (NUMBER, f"Average score{_COMPARISONS}")),
    **dict.fromkeys(USERS.spellings(), (_COUNT, f"Average daily users{_COMPARISONS}")),
    **dict.fromkeys(CREATED.spellings(), (_DATE, f"A date, date-time or milliseconds{_COMPARISONS}")),
    **dict.fromkeys(UPDATED.spellings(), (_DATE, f"A date, date-time or milliseconds{_COMPARISONS}")),
}


def _filters() -> Iterator[Parameter]:
    """The filters as parameters. One without a row may be any text; a test fails for it."""
    for row in FILTERS:
        schema, text = FILTER_TEXTS.get(row.name, (STRING, ""))
        yield Parameter(row.name, schema, text, row.gate)


SORT: Final = Parameter(
    "sort",
    comma_list(item=choice(sorted(frozenset().union(*SORTS.values())))),
    "The most important sort key first.",
)
SUGGEST: Final = Parameter("suggest", BOOLEAN, "Adds `suggestion`: another spelling of `q`, or null.")
_FILTERED: Final = (QUERY, *_filters(), SORT)
_FACETS: Final = Parameter(
    "facets",
    comma_list(item=choice(sorted(FACETS))),
    "Adds `facets`: how many of all results have each value.",
)
SEARCH: Final = (*_FILTERED, SUGGEST, _FACETS, *PAGES)
AUTOCOMPLETE: Final = _FILTERED
FEATURED_FILTERS: Final = tuple(
    Parameter(name, *FILTER_TEXTS[name], required=name == "app") for name in ("app", "type", "category")
)
