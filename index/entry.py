"""What filters and sorts read of an add-on: its terms, its numbers, its name.

    entry = make_entry(addon, users)
    entry.terms                 -> ("id:7", "slug:tab-tree", "type:extension", ...)
    entry.number("users")       -> 1200

All terms and numbers are defined here. `index/columns/columns.py` and `index/text/engine.py`
evaluate the clauses of `index/criteria/clauses.py` against them. Pure, any thread; cheap,
because a build makes an entry for every add-on.

Terms (only the first colon separates; values may have more of them):

    id:7  slug:<slug>  guid:<guid>            unique to an add-on, in lower case
    type:extension                            vocabulary.TYPES
    app:firefox                               the current version supports it
    platform:linux                            a file of the current version
    category:22                               conf/categories.py
    tag:<tag>  author:<user id>  username:<username>      listed authors only
    license:mpl-2.0  license:custom           of the current version, built in or of the author's own
    permission:tabs                           a file of the current version requires it
    promoted:recommended  promoted:recommended:firefox    in effect, for any and for one application
    hue:<0..255>  grey:<0..255>  black  white             index/criteria/color.py
    featured:<app or *>:<locale, all or *>:<category or *>
    target_locale                             has one: a language tool
    fits:firefox:<lowest>:<highest>           a public version is compatible with these versions of Firefox
"""

import re
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from conf.categories import CATEGORIES
from conf.model.addons import AddonDoc, VersionDoc
from conf.vocabulary import APPS, CUSTOM_LICENSE, SEARCHED_PERMISSION, TYPES
from index import facts
from index.criteria.color import color_terms
from index.criteria.compatibility import Range, Usable, range_terms, ranges, usable_ranges
from index.documents.users import PublicUser
from index.shapes.translated_fields import default_text

# The value of an integer column for an add-on without one: sorts last, in no range.
MISSING: Final = -(2**63)

MIN_OF: Final = {app: f"min:{app}" for app in APPS}
MAX_OF: Final = {app: f"max:{app}" for app in APPS}
# Column -> numpy type. Dates are milliseconds since 1970, versions as in conf/appversion.py.
NUMBERS: Final[dict[str, str]] = {
    "users": "int64",
    "downloads": "int64",
    "hotness": "float64",
    "bayesian": "float64",
    "average": "float64",
    "created": "int64",
    "updated": "int64",
    "recommended": "int8",
    "experimental": "int8",
    **{column: "int64" for app in APPS for column in (MIN_OF[app], MAX_OF[app])},
}
_PACKED: Final = struct.Struct(
    "=" + "".join({"int64": "q", "float64": "d", "int8": "b"}[kind] for kind in NUMBERS.values())
)
_POSITIONS: Final = {column: position for position, column in enumerate(NUMBERS)}

_APP_TERMS: Final = {app: f"app:{app}" for app in APPS}
_TYPE_TERMS: Final = {name: f"type:{name}" for name in TYPES}
_CATEGORY_TERMS: Final = {
    (category.app, category.type, category.slug): f"category:{category.id}" for category in CATEGORIES
}
_PERMISSION: Final = re.compile(SEARCHED_PERMISSION)
_MAX_FLOAT: Final = sys.float_info.max
_NO_RANGE: Final = (MISSING, MISSING)


class Featuring(NamedTuple):
    """A place in a featured set (v3; contract/search.md 2.6)."""

    app: str
    locale: str | None  # None: all locales
    category: str | None  # None: the set belongs to no category


class Entry(NamedTuple):
    """A public add-on as filters and sorts see it."""

    id: int
    terms: tuple[str, ...]  # distinct
    numbers: tuple[int | float, ...]  # in the order of NUMBERS
    name: str  # sort key: name in the default language, lower-cased

    def number(self, column: str) -> int | float:
        return self.numbers[_POSITIONS[column]]


def make_entry(
    addon: AddonDoc,
    users: Mapping[int, PublicUser],
    featured: Iterable[Featuring] = (),
    usable: Iterable[Usable] | None = None,
) -> Entry:
    """The entry of a searchable add-on (`facts.is_searchable`).

    `users` has the authors by id; an author missing there has no username term.
    `featured` are the add-on's places in featured sets, `usable` the ranges of its public
    versions (index/criteria/compatibility.py).
    """
    if usable is None:
        usable = usable_ranges(addon, facts.public_versions(addon))
    version = facts.current_version(addon)
    assert version is not None, "only searchable add-ons have entries"
    apps = facts.supported_apps(addon, version)
    groups = facts.promotions(addon, version)
    terms = [
        *unique_terms(addon["_id"], addon["slug"], addon["guid"]),
        _TYPE_TERMS.get(addon["type"]) or sys.intern(f"type:{addon['type']}"),
        *(_APP_TERMS[app] for app in apps),
        *_shared_terms(addon, version),
        *range_terms(usable),
    ]
    for group in groups:
        terms.append(sys.intern(f"promoted:{group['group']}"))
        terms += [sys.intern(f"promoted:{group['group']}:{app}") for app in group["apps"]]
    for user_id in _listed_authors(addon):
        if user := users.get(user_id):
            terms.append(sys.intern(f"username:{user.username}"))
    for place in featured:
        terms += featured_terms(place, addon["categories"].get(place.app, ()))
    recommended = any(group["group"] == facts.RECOMMENDED for group in groups)
    numbers = (*_addon_numbers(addon, recommended), *_app_ranges(ranges(addon, version)))
    name = default_text(addon["name"], addon["default_locale"]).lower()
    return Entry(addon["_id"], tuple(dict.fromkeys(terms)), numbers, name)


