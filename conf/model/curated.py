"""The document model of the small collections, which operators fill.

Each is a kind of record of `load` and `dump`, one per line, `kind` first:

    {"kind": "featured", "_id": 1, "app": "firefox", "locale": null, "category": null, "addons": [7, 9]}
    {"kind": "replacement", "_id": "old@example.org", "path": "/addon/tab-tree/"}
    {"kind": "override", "_id": 1, "addon_id": null, "addon_guid": "old@example.org", "name": "Crashes",
     "version_ranges": [{"addon_min_version": "0", "addon_max_version": "1.2", "applications": [...]}]}
    {"kind": "mapping", "_id": "cjpalhdlnbpafiamejdnhcphjbkeiagm", "browser": "chrome",
     "addon_guid": "uBlock0@raymondhill.net"}
    {"kind": "curated", "_id": "recommendations", "guids": ["addon@darkreader.org"]}
    {"kind": "discovery", "_id": 1, "addon_id": 7, "position": 1, "editions": [], "heading": null,
     "description": {"en-US": "Tabs in a tree."}, "is_recommendation": false}
    {"kind": "collection", "_id": 1, "author_id": 3, "slug": "tabs", "default_locale": "en-US",
     "name": {"en-US": "Tabs"}, "description": null, "listed": true,
     "addons": [{"addon_id": 7, "notes": null, "added": "2024-01-02T03:04:05Z"}],
     "created": "2024-01-02T03:04:05Z", "modified": "2024-01-02T03:04:05Z"}
    {"kind": "primary_hero", "_id": 1, "addon_id": 7, "external": null, "description": {"en-US": "Tidy."},
     "image": "hero/tree.jpg", "gradient": {"start": "color-ink-80", "end": "color-blue-70"}, "enabled": true}
    {"kind": "secondary_hero", "_id": 1, "headline": {"en-US": "Made for you"},
     "description": {"en-US": "Find more."}, "cta": {"url": "/blog/", "text": {"en-US": "Read on"}},
     "modules": [{"icon": "hero/lock.svg", "description": {"en-US": "Safe."}, "cta": null}], "enabled": true}
    {"kind": "shelf", "_id": 1, "title": {"en-US": "Recommended"}, "endpoint": "search",
     "criteria": "promoted=recommended&sort=random", "addon_type": "extension", "count": 4,
     "footer_text": {"en-US": "See more"}, "footer_url": null, "position": 1, "enabled": true}
    {"kind": "block", "_id": 1, "guid": "bad@example.org", "reason": "It steals.", "url": null,
     "blocked": ["1.0"], "soft_blocked": ["0.9"], "created": "2024-01-02T03:04:05Z",
     "modified": "2024-01-02T03:04:05Z"}

Dates and translated fields are as in conf/model/addons.py. A document about an add-on
that is not public, or does not exist, is stored but not shown. Texts of the home page (contract/extras.md 3)
fall back to English; paths of its pictures are below the media URL, paths of its links below the site URL.
"""

from typing import Final, Literal, TypedDict

from conf.model.addons import Translated

Endpoint = Literal["search", "collections", "random-tag"]
HERO_MODULES: Final = 3  # of a secondary hero, if it has any
TAG_MARK: Final = "{tag}"  # in texts and criteria of a random-tag shelf: the tag that was drawn
CURATED_RECOMMENDATIONS: Final = "recommendations"  # the only `curated` list


class FeaturedDoc(TypedDict):
    """Collection `featured`: one set of featured add-ons (v3; contract/search.md 2.6)."""

    _id: int
    app: str  # vocabulary.APPS
    locale: str | None  # None: for all locales
    category: str | None  # slug; None: without a category
    addons: list[int]


class ReplacementDoc(TypedDict):
    """Collection `replacements`: what to use in place of a legacy add-on (contract/addons.md 10.6)."""

    _id: str  # guid of the legacy add-on
    path: str  # "/addon/<id or slug>/", "/collections/<user>/<slug>/", or the address of a page


class OverrideApplicationDoc(TypedDict):
    name: str
    id: int
    min_version: str
    max_version: str
    guid: str


