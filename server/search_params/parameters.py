"""Reads the values of filter parameters as clauses of a search.

Each reader takes the value and the request that it is part of, and yields the
clauses that an add-on has to match. contract/search.md 2 has the rules, names and
errors, conf/gates.py the differences between versions. Items of comma lists are not
trimmed, except numbers. The functions are pure, accept any input and raise only
ParameterError.
"""

import base64
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from conf import categories, licenses, vocabulary
from conf.appversion import search_range
from conf.gates import enabled
from conf.limits import MAX_GUIDS, MAX_VALUES
from conf.locales import chain
from conf.numbers import read_number
from index.criteria.clauses import AnyOf, Between, Clause, Fits, NoneOf
from index.criteria.color import clean_hex, matching_terms
from index.entry import MAX_OF, MIN_OF, license_term
from server.search_params.errors import ParameterError, invalid


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """Settings that affect searches."""

    return_to_amo: bool = True
    return_to_amo_all_listed: bool = False  # False: recommended and line add-ons only
    featured_sets: bool = True  # without any, recommended add-ons count as featured
    older_versions_for: Collection[str] = ()  # applications for which an older version may fit `appversion`


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """The parameters of a request: name -> last value sent, none of them empty."""

    params: Mapping[str, str]
    version: str  # "v3", "v4", "v5"
    options: SearchOptions


_ANY: Final = vocabulary.ANY_TYPE[0]
_Choices = Mapping[str | int, str]


def _choices(names: Mapping[str, str], numbers: Mapping[int, str]) -> _Choices:
    """The value of a name in lower case, or of a number."""
    return dict([*names.items(), *numbers.items()])


_APPS: Final = {
    legacy: _choices({app.short: app.short for app in apps}, {app.id: app.short for app in apps})
    for legacy in (True, False)
    for apps in [[app for app in vocabulary.APPS.values() if legacy or not app.legacy]]
}
_TYPES: Final = _choices(
    {name: name for name in (*vocabulary.TYPES, _ANY)},
    {**vocabulary.TYPE_NUMBERS, vocabulary.ANY_TYPE[1]: _ANY},
)
_PLATFORMS: Final = _choices(
    vocabulary.PLATFORM_ALIASES,
    {platform.id: platform.name for platform in vocabulary.PLATFORMS.values()},
)
_GROUPS: Final = {
    **{group.name: (group.name,) for group in vocabulary.PROMOTED_GROUPS.values() if group.searchable},
    vocabulary.BADGED: vocabulary.BADGED_GROUPS,
}
_OBSOLETE_GROUPS: Final = vocabulary.PROMOTED_GROUPS.keys() - _GROUPS.keys()


def _categories_by_slug() -> dict[tuple[str | None, str], dict[str, tuple[int, ...]]]:
    """(app, type) -> slug -> ids. For the app None these are of all applications, which may share a slug."""
    table: dict[tuple[str | None, str], dict[str, tuple[int, ...]]] = {}
    for category in categories.CATEGORIES:
        for name in (category.app, None):
            slugs = table.setdefault((name, category.type), {})
            slugs[category.slug] = (*slugs.get(category.slug, ()), category.id)
    return table


_CATEGORIES: Final = _categories_by_slug()
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_PERMISSION: Final = re.compile(vocabulary.SEARCHED_PERMISSION)
_LICENSES: Final = _choices(
    {
        slug.lower(): slug
        for slug in (*(license.slug for license in licenses.LICENSES), vocabulary.CUSTOM_LICENSE)
    },
    {license.id: license.slug for license in licenses.LICENSES},
)
_GUID: Final = re.compile(vocabulary.GUID_PATTERN)


def _parse_choice(name: str, item: str, choices: _Choices) -> str:
    """The choice by its name in any case or by its number. Raises `Invalid "<name>" parameter.`"""
    number = read_number(item.strip())
    choice = choices.get(item.lower() if number is None else number)
    if choice is None:
        raise invalid(name)
    return choice


def _identifier_term(item: str, kind: str) -> str:
    """`id:7` for a number, else `<kind>:<item>`."""
    number = read_number(item.strip())
    return f"{kind}:{item}" if number is None else f"id:{number}"


