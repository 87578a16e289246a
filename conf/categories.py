"""Every category of every application and add-on type (contract/addons.md 13.6).

    find("firefox", "extension", "tabs").id    -> 93
    matching("extension", "tabs")              -> one for each application that has it
    name(BY_ID[72], "de")                      -> "Benachrichtigungen & Updates"

Listings may carry further slugs: they are kept and shown, but have no row, since their
numbers are not documented.

A row of the tables is `slug number`, with the English name after it where it is
not the slug in title case.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from conf.translations import loader

MISC: Final = frozenset({"other", "miscellaneous"})
OTHER_WEIGHT: Final = 333  # `other` sorts last


class Category(NamedTuple):
    """One category of one application and add-on type."""

    id: int
    app: str
    type: str
    slug: str
    name: str  # English
    weight: int
    misc: bool


_FIREFOX_EXTENSION: Final = """
    feeds-news-blogging 1 Feeds, News & Blogging
    web-development 4
    download-management 5
    privacy-security 12 Privacy & Security
    search-tools 13
    appearance 14
    bookmarks 22
    language-support 37
    photos-music-videos 38 Photos, Music & Videos
    social-communication 71 Social & Communication
    alerts-updates 72 Alerts & Updates
    other 73
    accessibility 74
    tabs 93
    shopping 141
    games-entertainment 142 Games & Entertainment
"""
# Numbers of the Firefox static themes; personas have them minus 200, Android's themes plus 100.
_STATIC_THEME: Final = """
    abstract 300
    nature 302
    sports 304
    scenery 306
    firefox 308
    foxkeh 310
    seasonal 312
    other 314
    websites 316
    solid 318
    causes 320
    music 322
    fashion 324
    film-and-tv 326 Film and TV
    holiday 328
"""
_FIREFOX_THEME: Final = """
    miscellaneous 21
    sports 26
    nature 29
    animals 30
    retro 31
    compact 32
    os-integration 61 OS Integration
    modern 62
    large 67
"""
_FIREFOX_SEARCH: Final = """
    video 78
    bookmarks 79
    business 80
    dictionaries-encyclopedias 81 Dictionaries & Encyclopedias
    general 82
    kids 83
    multiple-search 84
    music 85
    news-blogs 86 News & Blogs
    photos-images 87 Photos & Images
    shopping-e-commerce 88 Shopping & E-Commerce
    social-people 89 Social & People
    sports 90
    travel 91
"""
_ANDROID_EXTENSION: Final = """
    photos-media 143 Photos & Media
    performance 144
    device-features-location 145 Device Features & Location
    sports-games 146 Sports & Games
    feeds-news-blogging 147 Feeds, News, & Blogging
    social-networking 148
    security-privacy 149 Security & Privacy
    shopping 150
    experimental 151
    user-interface 152
    other 153
"""
_THUNDERBIRD_EXTENSION: Final = """
    contacts 23
    miscellaneous 50
    message-and-news-reading 58
    privacy-and-security 66
    language-support 69
    folders-and-filters 200
    composition 202 Message Composition
    calendar 204 Calendar and Date/Time
    importexport 206 Import/Export
    appearance 208 Appearance and Customization
    chat 210 Chat and IM
    tags 212
"""
_THUNDERBIRD_THEME: Final = """
    miscellaneous 60
    modern 63
    compact 64
    nature 65
"""
_SEAMONKEY_EXTENSION: Final = """
    rss-news-and-blogging 39 RSS, News and Blogging
    web-and-developer-tools 41
    downloading-and-file-management 42
    privacy-and-security 46
    search-tools 47
    interface-customizations 48
    miscellaneous 49
    bookmarks 51
    site-specific 52
    language-support-and-translation 55
    photos-and-media 56
"""


class _Table(NamedTuple):
    app: str
    type: str
    rows: str
    shift: int = 0  # added to each number


_TABLES: Final = (
    _Table("firefox", "extension", _FIREFOX_EXTENSION),
    _Table("firefox", "statictheme", _STATIC_THEME),
    _Table("firefox", "persona", _STATIC_THEME, -200),
    _Table("firefox", "theme", _FIREFOX_THEME),
    _Table("firefox", "search", _FIREFOX_SEARCH),
    _Table("firefox", "dictionary", "general 95"),
    _Table("firefox", "language", "general 98"),
    _Table("android", "extension", _ANDROID_EXTENSION),
    _Table("android", "statictheme", _STATIC_THEME, 100),
    _Table("thunderbird", "extension", _THUNDERBIRD_EXTENSION),
    _Table("thunderbird", "theme", _THUNDERBIRD_THEME),
    _Table("thunderbird", "dictionary", "general 97"),
    _Table("thunderbird", "language", "general 99"),
    _Table("seamonkey", "extension", _SEAMONKEY_EXTENSION),
    _Table("seamonkey", "theme", "miscellaneous 59"),
    _Table("seamonkey", "dictionary", "general 96"),
    _Table("seamonkey", "language", "general 130"),
)


def _read(table: _Table) -> Iterator[Category]:
    for row in table.rows.strip().splitlines():
        slug, number, *rest = row.split(maxsplit=2)
        name = rest[0] if rest else slug.replace("-", " ").title().replace(" And ", " and ")
        heavy = slug == "other" and table.type != "persona"
        weight = OTHER_WEIGHT if heavy else 0
        yield Category(int(number) + table.shift, table.app, table.type, slug, name, weight, slug in MISC)


# The order of the categories endpoint: by id (contract/addons.md 10.4).
CATEGORIES: Final[tuple[Category, ...]] = tuple(
    sorted(category for table in _TABLES for category in _read(table))
)
BY_ID: Final[dict[int, Category]] = {category.id: category for category in CATEGORIES}
_BY_WORDS: Final = {(category.app, category.type, category.slug): category for category in CATEGORIES}
_BY_TYPE: Final[dict[str, tuple[Category, ...]]] = {
    addon_type: tuple(category for category in CATEGORIES if category.type == addon_type)
    for addon_type in {table.type for table in _TABLES}
}


def find(app: str, addon_type: str, slug: str) -> Category | None:
    """The category of one application and type; slugs are lower-case."""
    return _BY_WORDS.get((app, addon_type, slug))


def of(addon_type: str, app: str | None = None) -> tuple[Category, ...]:
    """All categories of a type, of one application or of all, by id."""
    return tuple(one for one in _BY_TYPE.get(addon_type, ()) if app in (None, one.app))


def matching(addon_type: str, slug: str, app: str | None = None) -> tuple[Category, ...]:
    """The categories a slug names for a type, of one application or of all; () for none."""
    return tuple(one for one in of(addon_type, app) if one.slug == slug)


def name(category: Category, locale: str) -> str:
    """Its name in a supported locale, English where no catalogue has it."""
    return loader.name(category.name, locale)