class OverrideRangeDoc(TypedDict):
    addon_min_version: str
    addon_max_version: str
    applications: list[OverrideApplicationDoc]


class OverrideDoc(TypedDict):
    """Collection `overrides`: a compatibility override, with v3's keys (contract/versions.md 7). Unique:
    addon_guid.
    """

    _id: int  # the highest is the newest
    addon_id: int | None
    addon_guid: str
    name: str
    version_ranges: list[OverrideRangeDoc]


class MappingDoc(TypedDict):
    """Collection `mappings`: another browser's extension and its counterpart here (contract/addons.md
    10.9).
    """

    _id: str  # id of the extension there
    browser: str  # vocabulary.MAPPED_BROWSERS
    addon_guid: str


class CuratedDoc(TypedDict):
    """Collection `curated`: the recommendations shown if the service has none (contract/addons.md 10.8).

    Without the document, vocabulary.CURATED_GUIDS.
    """

    _id: str  # CURATED_RECOMMENDATIONS
    guids: list[str]


class DiscoveryDoc(TypedDict):
    """Collection `discovery`: an item of the list browsers show in their add-on manager (contract/clients.md
    1).

    An item without texts has the name and the summary of its add-on.
    """

    _id: int
    addon_id: int
    position: int  # ascending
    editions: list[str]  # values of `edition`; [] for the list of all editions without one of their own
    heading: Translated | None
    description: Translated | None
    is_recommendation: bool


class CollectionItemDoc(TypedDict):
    """An add-on of a collection."""

    addon_id: int
    notes: Translated | None
    added: str  # date


class CollectionDoc(TypedDict):
    """Collection `collections`: a user's list of add-ons. Unique: author and slug together."""

    _id: int
    author_id: int
    slug: str
    default_locale: str
    name: Translated | None
    description: Translated | None
    listed: bool  # False: only for its author
    addons: list[CollectionItemDoc]
    created: str
    modified: str


class BlockDoc(TypedDict):
    """Collection `blocks`: versions of an add-on that nobody should use (contract/extras.md 1).
    Unique: guid.
    """

    _id: int
    guid: str
    reason: str
    url: str | None  # of a page with more information
    blocked: list[str]  # numbers of versions, by version order
    soft_blocked: list[str]  # versions that programs only warn about
    created: str
    modified: str


class AppVersionsDoc(TypedDict):
    """Collection `app_versions`: the released versions of an application (contract/extras.md 8)."""

    _id: str  # vocabulary.APPS
    versions: list[str]


class GradientDoc(TypedDict):
    """Names of Firefox's design colours."""

    start: str
    end: str


class ExternalAddonDoc(TypedDict):
    """An add-on that is hosted elsewhere."""

    id: int
    guid: str
    homepage: Translated | None
    name: Translated
    type: str


class PrimaryHeroDoc(TypedDict):
    """Collection `primary_heroes`: one add-on, ours (`addon_id`) or `external`."""

    _id: int
    addon_id: int | None
    external: ExternalAddonDoc | None
    description: Translated | None  # None: the add-on's summary
    image: str | None
    gradient: GradientDoc
    enabled: bool


class CallDoc(TypedDict):
    """A call to action: a link and its text."""

    url: str
    text: Translated


class ModuleDoc(TypedDict):
    """One of the small texts below a secondary hero."""

    icon: str
    description: Translated
    cta: CallDoc | None


class SecondaryHeroDoc(TypedDict):
    """Collection `secondary_heroes`."""

    _id: int
    headline: Translated
    description: Translated
    cta: CallDoc | None
    modules: list[ModuleDoc]
    enabled: bool


class ShelfDoc(TypedDict):
    """Collection `shelves`: a row of add-ons, and where they come from."""

    _id: int
    title: Translated
    endpoint: Endpoint
    # The parameters of a search; of `collections`, `slug` (of the curators' account) or `user/slug`.
    criteria: str
    addon_type: str  # vocabulary.TYPES
    count: int
    footer_text: Translated | None
    footer_url: str | None  # None: the page of the website that shows the same
    position: int  # ascending
    enabled: bool
