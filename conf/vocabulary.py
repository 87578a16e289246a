"""The fixed words and numbers of the contract, as plain tables.

Facts only: nothing here parses, chooses or changes. Enumerations are keyed by
the name the API shows ("extension", "public", "listed"), which is also what the
documents store; the numbers are those that callers may send in their place
(contract/addons.md 13, contract/search.md 2).
"""

from typing import Final, NamedTuple

VERSIONS: Final = ("v3", "v4", "v5")


class App(NamedTuple):
    """An application add-ons are made for (contract/addons.md 13.4)."""

    id: int
    short: str
    name: str
    guid: str
    default_min: str  # shown, and filtered on, where a version declares nothing
    legacy: bool  # in v3's table and not in later ones


APPS: Final[dict[str, App]] = {
    app.short: app
    for app in (
        App(1, "firefox", "Firefox", "{ec8030f7-c20a-464f-9b0e-13a3a9e97384}", "4.0", False),
        App(18, "thunderbird", "Thunderbird", "{3550f703-e582-4d05-9a08-453d09bdfdc6}", "5.0", True),
        App(59, "seamonkey", "SeaMonkey", "{92650c4d-4b8e-4d2a-b7eb-24ecf4f6b63a}", "2.1", True),
        App(61, "android", "Firefox for Android", "{aa3c5121-dab2-40e2-81ca-7ea25febc110}", "11.0", False),
    )
}
DEFAULT_APP: Final = "firefox"
DEFAULT_MIN: Final = "1.0"  # for an application without a default of its own
# The maximum of what declares none. Newest servers' value; 9999 until 2018.
DEFAULT_MAX: Final = "65535"
ANY_VERSION: Final = "*"
MIN_APPVERSION: Final = "10.0"  # the smallest `appversion` a filter takes


class Type(NamedTuple):
    """An add-on type (contract/addons.md 13.2)."""

    number: int
    name: str
    label: str  # as an English sentence names it


TYPES: Final[dict[str, Type]] = {
    kind.name: kind
    for kind in (
        Type(1, "extension", "Extension"),
        Type(2, "theme", "Complete Theme"),
        Type(3, "dictionary", "Dictionary"),
        Type(4, "search", "Search Engine"),
        Type(5, "language", "Language Pack (Application)"),
        Type(9, "persona", "Lightweight Theme"),
        Type(10, "statictheme", "Theme"),
    )
}
TYPE_NUMBERS: Final[dict[int, str]] = {kind.number: kind.name for kind in TYPES.values()}
ANY_TYPE: Final = ("any", 0)  # accepted by the `type` filter, matches nothing
THEME_TYPES: Final = frozenset({"theme", "persona", "statictheme"})
LANGUAGE_TOOL_TYPES: Final = ("language", "dictionary")
THEMES: Final = frozenset({"statictheme", "persona"})
# Type -> application -> the lowest version of it that a package supports which names none
# (contract/packages.md 4.3, contract/addons.md 13.4).
_WEBEXTENSION_MINS: Final = {"firefox": "42.0", "android": "48.0"}
PACKAGE_MINS: Final[dict[str, dict[str, str]]] = {
    **dict.fromkeys(("extension", "theme", "language"), _WEBEXTENSION_MINS),
    "statictheme": {"firefox": "53.0", "android": "65.0"},
    "dictionary": {"firefox": "61.0"},
}
# Types that store no compatibility and show the defaults (contract/addons.md 6.1).
TYPES_WITHOUT_COMPATIBILITY: Final = frozenset({"dictionary", "search", "persona"})

ADDON_STATUSES: Final[dict[str, int]] = {
    "incomplete": 0,
    "unreviewed": 1,
    "pending": 2,
    "nominated": 3,
    "public": 4,
    "disabled": 5,  # by Mozilla
    "lite": 8,
    "lite-nominated": 9,
    "deleted": 11,
    "rejected": 12,
    "review-pending": 14,
}
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


