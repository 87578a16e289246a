"""What can be asked of an add-on: its terms, its numbers, its name.

    entry = make_entry(addon, users)
    entry.terms                 -> ("id:7", "slug:tab-tree", "type:extension", ...)
    entry.number("users")       -> 1200

The one place that says which facts filters and sorts know. `index/columns/columns.py` and
`index/text/engine.py` evaluate the clauses of `index/criteria/clauses.py` against these. Pure, any
thread; made for every add-on at start, so it has to be cheap.

Terms (a value may itself hold colons; only the first word is the kind):

    id:7  slug:<slug>  guid:<guid>            of one add-on each, in lower case
    type:extension                            vocabulary.TYPES
    app:firefox                               the current version is made for it
    platform:linux                            a file of the current version
    category:22                               conf/categories.py
    tag:<tag>  author:<user id>  username:<username>      listed authors only
    license:mpl-2.0  license:custom           of the current version, built in or of the author's own
    permission:tabs                           a file of the current version asks for it when it is installed
    promoted:recommended  promoted:recommended:firefox    in force, for an application
    hue:<0..255>  grey:<0..255>  black  white             index/criteria/color.py
    featured:<app or *>:<locale, all or *>:<category or *>
    target_locale                             has one: a language tool
    fits:firefox:<lowest>:<highest>           one of its public versions is for these versions of Firefox
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

# The value of an integer column where an add-on has none: sorts last, within no range.
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
_PACK: Final = struct.Struct(
    "=" + "".join({"int64": "q", "float64": "d", "int8": "b"}[kind] for kind in NUMBERS.values())
)
_POSITIONS: Final = {column: position for position, column in enumerate(NUMBERS)}

_APP_TERMS: Final = {app: f"app:{app}" for app in APPS}
_TYPE_TERMS: Final = {name: f"type:{name}" for name in TYPES}
_CATEGORY_TERMS: Final = {
    (category.app, category.type, category.slug): f"category:{category.id}" for category in CATEGORIES
}
_PERMISSION: Final = re.compile(SEARCHED_PERMISSION)
_HUGE: Final = sys.float_info.max
_NO_RANGE: Final = (MISSING, MISSING)


class Featuring(NamedTuple):
    """A place in a featured set (v3; contract/search.md 2.6)."""

    app: str
    locale: str | None  # None: for all locales
    category: str | None  # None: the set is of no category


class Entry(NamedTuple):
    """One public add-on as filters and sorts see it."""

    id: int
    terms: tuple[str, ...]  # none twice
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
    """The facts of a public add-on (`facts.is_searchable` holds).

    `users` has the authors by id; one that is not there is found by id only.
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
        *own_terms(addon["_id"], addon["slug"], addon["guid"]),
        _TYPE_TERMS.get(addon["type"]) or sys.intern(f"type:{addon['type']}"),
        *(_APP_TERMS[app] for app in apps),
        *_described(addon, version),
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
    numbers = (*_counts(addon, recommended), *_ends(ranges(addon, version)))
    name = default_text(addon["name"], addon["default_locale"]).lower()
    return Entry(addon["_id"], tuple(dict.fromkeys(terms)), numbers, name)


def own_terms(addon_id: int, slug: str | None, guid: str | None) -> tuple[str, ...]:
    """The terms no other add-on has; the first ones of an entry."""
    terms = [f"id:{addon_id}"]
    if slug is not None:
        terms.append(f"slug:{slug.lower()}")
    if guid is not None:
        terms.append(f"guid:{guid.lower()}")
    return tuple(terms)


def pack_numbers(entry: Entry) -> bytes:
    """As numpy has them in a row of NUMBERS. Raises struct.error for one that is too large."""
    return _PACK.pack(*entry.numbers)


def _listed_authors(addon: AddonDoc) -> Iterator[int]:
    """The ids of the authors whose names may be shown."""
    return (author["user_id"] for author in addon["authors"] if author["listed"])


def _described(addon: AddonDoc, version: VersionDoc) -> Iterator[str]:
    """Terms of what authors say of an add-on. Interned, as many add-ons share each."""
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
    """None for what searches do not know, as patterns of addresses: there are too many of them."""
    return sys.intern(f"permission:{name}") if _PERMISSION.fullmatch(name) else None


def license_term(slug: str) -> str:
    """Slugs are told apart by their letters alone."""
    return sys.intern(f"license:{slug.lower()}")


def featured_terms(place: Featuring, categories: Iterable[str]) -> Iterator[str]:
    """Every way of asking for a place, so that one term holds all conditions for the same place.

    A set of no category stands for each of the add-on's own ones (`categories`, of the place's
    application): "filter by category" then gives the featured add-ons of the category.
    """
    for app in (place.app, "*"):
        for locale in (place.locale or "all", "*"):
            for category in ("*", place.category) if place.category else ("*", *categories):
                yield sys.intern(f"featured:{app}:{locale}:{category}")


def _counts(addon: AddonDoc, recommended: bool) -> tuple[int | float, ...]:
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
    """NaN has no place in an order; it counts as 0. The infinite has none in JSON."""
    return max(-_HUGE, min(value, _HUGE)) if value == value else 0.0


def milliseconds(date: str | None) -> int:
    """Since 1970, of a stored date `YYYY-MM-DDTHH:MM:SSZ`; MISSING for none."""
    if not date:
        return MISSING
    return int(datetime.fromisoformat(date).timestamp()) * 1000


def _ends(by_app: Mapping[str, Range]) -> Iterator[int]:
    """Lowest and highest application version, for each application."""
    for app in APPS:
        yield from by_app.get(app, _NO_RANGE)