def values(name: str, value: str, limit: int = MAX_VALUES) -> list[str]:
    """The distinct values of a comma list, in the order sent. Raises ParameterError above `limit`."""
    distinct = list(dict.fromkeys(value.split(",")))
    if len(distinct) > limit:
        raise ParameterError("too_many_values", name=name, limit=limit)
    return distinct


def boolean(name: str, params: Mapping[str, str]) -> bool:
    """A flag; False without the parameter. Raises ParameterError for an invalid value."""
    value = vocabulary.BOOLEANS.get(params.get(name, "false").lower())
    if value is None:
        raise invalid(name)
    return value


def _any_term(terms: Iterable[str]) -> AnyOf:
    return AnyOf(tuple(dict.fromkeys(terms)))


def parse_app(request: SearchRequest) -> str:
    """The requested application. Raises `Invalid "app" parameter.`, also without one."""
    return _parse_choice("app", request.params.get("app", ""), _APPS[enabled(request.version, "legacy_apps")])


def parse_types(request: SearchRequest) -> list[str]:
    """The requested types, which may include `any`. Raises `Invalid "type" parameter.`, also without one."""
    sent = values("type", request.params.get("type", ""))
    return [_parse_choice("type", item, _TYPES) for item in sent]


def app(value: str, request: SearchRequest) -> Iterator[Clause]:
    """The current version's application; nothing if `appversion` filters, as an older version may fit."""
    name = parse_app(request)
    if "appversion" not in request.params or name not in request.options.older_versions_for:
        yield AnyOf((f"app:{name}",))


def appversion(value: str, request: SearchRequest) -> Iterator[Clause | Fits]:
    name = parse_app(request)
    bounds = search_range(value)
    if bounds is None:
        raise invalid("appversion")
    low, high = bounds
    if name in request.options.older_versions_for:
        yield Fits(name, low, high)
    else:
        yield Between(MIN_OF[name], None, low)
        yield Between(MAX_OF[name], high, None)


def author(value: str, request: SearchRequest) -> Iterator[Clause]:
    with_numbers = ((item, read_number(item.strip())) for item in values("author", value))
    yield _any_term(f"username:{item}" if id_ is None else f"author:{id_}" for item, id_ in with_numbers)


def category(value: str, request: SearchRequest) -> Iterator[Clause]:
    """v3 and v4 ignore it without `app` and `type`, v5 refuses it without `type` (contract/versions.md 9)."""
    needs_app = enabled(request.version, "category_needs_app")
    if needs_app and not {"app", "type"} <= request.params.keys():
        return
    name = parse_app(request) if needs_app else None
    tables = [_CATEGORIES.get((name, kind), {}) for kind in parse_types(request)]
    if not all(tables):
        raise ParameterError("invalid_app_type_category" if needs_app else "invalid_type_category")
    yield _any_term(f"category:{id_}" for id_ in _category_ids(value, tables))


def _category_ids(value: str, tables: list[dict[str, tuple[int, ...]]]) -> Iterator[int]:
    """The category of this number, or for each of the types the categories of this slug."""
    number = read_number(value.strip())
    if number is not None:
        if number not in categories.BY_ID:
            raise invalid("category")
        yield number
        return
    for table in tables:
        if value.lower() not in table:
            raise invalid("category")
        yield from table[value.lower()]


def color(value: str, request: SearchRequest) -> Iterator[Clause]:
    hex6 = clean_hex(value)
    if hex6 is None:
        raise invalid("color")
    yield AnyOf(matching_terms(hex6))


def exclude_addons(value: str, request: SearchRequest) -> Iterator[Clause]:
    excluded = values("exclude_addons", value)
    yield NoneOf(tuple(dict.fromkeys(_identifier_term(item.lower(), "slug") for item in excluded)))


def featured(value: str, request: SearchRequest) -> Iterator[Clause]:
    """The original meaning, in v3 only (contract/search.md 2.6, contract/versions.md 6)."""
    if value.lower() != "true":
        raise invalid("featured")
    name = parse_app(request) if "app" in request.params else None
    if request.options.featured_sets:
        yield featured_clause(name, request.params.get("lang"))
    else:
        yield recommended_clause(name)


