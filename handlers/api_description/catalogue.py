"""What is said of the catalogue's reads, and of what operators keep beside it."""

from typing import Final

from conf.limits import MAX_FEATURED
from conf.vocabulary import APPS, EDITION_ALIASES, LANGUAGE_TOOL_TYPES
from handlers.api_description import parameters as known
from handlers.api_description.operations import Operation, Operations, Parameter
from handlers.api_description.parameters import PAGES, words
from handlers.api_description.schemas import (
    BOOLEAN,
    INTEGER,
    STRING,
    Schema,
    array,
    choice,
    mapping,
    nullable,
    page_of,
    record,
    ref,
)
from handlers.api_description.search_parameters import AUTOCOMPLETE, FEATURED_FILTERS, SEARCH

_ROWS: Final = page_of(ref("SearchResult"))
_COUNTS: Final = array(record({"value": STRING, "count": INTEGER}))
_FOUND: Final[Schema] = {
    **_ROWS,
    "properties": {
        **_ROWS["properties"],
        "suggestion": nullable(STRING),
        "facets": mapping(_COUNTS),
    },
}
_CHANGES: Final = record(
    {"changes": array(record({"type": STRING, "id": INTEGER})), "last": nullable(STRING)}
)
_RECOMMENDED: Final = Parameter("recommended", BOOLEAN, "Ask the recommendation service, where there is one.")
_TOOLS: Final = (
    Parameter("app", choice(APPS), "Required before v5, and with `appversion`."),
    Parameter("appversion", STRING, "The newest version of each pack that works in it comes along."),
    Parameter("type", words(item=choice(LANGUAGE_TOOL_TYPES))),
    Parameter("author", words()),
)
_DISCOVERY: Final = (
    Parameter("edition", STRING, f"The list of an edition: {', '.join(EDITION_ALIASES.values())}, default."),
    Parameter("telemetry-client-id", STRING, "The hash of a browser's id: extensions chosen for it."),
)
_HEROES: Final = (
    Parameter("raw", STRING, "Whatever its value: texts as they were written, for translators."),
    Parameter("all", BOOLEAN, "Those that are switched off too."),
)
_RECOMMENDATIONS: Final = record(
    {
        "outcome": choice(("curated", "recommended", "recommended_fallback")),
        "fallback_reason": nullable(choice(("timeout", "no_results"))),
        **_ROWS["properties"],
    }
)


def _results(name: str, **more: Schema) -> Schema:
    """A list without pages."""
    return record({"results": array(ref(name)), **more})


_DRAWN: Final = {"primary": nullable(ref("PrimaryHero")), "secondary": nullable(ref("SecondaryHero"))}
_TEXTS: Final = record({"title": STRING, "footer_text": STRING})
_EDITED: Final = record({"addon": record({"guid": nullable(STRING)}), "custom_description": nullable(STRING)})

OPERATIONS: Final[Operations] = {
    "addons/search/": {"GET": Operation("Search add-ons", _FOUND, SEARCH)},
    "addons/autocomplete/": {
        "GET": Operation("Complete a name", _results("Suggestion"), AUTOCOMPLETE),
    },
    "addons/categories/": {"GET": Operation("All categories", array(ref("Category")))},
    "addons/language-tools/": {
        "GET": Operation("Dictionaries and language packs", _results("LanguageTool"), _TOOLS)
    },
    "addons/featured/": {
        "GET": Operation(
            "Featured add-ons, in another order every time",
            _results("Addon"),
            (*FEATURED_FILTERS, Parameter("page_size", known.size(MAX_FEATURED))),
        )
    },
    "addons/recommendations/": {
        "GET": Operation("Other add-ons to install beside one", _RECOMMENDATIONS, (known.GUID, _RECOMMENDED))
    },
    "addons/replacement-addon/": {
        "GET": Operation("What replaces legacy add-ons", page_of(ref("Replacement")), PAGES)
    },
    "addons/compat-override/": {
        "GET": Operation("Compatibility overrides", page_of(ref("Override")), (known.GUIDS, *PAGES))
    },
    "addons/browser-mappings/": {
        "GET": Operation(
            "Add-ons that are another browser's extensions",
            page_of(ref("BrowserMapping")),
            (known.BROWSER, known.PAGE, known.MAPPINGS_SIZE),
        )
    },
    "discovery/": {
        "GET": Operation(
            "What browsers show in their add-on manager", _results("DiscoveryItem", count=INTEGER), _DISCOVERY
        )
    },
    "discovery/editorial/": {
        "GET": Operation(
            "Texts written for that list",
            record({"results": array(_EDITED)}),
            (Parameter("recommended", BOOLEAN, "Recommended add-ons alone."),),
        )
    },
    "addons/tags/": {"GET": Operation("Tags that authors may choose", array(STRING))},
    "applications/{application}/": {
        "GET": Operation("Versions of an application", ref("ApplicationVersions"))
    },
    "applications/{application}/{release}/": {
        "PUT": Operation("Add a version of all applications", statuses=(201, 202), errors=(400,))
    },
    "hero/": {"GET": Operation("Two heroes, drawn anew", record(_DRAWN), _HEROES[:1])},
    "hero/primary/": {"GET": Operation("Primary heroes", _results("PrimaryHero"), _HEROES)},
    "hero/secondary/": {"GET": Operation("Secondary heroes", _results("SecondaryHero"), _HEROES[1:])},
    "shelves/": {"GET": Operation("The home page's shelves", _results("Shelf", **_DRAWN), _HEROES[:1])},
    "shelves/editorial/": {"GET": Operation("Texts of the shelves", record({"results": array(_TEXTS)}))},
    "blocklist/block/{block}/": {"GET": Operation("A block", ref("Block"))},
    "changes/": {
        "GET": Operation(
            "What changed in the catalogue, by long poll or as Server-Sent Events (`Accept`)",
            _CHANGES,
            (
                Parameter("since", STRING, "The `last` of an answer, or the id of an event."),
                Parameter("wait", {"type": "integer", "minimum": 0}, "Seconds to wait for something new."),
            ),
            errors=(410, 429),
        )
    },
    "export/": {
        "GET": Operation(
            "The whole public catalogue, an add-on a line",
            ref("Addon"),
            (Parameter("cursor", {"type": "integer", "minimum": 0}, "The id to go on after."),),
            errors=(304, 429),
            kind="application/x-ndjson",
        )
    },
    "docs/": {"GET": Operation("This description for people", STRING, kind="text/html")},
    "openapi.json": {"GET": Operation("This description", {"type": "object"})},
    "site/": {
        "GET": Operation("Maintenance mode and notice", ref("SiteStatus")),
        "PATCH": Operation("Change them", ref("SiteStatus"), body=ref("SiteChange"), errors=(412,)),
    },
}
