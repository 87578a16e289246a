"""Search parameters: values, errors and their order (contract/search.md 2 and 2.7, contract/versions.md 9).

Rules: contract/search.md 1, 6 and 11; contract/versions.md 8.
"""

import base64
from typing import Any

import pytest

from conf.vocabulary import VERSIONS
from index.criteria.clauses import AnyOf, Between, Clause, Fits, NoneOf
from server.search_params.errors import ParameterError
from server.search_params.filters import FILTERS, parse_filters
from server.search_params.parameters import SearchOptions
from tests.sweep import sweep

OLD = ("v3", "v4")
APP_TYPE = {"app": "firefox", "type": "extension"}
OF_APP_TYPE: list[Clause] = [AnyOf(("app:firefox",)), AnyOf(("type:extension",))]


def parse(params: dict[str, str], version: str = "v5", **options: Any) -> list[Clause | Fits]:
    return list(parse_filters(params, version, SearchOptions(**options)))


def refusal(params: dict[str, str], version: str = "v5", **options: Any) -> str:
    with pytest.raises(ParameterError) as caught:
        parse(params, version, **options)
    return str(caught.value)


def outcome_of(params: dict[str, str], version: str = "v5") -> list[Clause | Fits] | str:
    """The clauses, or the error."""
    try:
        return parse(params, version)
    except ParameterError as fault:
        return str(fault)


def category_of(params: dict[str, str], version: str = "v5") -> list[Clause | Fits] | str:
    """The same, without the clauses of the application and the type that a category needs."""
    outcome, needed = outcome_of(params, version), ("app:", "type:")
    if isinstance(outcome, str):
        return outcome
    return [part for part in outcome if not (isinstance(part, AnyOf) and part.terms[0].startswith(needed))]


def any_of(*terms: str) -> list[Clause]:
    return [AnyOf(terms)]


@pytest.mark.parametrize(
    ("params", "clauses"),
    [
        pytest.param({"app": "firefox"}, any_of("app:firefox"), id="app by name"),
        pytest.param({"app": "ANDROID"}, any_of("app:android"), id="app in any case"),
        pytest.param({"app": "61"}, any_of("app:android"), id="app by number"),
        pytest.param({"app": " 1 "}, any_of("app:firefox"), id="numbers tolerate spaces"),
        pytest.param({"author": "12"}, any_of("author:12"), id="author of digits is an id"),
        pytest.param({"author": "Ann,007,Ann"}, any_of("username:Ann", "author:7"), id="several authors"),
        pytest.param({"author": " ann"}, any_of("username: ann"), id="names are not trimmed"),
        pytest.param(
            {"exclude_addons": "12,tab-tree"}, [NoneOf(("id:12", "slug:tab-tree"))], id="exclude_addons"
        ),
        pytest.param({"guid": "a@b,{x}"}, any_of("guid:a@b", "guid:{x}"), id="guids, of any shape"),
        pytest.param({"guid": "rta:x@y"}, any_of("guid:rta:x@y"), id="rta: with @ is an ordinary guid"),
        pytest.param({"guid": "a@b,a@b"}, any_of("guid:a@b"), id="a guid twice"),
        pytest.param({"promoted": "line"}, any_of("promoted:line"), id="promoted group"),
        pytest.param(
            {"promoted": "LINE,Partner"}, any_of("promoted:line", "promoted:partner"), id="groups, any case"
        ),
        pytest.param(
            {"promoted": "badged"}, any_of("promoted:recommended", "promoted:line"), id="badged is an alias"
        ),
        pytest.param(
            {"promoted": "verified,line,sponsored"}, any_of("promoted:line"), id="obsolete groups dropped"
        ),
        pytest.param({"promoted": "verified"}, any_of(), id="only obsolete groups: no results"),
        pytest.param(
            {"app": "1", "promoted": "line"},
            [AnyOf(("app:firefox",)), AnyOf(("promoted:line:firefox",))],
            id="promoted for the application asked for",
        ),
        pytest.param({"tag": "a,b"}, [AnyOf(("tag:a",)), AnyOf(("tag:b",))], id="all tags"),
        pytest.param({"tag": "jetpack,a,firefox57"}, any_of("tag:a"), id="old tags are skipped"),
        pytest.param({"tag": "jetpack"}, [], id="only old tags: no filter"),
        pytest.param({"license": "mit"}, any_of("license:mit"), id="licence in any case"),
        pytest.param(
            {"license": "1,custom,MPL-2.0"}, any_of("license:mpl-2.0", "license:custom"), id="licences"
        ),
        pytest.param(
            {"permissions": "tabs,<all_urls>,*://*/*"},
            [AnyOf((f"permission:{name}",)) for name in ("tabs", "<all_urls>", "*://*/*")],
            id="all permissions",
        ),
        pytest.param({"type": "Extension,10"}, any_of("type:extension", "type:statictheme"), id="types"),
        pytest.param({"type": "any,theme"}, any_of("type:theme"), id="any adds nothing"),
        pytest.param({"type": "0"}, any_of(), id="any alone matches nothing"),
        pytest.param({"color": "0d0000"}, any_of("black"), id="colour"),
        pytest.param({"users__gte": "5"}, [Between("users", 5, None)], id="threshold"),
        pytest.param(
            {"users__lt": "9", "users__gt": "5"},
            [Between("users", None, 8), Between("users", 6, None)],
            id="thresholds combine",
        ),
        pytest.param({"users__foo": "x"}, [], id="other suffix is unknown"),
        pytest.param({"recommended": "true"}, [], id="recommended is gone"),
        pytest.param({"nonsense": "1", "lang": "fr", "page": "x", "App": "x"}, [], id="unknown parameters"),
        pytest.param(
            {"app": "firefox", "appversion": "46.0"},
            [
                AnyOf(("app:firefox",)),
                Between("min:firefox", None, 46000000200100),
                Between("max:firefox", 46000000000100, None),
            ],
            id="appversion",
        ),
    ],
)
@sweep("version", VERSIONS)
def test_value_in_every_version(version: str, params: dict[str, str], clauses: list[Clause]) -> None:
    assert parse(params, version) == clauses