def recommended_clause(app_name: str | None) -> AnyOf:
    """The featured add-ons of a site without featured sets (index/criteria/featured.py)."""
    return AnyOf((f"promoted:recommended:{app_name}" if app_name else "promoted:recommended",))


def featured_clause(app_name: str | None, lang: str | None, category_slug: str | None = None) -> AnyOf:
    """Matches add-ons that are in a featured set for all these conditions together.

    With `lang`, these are sets for readers of that language and sets for everybody.
    """
    locales = (*chain(lang), "all") if lang else ("*",)
    return AnyOf(tuple(f"featured:{app_name or '*'}:{locale}:{category_slug or '*'}" for locale in locales))


def guid(value: str, request: SearchRequest) -> Iterator[Clause]:
    if value.startswith(vocabulary.RETURN_TO_AMO_PREFIX) and "@" not in value:
        yield from _return_to_amo(value.removeprefix(vocabulary.RETURN_TO_AMO_PREFIX), request.options)
        return
    if any(map(str.isdigit, map(str.strip, value.split(",")))):
        raise invalid("guid")
    # The prefix is inserted into the whole list at once, because most callers send a hundred guids.
    yield AnyOf(tuple(values("guid", f"guid:{value.lower().replace(',', ',guid:')}", MAX_GUIDS)))


def _return_to_amo(encoded: str, options: SearchOptions) -> Iterator[Clause]:
    """A guid in base64url, of an add-on that may be offered for installation."""
    if not options.return_to_amo:
        raise ParameterError("return_to_amo_disabled")
    decoded = _decode(encoded)
    if decoded is None or not _GUID.fullmatch(decoded):
        raise ParameterError("return_to_amo_invalid")
    yield AnyOf((f"guid:{decoded.lower()}",))
    if not options.return_to_amo_all_listed:
        yield AnyOf(tuple(f"promoted:{group}" for group in vocabulary.BADGED_GROUPS))


def _decode(encoded: str) -> str | None:
    if not _BASE64URL.fullmatch(encoded):
        return None
    unpadded = encoded.rstrip("=")
    try:
        return base64.urlsafe_b64decode(unpadded + "=" * (-len(unpadded) % 4)).decode()
    except ValueError:  # a length that no padding completes, or invalid UTF-8
        return None


def license_(value: str, request: SearchRequest) -> Iterator[Clause]:
    yield _any_term(
        license_term(_parse_choice("license", item, _LICENSES)) for item in values("license", value)
    )


def permissions(value: str, request: SearchRequest) -> Iterator[Clause]:
    """An add-on has to match all values, as with tags."""
    for name in values("permissions", value):
        if not _PERMISSION.fullmatch(name):
            raise invalid("permissions")
        yield AnyOf((f"permission:{name}",))


def platform(value: str, request: SearchRequest) -> Iterator[Clause]:
    """Files for all platforms match every platform."""
    name = _parse_choice("platform", value, _PLATFORMS)
    yield _any_term((f"platform:{name}", f"platform:{vocabulary.DEFAULT_PLATFORM}"))


def promoted(value: str, request: SearchRequest) -> Iterator[Clause]:
    """Add-ons in one of the groups, for the application if one is sent; without any group, no add-ons."""
    groups: list[str] = []
    for item in values("promoted", value):
        if item not in _OBSOLETE_GROUPS:  # obsolete groups, in lower case only
            group_names = _GROUPS.get(item.lower())
            if group_names is None:
                raise invalid("promoted")
            groups += group_names
    suffix = f":{parse_app(request)}" if "app" in request.params else ""
    yield _any_term(f"promoted:{group}{suffix}" for group in groups)


def tag(value: str, request: SearchRequest) -> Iterator[Clause]:
    for item in values("tag", value):
        if item not in vocabulary.IGNORED_TAGS:
            yield AnyOf((f"tag:{item}",))


def type_(value: str, request: SearchRequest) -> Iterator[Clause]:
    yield _any_term(f"type:{kind}" for kind in parse_types(request) if kind != _ANY)