PROMOTED_GROUPS: Final[dict[str, PromotedGroup]] = {
    group.name: group
    for group in (
        PromotedGroup(1, "recommended", "Recommended", 5.0, True, True),
        PromotedGroup(4, "line", "By Firefox", 5.0, True, True),
        PromotedGroup(5, "spotlight", "Spotlight", 1.0, False, True),
        PromotedGroup(6, "strategic", "Strategic", 1.0, False, True),
        PromotedGroup(7, "notable", "Notable", 1.0, False, True),
        PromotedGroup(8, "sponsored", "Sponsored", 1.0, False, False),
        PromotedGroup(9, "verified", "Verified", 1.0, False, False),
        PromotedGroup(10, "partner", "Partner", 1.0, False, True),
    )
}
BADGED: Final = "badged"  # alias in the `promoted` filter
BADGED_GROUPS: Final = tuple(group.name for group in PROMOTED_GROUPS.values() if group.badged)


class Platform(NamedTuple):
    """An operating system of the v3 and v4 era (contract/addons.md 13.5)."""

    id: int
    name: str
    aliases: tuple[str, ...]  # what the `platform` parameter takes, lower-cased


PLATFORMS: Final[dict[str, Platform]] = {
    platform.name: platform
    for platform in (
        Platform(0, "any", ()),
        Platform(1, "all", ("all",)),
        Platform(2, "linux", ("linux",)),
        Platform(3, "mac", ("mac", "macosx", "darwin")),
        Platform(4, "bsd", ("bsd", "bsd_os", "freebsd")),
        Platform(5, "windows", ("win", "winnt", "windows")),
        Platform(6, "solaris", ("sun", "sunos", "solaris")),
        Platform(7, "android", ("android",)),
    )
}
PLATFORM_ALIASES: Final[dict[str, str]] = {
    alias: platform.name for platform in PLATFORMS.values() for alias in (*platform.aliases, str(platform.id))
}
DEFAULT_PLATFORM: Final = "all"

# The whole string, any case (contract/addons.md 2); of ASCII alone, or `K` would have two small letters.
GUID_PATTERN: Final = (
    r"(?ai:\{[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}"
    r"|[a-z0-9\-._]*@[a-z0-9\-._]+)"
)
# What `load` keeps as one: real catalogues have `letscube`, `#genid1`, `{{...}}`, older than the rule.
LOADED_GUID_PATTERN: Final = r"(?![0-9]+\Z)[^\x00-\x1f\x7f/,]{1,255}"
RETURN_TO_AMO_PREFIX: Final = "rta:"
# Letters and digits of any script, hyphen, underscore, tilde.
SLUG_PATTERN: Final = r"[\w~-]+"
_RESERVED_GUID_SUFFIXES: Final = """
    @mozilla.com @mozilla.org @mozac.org @mozillafoundation.org @mozillaonline.com
    @pioneer.mozilla.org @rally.mozilla.org @search.mozilla.org @shield.mozilla.com
    @shield.mozilla.org @temporary-addon
"""
RESERVED_GUID_SUFFIXES: Final = tuple(_RESERVED_GUID_SUFFIXES.split())
# Slugs that are, or could become, words of a path (contract/writes.md 3.2 names the rule, not the list).
_PATH_WORDS: Final = (
    "about add addon addons admin android api app apps autocomplete categories category collections"
    " developers discovery edit editors extensions featured firefox guid language-tools new pages"
    " previews privacy recommendations reviewers reviews search seamonkey shelves submit thunderbird"
    " upload user users versions"
)
DENIED_SLUGS: Final = frozenset(_PATH_WORDS.split())
_CONTRIBUTION_DOMAINS: Final = """
    buymeacoffee.com donate.mozilla.org flattr.com github.com ko-fi.com liberapay.com
    www.micropayment.de opencollective.com www.patreon.com www.paypal.com paypal.me
"""
CONTRIBUTION_DOMAINS: Final = tuple(_CONTRIBUTION_DOMAINS.split())
SPONSORS_DOMAIN: Final = "github.com"  # where a path must say that it is about sponsors
SPONSORS_PATH: Final = "/sponsors/"
CONTRIBUTION_QUERY: Final = (  # appended to every contributions_url shown (contract/requests.md 8.2)
    ("utm_content", "product-page-contribute"),
    ("utm_medium", "referral"),
    ("utm_source", "addons.mozilla.org"),
)
TRADEMARKS: Final = ("mozilla", "firefox")
DENIED_NAMES: Final = frozenset({"mozilla", "firefox", "admin", "administrator", "moderator", "amo"})