def bad(name: str) -> str:
    return f'Invalid "{name}" parameter.'


@pytest.mark.parametrize(
    ("params", "text"),
    [
        *(
            pytest.param({"app": value}, bad("app"), id=f"app={value}")
            for value in ("chrome", "2", "firefox,1")
        ),
        pytest.param({"appversion": "46.0"}, bad("app"), id="appversion without app"),
        *(
            pytest.param({"app": "firefox", "appversion": value}, bad("appversion"), id=f"appversion={value}")
            for value in ("abc", "9.9", "-46")
        ),
        *(
            pytest.param({"color": value}, bad("color"), id=f"color={value}")
            for value in ("ff88", "zzz", "#")
        ),
        *(
            pytest.param({"guid": value}, bad("guid"), id=f"guid={value[:20]}")
            for value in ("12", "a@b,12", "a@b, 7 ", "1" * 5000)
        ),
        *(
            pytest.param({"license": value}, bad("license"), id=f"license={value}")
            for value in ("GPL", "mit,", "99", " mit")
        ),
        *(
            pytest.param({"permissions": value}, bad("permissions"), id=f"permissions={value[:20]}")
            for value in ("tabs,", "two words", "https://x.example/*", "x" * 65, "é")
        ),
        *(
            pytest.param({"promoted": value}, bad("promoted"), id=f"promoted={value}")
            for value in ("line,", "nobody", "1", "Verified", " line")
        ),
        *(
            pytest.param({"type": value}, bad("type"), id=f"type={value}")
            for value in ("extension,", "plugin", "7", "-1", " extension")
        ),
        *(
            pytest.param({name: "x"}, bad(name), id=name)
            for field in ("ratings", "users", "created", "updated")
            for name in (field, f"{field}__lt", f"{field}__lte", f"{field}__gt", f"{field}__gte")
        ),
    ],
)
@sweep("version", VERSIONS)
def test_refused_in_every_version(version: str, params: dict[str, str], text: str) -> None:
    assert refusal(params, version) == text


