"""The enumerations and constants of the contract; long ones are in `vocabulary.toml`.

Enumerations are keyed by the name that the API shows and documents store
("extension", "public", "listed"); callers may send the numbers instead
(contract/addons.md 13, contract/search.md 2).
"""

from typing import Final, NamedTuple

from conf.tables import read_table

_TABLES: Final = read_table("vocabulary.toml")
VERSIONS: Final = ("v3", "v4", "v5")


class App(NamedTuple):
    """An application add-ons are made for (contract/addons.md 13.4)."""

    id: int
    short: str
    name: str
    guid: str
    default_min: str  # the minimum of versions that declare none
    legacy: bool  # in v3's table and not in later ones


APPS: Final = {row[1]: App(*row) for row in _TABLES["apps"]}
DEFAULT_APP: Final = "firefox"
DEFAULT_MIN: Final = "1.0"  # for applications that are not in the table
# The maximum of versions that declare none; AMO's newest value, which was 9999 until 2018.
DEFAULT_MAX: Final = "65535"
ANY_VERSION: Final = "*"
MIN_APPVERSION: Final = "10.0"  # the smallest `appversion` of the filter


class Type(NamedTuple):
    """An add-on type (contract/addons.md 13.2)."""

    number: int
    name: str
    label: str  # in an English sentence


TYPES: Final = {row[1]: Type(*row) for row in _TABLES["types"]}
TYPE_NUMBERS: Final[dict[int, str]] = {kind.number: kind.name for kind in TYPES.values()}
ANY_TYPE: Final = ("any", 0)  # accepted by the `type` filter, matches nothing
THEME_TYPES: Final = frozenset({"theme", "persona", "statictheme"})
LANGUAGE_TOOL_TYPES: Final = ("language", "dictionary")
THEMES: Final = frozenset({"statictheme", "persona"})
# Type -> application -> the minimum version of a package that declares none
# (contract/packages.md 4.3, contract/addons.md 13.4).
_WEBEXTENSION_MINS: Final = {"firefox": "42.0", "android": "48.0"}
PACKAGE_MINS: Final[dict[str, dict[str, str]]] = {
    **dict.fromkeys(("extension", "theme", "language"), _WEBEXTENSION_MINS),
    "statictheme": {"firefox": "53.0", "android": "65.0"},
    "dictionary": {"firefox": "61.0"},
}
# Types that store no compatibility and show the defaults (contract/addons.md 6.1).
TYPES_WITHOUT_COMPATIBILITY: Final = frozenset({"dictionary", "search", "persona"})

ADDON_STATUSES: Final[dict[str, int]] = _TABLES["addon_statuses"]
FILE_STATUSES: Final[dict[str, int]] = {"unreviewed": 1, "public": 4, "disabled": 5, "beta": 7}
CHANNELS: Final[dict[str, int]] = {"unlisted": 1, "listed": 2}
ROLES: Final = ("owner", "developer")


class PromotedGroup(NamedTuple):
    """A promoted group (contract/addons.md 13.7)."""

    id: int
    name: str
    label: str
    bump: float  # factor of the search score
    badged: bool
    searchable: bool  # a value of the `promoted` filter; others are dropped silently


PROMOTED_GROUPS: Final = {row[1]: PromotedGroup(*row) for row in _TABLES["promoted_groups"]}
BADGED: Final = "badged"  # alias in the `promoted` filter
BADGED_GROUPS: Final = tuple(group.name for group in PROMOTED_GROUPS.values() if group.badged)


class Platform(NamedTuple):
    """An operating system of the v3 and v4 era (contract/addons.md 13.5)."""

    id: int
    name: str
    aliases: tuple[str, ...]  # what the `platform` parameter takes, lower-cased


PLATFORMS: Final = {name: Platform(id, name, tuple(aliases)) for id, name, aliases in _TABLES["platforms"]}
PLATFORM_ALIASES: Final[dict[str, str]] = {
    alias: platform.name for platform in PLATFORMS.values() for alias in (*platform.aliases, str(platform.id))
}
DEFAULT_PLATFORM: Final = "all"

# Matches the whole string in any case (contract/addons.md 2); ASCII only, because `K` has two small letters.
GUID_PATTERN: Final = (
    r"(?ai:\{[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}"
    r"|[a-z0-9\-._]*@[a-z0-9\-._]+)"
)
# What `load` accepts: real catalogues have guids older than the rule, such as `letscube` and `#genid1`.
LOADED_GUID_PATTERN: Final = r"(?![0-9]+\Z)[^\x00-\x1f\x7f/,]{1,255}"
RETURN_TO_AMO_PREFIX: Final = "rta:"
# Letters and digits of any script, hyphen, underscore, tilde.
SLUG_PATTERN: Final = r"[\w~-]+"
RESERVED_GUID_SUFFIXES: Final[tuple[str, ...]] = tuple(_TABLES["reserved_guid_suffixes"])
DENIED_SLUGS: Final[frozenset[str]] = frozenset(_TABLES["denied_slugs"])
CONTRIBUTION_DOMAINS: Final[tuple[str, ...]] = tuple(_TABLES["contribution_domains"])
SPONSORS_DOMAIN: Final = "github.com"  # allowed only with SPONSORS_PATH
SPONSORS_PATH: Final = "/sponsors/"
CONTRIBUTION_QUERY: Final = (  # appended to every contributions_url shown (contract/requests.md 8.2)
    ("utm_content", "product-page-contribute"),
    ("utm_medium", "referral"),
    ("utm_source", "addons.mozilla.org"),
)
TRADEMARKS: Final = ("mozilla", "firefox")
DENIED_NAMES: Final = frozenset({"mozilla", "firefox", "admin", "administrator", "moderator", "amo"})

PERMISSIONS: Final[frozenset[str]] = frozenset(_TABLES["permissions"])
RATING_FLAGS: Final[tuple[str, ...]] = tuple(_TABLES["rating_flags"])
EDITION_ALIASES: Final = {"mozillaonline": "china"}  # of `/discovery/`, lower-cased (contract/clients.md 1)
MAPPED_BROWSERS: Final = ("chrome",)  # browser-mappings (contract/addons.md 10.9)
CURATED_GUIDS: Final[tuple[str, ...]] = tuple(_TABLES["curated_guids"])


class Notification(NamedTuple):
    """A kind of mail that an account can turn on or off (contract/extras.md 6)."""

    for_developers: bool
    default: bool
    mandatory: bool


NOTIFICATIONS: Final = {name: Notification(*row) for name, *row in _TABLES["notifications"]}
TAGS: Final[frozenset[str]] = frozenset(_TABLES["tags"])
IGNORED_TAGS: Final = frozenset({"jetpack", "firefox57"})  # skipped by the `tag` filter
# Permissions that can be searched for (contract/search.md 2.7): names, and patterns for all URLs.
SEARCHED_PERMISSION: Final = r"[A-Za-z][A-Za-z0-9_.]{0,63}|<all_urls>|(\*|https?)://\*/\*"
CUSTOM_LICENSE: Final = "custom"  # in searches: a licence of the author's own
# The facets of search results (contract/search.md 10).
FACETS: Final = frozenset({"app", "category", "license", "permissions", "promoted", "tag", "type"})
ICON_SIZES: Final = (32, 64, 128)

# Values of boolean parameters, in any case.
BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}

# Page sizes (contract/requests.md 5); conf/limits.py has their maximum.
PAGE_SIZE: Final = 25
AUTOCOMPLETE_SIZE: Final = 10
RECOMMENDATIONS_SIZE: Final = 4

# Search (contract/search.md 6).
MIN_COLOR_RATIO: Final = 0.25
