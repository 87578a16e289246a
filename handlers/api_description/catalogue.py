"""Operations that read the catalogue, and lists that operators curate."""

from typing import Final

from conf.vocabulary import APPS, EDITION_ALIASES, LANGUAGE_TOOL_TYPES
from handlers.api_description import parameters
from handlers.api_description.operations import Operation, Operations, Parameter
from handlers.api_description.parameters import PAGES, comma_list
from handlers.api_description.schemas import (
    BOOLEAN,
    OBJECT,
    STRING,
    Schema,
    array,
    choice,
    mapping,
    nullable,
    page_schema,
    record,
)
from handlers.api_description.search_parameters import AUTOCOMPLETE, FEATURED_FILTERS, SEARCH

_ROWS: Final = page_schema("SearchResult")
_COUNTS: Final = array(record("value, count: integer"))
_RESULTS: Final[Schema] = {
    **_ROWS,
    "properties": {**_ROWS["properties"], "suggestion": nullable(STRING), "facets": mapping(_COUNTS)},
}
_CHANGES: Final = record("changes, last: string?", changes=array(record("type, id: integer")))
_BESIDE: Final = (
    parameters.GUID,
    Parameter("recommended", BOOLEAN, "Ask the recommendation service, if one is configured."),
)
_TOOLS: Final = (
    Parameter("app", choice(APPS), "Required before v5, and with `appversion`."),
    Parameter("appversion", STRING, "Adds the newest version of each language pack that works in it."),
    Parameter("type", comma_list(item=choice(LANGUAGE_TOOL_TYPES))),
    Parameter("author", comma_list()),
)
_DISCOVERY: Final = (
    Parameter("edition", STRING, f"The list of an edition: {', '.join(EDITION_ALIASES.values())}, default."),
    Parameter("telemetry-client-id", STRING, "The hash of a browser's id: extensions chosen for it."),
)
_HEROES: Final = (
    Parameter("raw", STRING, "With any value: the texts written for heroes, in English."),
    Parameter("all", BOOLEAN, "Includes disabled ones."),
)
_RECOMMENDATIONS: Final = record(
    {
        "outcome": choice(("curated", "recommended", "recommended_fallback")),
        "fallback_reason": nullable(choice(("timeout", "no_results"))),
        **_ROWS["properties"],
    }
)


_DRAWN: Final = "primary: PrimaryHero?, secondary: SecondaryHero?"
_TEXTS: Final = array(record("title, footer_text"))
_EDITED: Final = array(record("addon, custom_description: string?", addon=record("guid: string?")))

OPERATIONS: Final[Operations] = {
    "addons/search/": {"GET": Operation("Search add-ons", _RESULTS, SEARCH)},
    "addons/autocomplete/": {"GET": Operation("Autocomplete", record("results: [Suggestion]"), AUTOCOMPLETE)},
    "addons/categories/": {"GET": Operation("All categories", "[Category]")},
    "addons/language-tools/": {
        "GET": Operation("Dictionaries and language packs", record("results: [LanguageTool]"), _TOOLS)
    },
    "addons/featured/": {
        "GET": Operation(
            "Featured add-ons in random order",
            record("results: [Addon]"),
            (*FEATURED_FILTERS, parameters.FEATURED_SIZE),
        )
    },
    "addons/recommendations/": {
        "GET": Operation("Recommendations for users of an add-on", _RECOMMENDATIONS, _BESIDE)
    },
    "addons/replacement-addon/": {
        "GET": Operation("Replacements of legacy add-ons", page_schema("Replacement"), PAGES)
    },
    "addons/compat-override/": {
        "GET": Operation("Compatibility overrides", page_schema("Override"), (parameters.GUIDS, *PAGES))
    },
    "addons/browser-mappings/": {
        "GET": Operation(
            "Add-ons that correspond to extensions of another browser",
            page_schema("BrowserMapping"),
            (parameters.BROWSER, parameters.PAGE, parameters.MAPPINGS_SIZE),
        )
    },
    "discovery/": {
        "GET": Operation(
            "The discovery list, which browsers show in their add-on manager",
            record("results: [DiscoveryItem], count: integer"),
            _DISCOVERY,
        )
    },
    "discovery/editorial/": {
        "GET": Operation(
            "Editorial texts of the discovery list",
            record("results", results=_EDITED),
            (Parameter("recommended", BOOLEAN, "Only recommended add-ons."),),
        )
    },
    "addons/tags/": {"GET": Operation("Tags that authors may choose", "[string]")},
    "applications/{application}/": {"GET": Operation("Versions of an application", "ApplicationVersions")},
    "applications/{application}/{release}/": {
        "PUT": Operation("Add a version to every application", statuses=(201, 202), errors=(400,))
    },
    "hero/": {
        "GET": Operation("A primary and a secondary hero, chosen at random", record(_DRAWN), _HEROES[:1])
    },
    "hero/primary/": {"GET": Operation("Primary heroes", record("results: [PrimaryHero]"), _HEROES)},
    "hero/secondary/": {
        "GET": Operation("Secondary heroes", record("results: [SecondaryHero]"), _HEROES[1:])
    },
    "shelves/": {
        "GET": Operation("The home page's shelves", record(f"results: [Shelf], {_DRAWN}"), _HEROES[:1])
    },
    "shelves/editorial/": {
        "GET": Operation("Editorial texts of the shelves", record("results", results=_TEXTS))
    },
    "blocklist/block/{block}/": {"GET": Operation("A block", "Block")},
    "changes/": {
        "GET": Operation(
            "Changes of the catalogue, by long poll or as Server-Sent Events (`Accept`)",
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
            "The whole public catalogue as JSON Lines",
            "Addon",
            (Parameter("cursor", {"type": "integer", "minimum": 0}, "The id to go on after."),),
            errors=(304, 429),
            kind="application/x-ndjson",
        )
    },
    "docs/": {"GET": Operation("This description as a page", STRING, kind="text/html")},
    "openapi.json": {"GET": Operation("This description", OBJECT)},
    "site/": {
        "GET": Operation("Maintenance mode and notice", "SiteStatus"),
        "PATCH": Operation(
            "Change maintenance mode or notice", "SiteStatus", body="SiteChange", errors=(412,)
        ),
    },
}