@pytest.mark.parametrize(
    ("version", "params", "outcome"),
    [
        # Applications: as documented in v3, Thunderbird's own calls in v4, current ones in v5.
        pytest.param("v3", {"app": "thunderbird"}, any_of("app:thunderbird"), id="v3 thunderbird"),
        pytest.param("v4", {"app": "Thunderbird"}, any_of("app:thunderbird"), id="v4 thunderbird"),
        pytest.param("v3", {"app": "59"}, any_of("app:seamonkey"), id="v3 seamonkey by number"),
        pytest.param("v5", {"app": "thunderbird"}, bad("app"), id="v5 no thunderbird"),
        pytest.param("v5", {"app": "59"}, bad("app"), id="v5 no seamonkey"),
        # Featured.
        pytest.param("v3", {"featured": "true"}, any_of("featured:*:*:*"), id="featured anywhere"),
        pytest.param("v3", {"featured": "TRUE"}, any_of("featured:*:*:*"), id="featured in any case"),
        pytest.param(
            "v3",
            {"featured": "true", "app": "firefox"},
            [AnyOf(("app:firefox",)), AnyOf(("featured:firefox:*:*",))],
            id="featured for an application",
        ),
        pytest.param(
            "v3",
            {"featured": "true", "lang": "FR-ca"},
            any_of("featured:*:fr-CA:*", "featured:*:fr:*", "featured:*:all:*"),
            id="featured for a language and for all",
        ),
        pytest.param(
            "v3", {"featured": "true", "lang": "pt"},
            any_of("featured:*:pt:*", "featured:*:pt-PT:*", "featured:*:all:*"),
            id="featured for the country that stands for a language",
        ),
        *(
            pytest.param("v3", {"featured": value}, bad("featured"), id=f"featured={value}")
            for value in ("false", "1")
        ),
        pytest.param("v4", {"featured": "nonsense"}, [], id="v4 has no featured"),
        pytest.param("v5", {"featured": "true"}, [], id="v5 has no featured"),
        # Platform.
        pytest.param(
            "v3", {"platform": "WinNT"}, any_of("platform:windows", "platform:all"), id="platform alias"
        ),
        pytest.param("v4", {"platform": "3"}, any_of("platform:mac", "platform:all"), id="platform number"),
        pytest.param("v4", {"platform": "all"}, any_of("platform:all"), id="platform all"),
        pytest.param("v4", {"platform": "amiga"}, bad("platform"), id="unknown platform"),
        pytest.param("v4", {"platform": "8"}, bad("platform"), id="unknown platform number"),
        pytest.param("v5", {"platform": "amiga"}, [], id="v5 has no platform"),
    ],
)  # fmt: skip
def test_difference_between_versions(
    version: str, params: dict[str, str], outcome: list[Clause] | str
) -> None:
    assert outcome_of(params, version) == outcome


@pytest.mark.parametrize(
    ("params", "outcome"),
    [
        pytest.param({**APP_TYPE, "category": "tabs"}, any_of("category:93"), id="slug"),
        pytest.param({**APP_TYPE, "category": "accessibility"}, any_of("category:74"), id="accessibility"),
        pytest.param({**APP_TYPE, "category": "TABS"}, any_of("category:93"), id="slug in any case"),
        pytest.param({**APP_TYPE, "category": "93"}, any_of("category:93"), id="number"),
        pytest.param(
            {"app": "firefox", "type": "theme,search", "category": "sports"},
            any_of("category:26", "category:90"),
            id="slug of several types",
        ),
        pytest.param(
            {"app": "android", "type": "1", "category": "other"},
            any_of("category:153"),
            id="of the application",
        ),
        pytest.param({"category": "tabs"}, [], id="ignored without both"),
        pytest.param({"app": "firefox", "category": "nonsense"}, [], id="ignored without type"),
        pytest.param({"type": "extension", "category": "nonsense"}, [], id="ignored without app"),
        pytest.param({**APP_TYPE, "category": "sports"}, bad("category"), id="slug of another type"),
        pytest.param({**APP_TYPE, "category": "9999"}, bad("category"), id="unknown number"),
        pytest.param(
            {"app": "firefox", "type": "theme,extension", "category": "animals"},
            bad("category"),
            id="slug of one type only",
        ),
        pytest.param({"app": "firefox", "type": "x", "category": "tabs"}, bad("type"), id="bad type"),
        pytest.param(
            {"app": "android", "type": "dictionary", "category": "general"},
            'Invalid combination of "app", "type" and "category" parameters.',
            id="type without categories in the application",
        ),
    ],
)  # fmt: skip
@sweep("version", OLD)
def test_category_of_the_old_versions(
    version: str, params: dict[str, str], outcome: list[Clause] | str
) -> None:
    assert category_of(params, version) == outcome


@pytest.mark.parametrize(
    ("params", "outcome"),
    [
        pytest.param({"type": "extension", "category": "tabs"}, any_of("category:93"), id="needs type only"),
        pytest.param(
            {"type": "dictionary", "category": "general"},
            any_of("category:95", "category:96", "category:97"),
            id="slug in every application",
        ),
        pytest.param({"type": "extension", "category": "93"}, any_of("category:93"), id="number"),
        pytest.param(
            {"type": "extension", "category": "accessibility"}, any_of("category:74"), id="accessibility"
        ),
        pytest.param({"category": "tabs"}, bad("type"), id="type absent"),
        pytest.param({"type": "x", "category": "tabs"}, bad("type"), id="type bad"),
        pytest.param({"type": "extension", "category": "nonsense"}, bad("category"), id="unknown slug"),
        pytest.param(
            {"type": "any", "category": "tabs"},
            'Invalid combination of "type" and "category" parameters.',
            id="type without categories",
        ),
    ],
)
def test_category_of_v5(params: dict[str, str], outcome: list[Clause] | str) -> None:
    assert category_of(params) == outcome