# What accounts may be granted, beside `App:*`, `*:Action` and `*:*` (contract/auth.md 5).
_PERMISSIONS: Final = """
    API:BypassThrottling Accounts:SuperCreate Addons:ContentReview Addons:Edit Addons:PostReview
    Addons:RecommendedReview Addons:Review Addons:ReviewUnlisted Addons:Submit Addons:ThemeReview
    Addons:ViewDeleted Admin:Curation Admin:ScannersResultsView AppVersions:Create Collections:Contribute
    LanguagePack:Submit Personas:Review ReviewerTools:View ReviewerTools:ViewUnlisted Reviews:Admin Site:Edit
    Scanners:PatchResults SystemAddon:Submit Trademark:Bypass Users:Edit
"""
PERMISSIONS: Final = frozenset(_PERMISSIONS.split())
RATING_FLAGS: Final = (
    "rating_flag_reason_spam",
    "rating_flag_reason_language",
    "rating_flag_reason_bug_support",
    "rating_flag_reason_other",
)
EDITION_ALIASES: Final = {"mozillaonline": "china"}  # of `/discovery/`, lower-cased (contract/clients.md 1)
MAPPED_BROWSERS: Final = ("chrome",)  # browser-mappings (contract/addons.md 10.9)
CURATED_GUIDS: Final = (  # the default list of recommendations; stored data replaces it
    "addon@darkreader.org",
    "treestyletab@piro.sakura.ne.jp",
    "languagetool-webextension@languagetool.org",
    "{2e5ff8c8-32fe-46d0-9fc8-6b8986621f3c}",
    "simple-tab-groups@drive4ik",
)


class Notification(NamedTuple):
    """A reason for mail that an account may want or not (contract/extras.md 6)."""

    for_developers: bool
    default: bool
    mandatory: bool


NOTIFICATIONS: Final = {
    "reply": Notification(False, True, False),
    "new_features": Notification(False, True, False),
    "upgrade_success": Notification(True, True, False),
    "new_review": Notification(True, True, False),
    "upgrade_fail": Notification(True, True, True),
    "reviewer_reviewed": Notification(True, True, True),
    "individual_contact": Notification(True, True, True),
    "announcements": Notification(True, False, False),  # for developers: section 6.1 leaves that open
}

# The tags authors may choose (contract/writes.md 3.2 has no list: these are the ones of the real catalogue).
_TAGS: Final = """
    ad blocker, anti malware, anti tracker, antivirus, chat, container, content blocker, coupon, dailymotion,
    dark mode, download, facebook, google, image search, mp3, music, password manager, pinterest, privacy,
    reddit, roblox, scholar, search, security, shopping, social media, streaming, torrent, translate, twitch,
    twitter, user scripts, video converter, video downloader, vpn, wayback machine, whatsapp, word counter,
    youtube, zoom
"""
TAGS: Final = frozenset(map(str.strip, _TAGS.split(",")))
IGNORED_TAGS: Final = frozenset({"jetpack", "firefox57"})  # skipped by the `tag` filter
# Permissions that searches know (contract/search.md 2.7): names, and the patterns of all addresses.
SEARCHED_PERMISSION: Final = r"[A-Za-z][A-Za-z0-9_.]{0,63}|<all_urls>|(\*|https?)://\*/\*"
CUSTOM_LICENSE: Final = "custom"  # in searches: a licence of the author's own
# What search results are counted by (contract/search.md 10).
FACETS: Final = frozenset({"app", "category", "license", "permissions", "promoted", "tag", "type"})
ICON_SIZES: Final = (32, 64, 128)

# What a parameter may say that is one, in any case.
BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}

# Pages (contract/requests.md 5); how large they may be is in conf/limits.py.
PAGE_SIZE: Final = 25
AUTOCOMPLETE_SIZE: Final = 10
RECOMMENDATIONS_SIZE: Final = 4

# Search (contract/search.md 6).
MIN_COLOR_RATIO: Final = 0.25