def unique_terms(addon_id: int, slug: str | None, guid: str | None) -> tuple[str, ...]:
    """The terms that no other add-on has; an entry starts with them."""
    terms = [f"id:{addon_id}"]
    if slug is not None:
        terms.append(f"slug:{slug.lower()}")
    if guid is not None:
        terms.append(f"guid:{guid.lower()}")
    return tuple(terms)


def pack_numbers(entry: Entry) -> bytes:
    """Packed as a numpy row of NUMBERS. Raises struct.error for a number out of range."""
    return _PACKED.pack(*entry.numbers)


def _listed_authors(addon: AddonDoc) -> Iterator[int]:
    """The ids of the authors who are listed."""
    return (author["user_id"] for author in addon["authors"] if author["listed"])


def _shared_terms(addon: AddonDoc, version: VersionDoc) -> Iterator[str]:
    """Categories, tags and other metadata; interned, because many add-ons share a term."""
    for app, slugs in addon["categories"].items():
        for slug in slugs:
            category = _CATEGORY_TERMS.get((app, addon["type"], slug))
            if category:
                yield category
    for tag in addon["tags"]:
        yield sys.intern(f"tag:{tag}")
    for user_id in _listed_authors(addon):
        yield sys.intern(f"author:{user_id}")
    for file in version["files"]:
        yield sys.intern(f"platform:{file['platform']}")
        for name in (*file["permissions"], *file["host_permissions"]):
            if term := _permission_term(name):
                yield term
    if license := version["license"]:
        yield license_term(license["slug"] or CUSTOM_LICENSE)
    if addon["colors"]:
        yield from map(sys.intern, color_terms(addon["colors"]))
    if addon["target_locale"]:
        yield "target_locale"


@lru_cache(maxsize=4096)
def _permission_term(name: str) -> str | None:
    """None for permissions that searches do not filter by, such as host patterns: there are too many."""
    return sys.intern(f"permission:{name}") if _PERMISSION.fullmatch(name) else None


def license_term(slug: str) -> str:
    """Slugs are case-insensitive."""
    return sys.intern(f"license:{slug.lower()}")


def featured_terms(place: Featuring, categories: Iterable[str]) -> Iterator[str]:
    """A term for each combination of conditions, because all of them must hold for the same place.

    A set without a category counts for all of the add-on's categories in that application
    (`categories`), so that a category filter finds its featured add-ons.
    """
    for app in (place.app, "*"):
        for locale in (place.locale or "all", "*"):
            for category in ("*", place.category) if place.category else ("*", *categories):
                yield sys.intern(f"featured:{app}:{locale}:{category}")


def _addon_numbers(addon: AddonDoc, recommended: bool) -> tuple[int | float, ...]:
    ratings = addon["ratings"]
    return (
        addon["average_daily_users"],
        addon["weekly_downloads"],
        _finite(addon["hotness"]),
        _finite(ratings["bayesian_average"]),
        _finite(ratings["average"]),
        milliseconds(addon["created"]),
        milliseconds(addon["last_updated"]),
        int(recommended),
        int(addon["is_experimental"]),
    )


def _finite(value: float) -> float:
    """NaN has no order, so it counts as 0; infinities become the largest numbers that JSON can have."""
    return max(-_MAX_FLOAT, min(value, _MAX_FLOAT)) if value == value else 0.0


def milliseconds(date: str | None) -> int:
    """Milliseconds since 1970 of a stored date `YYYY-MM-DDTHH:MM:SSZ`; MISSING without one."""
    if not date:
        return MISSING
    return int(datetime.fromisoformat(date).timestamp()) * 1000


def _app_ranges(ranges_by_app: Mapping[str, Range]) -> Iterator[int]:
    """The lowest and the highest version of each application, in the order of NUMBERS."""
    for app in APPS:
        yield from ranges_by_app.get(app, _NO_RANGE)