def test_recommended_addons_are_the_featured_ones_of_a_site_without_sets() -> None:
    everywhere = parse({"featured": "true", "lang": "fr"}, "v3", featured_sets=False)
    assert everywhere == any_of("promoted:recommended")


def test_clauses_stand_in_the_order_of_evaluation() -> None:
    assert parse({"type": "extension", "category": "tabs", "app": "firefox"}, "v4") == [
        OF_APP_TYPE[0],
        AnyOf(("category:93",)),
        OF_APP_TYPE[1],
    ]


# One bad value a parameter, in the order of contract/search.md 2.1 (platform where its name sorts).
BAD_VALUES = {
    "app": "x", "appversion": "x", "category": "x", "color": "x", "featured": "x", "guid": "1",
    "platform": "x", "promoted": "x", "ratings__lt": "x", "ratings__lte": "x", "ratings__gt": "x",
    "ratings__gte": "x", "ratings": "x", "type": "x", "users__lt": "x", "users": "x", "created__lt": "x",
    "created": "x", "updated__lt": "x", "updated": "x",
}  # fmt: skip
GOOD_VALUES = {"app": "firefox", "type": "extension"}


@pytest.mark.parametrize("name", BAD_VALUES)
def test_only_the_first_failure_is_told(name: str) -> None:
    names = list(BAD_VALUES)
    later = {later: BAD_VALUES[later] for later in names[names.index(name) :]}
    # `type` is looked at by `category` already; everything before it must be able to pass.
    good = {key: value for key, value in GOOD_VALUES.items() if key not in later or name == "category"}
    params = dict(reversed({**later, **good}.items()))
    assert refusal(params, "v3") == bad(name)


def test_order_of_the_table_is_the_documented_one() -> None:
    documented = [*BAD_VALUES]
    assert sorted(documented, key=[row.name for row in FILTERS].index) == documented


def encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("value", "guid"),
    [
        pytest.param("rta:Zm9vQGJhci5vcmc", "foo@bar.org", id="the reference's example"),
        pytest.param("rta:Zm9vQGJhci5vcmc=", "foo@bar.org", id="padded"),
        pytest.param(
            "rta:" + encode("{" + "0a" * 4 + "-0a0a-0a0a-0a0a-" + "0a" * 6 + "}"), None, id="braces"
        ),
    ],
)
def test_return_to_amo_decodes_a_guid_of_a_badged_addon(value: str, guid: str | None) -> None:
    guid = guid or base64.urlsafe_b64decode(value[4:] + "==").decode()
    badged = AnyOf(("promoted:recommended", "promoted:line"))
    assert parse({"guid": value}) == [AnyOf((f"guid:{guid}",)), badged]
    assert parse({"guid": value}, return_to_amo_all_listed=True) == [AnyOf((f"guid:{guid}",))]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("rta:", id="nothing"),
        pytest.param("rta:Zm9vQGJhci5vcmc,Zm9v", id="no list"),
        pytest.param("rta:Zm9vQGJhci5vcm c", id="space"),
        pytest.param("rta:Zm9vQGJhci5vcmc===", id="too much padding"),
        pytest.param("rta:" + encode("no guid"), id="not a guid"),
        pytest.param("rta:" + encode("{0}"), id="braces without a uuid"),
        pytest.param("rta:gICA", id="not UTF-8"),
        pytest.param("rta:Zm9vQ", id="impossible length"),
        pytest.param("rta:Zm9v\0", id="NUL"),
        pytest.param("rta:ẞẞẞẞ", id="not ASCII"),
    ],
)
def test_return_to_amo_refuses(value: str) -> None:
    assert refusal({"guid": value}) == "Invalid Return To AMO guid (not in base64url format?)"


def test_return_to_amo_can_be_off() -> None:
    text = "Return To AMO is currently disabled"
    assert refusal({"guid": "rta:nonsense"}, return_to_amo=False) == text
    assert parse({"guid": "rta:x@y"}, return_to_amo=False) == any_of("guid:rta:x@y")


def test_refusal_speaks_the_language_of_the_request() -> None:
    with pytest.raises(ParameterError) as caught:
        parse({"app": "x"})
    german = caught.value.text("de")
    assert german != str(caught.value)
    assert "app" in german
