"""Every text of every endpoint and version goes by one chain of languages (contract/versions.md 14,
contract/requests.md 7).

One add-on has every translated field in the same languages, `LOCALE: field`. Each row of ASKED says whose
text a reader gets; each reader of TEXTS says where an endpoint has some.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.factories import (
    make_addon,
    make_file,
    make_language_pack,
    make_preview,
    make_rating,
    make_user,
    make_version,
)
from tests.handlers.signed_client import Api, lines, signed
from tests.sweep import sweep

VERSIONS = ("v3", "v4", "v5")
STORED = ("en-US", "de", "es-ES", "pt-PT", "pt-BR", "zh-CN", "ja", "el", "bn-BD")
# `lang` -> the locale whose text that is; None: the default's, as there is none of the language.
ASKED: dict[str, str | None] = {
    "de": "de",
    "de-AT": "de",
    "de_AT": "de",
    "DE-ch": "de",
    "es": "es-ES",
    "es-ES": "es-ES",
    "es-MX": "es-ES",
    "pt": "pt-PT",
    "pt-AO": "pt-PT",
    "pt-br": "pt-BR",
    "zh": "zh-CN",
    "zh-HK": "zh-CN",
    "ja": "ja",
    "ja-JP-mac": "ja",
    "el-GR": "el",
    "bn": "bn-BD",
    "en-US": "en-US",
    "en": None,
    "en-GB": None,
    "fr": None,
    "fr-CA": None,
    "sr": None,
}
# The spelling in which what was asked for is a key of v5.
SPELLED = {"de_AT": "de-AT", "DE-ch": "de-CH", "pt-br": "pt-BR"}


def texts(field: str) -> dict[str, str]:
    return {locale: f"{locale}: {field}" for locale in STORED}


def addresses(field: str) -> dict[str, str]:
    return {locale: f"https://{field}.example/{locale}" for locale in STORED}


def _version(**fields: Any) -> Any:
    license = {"id": 9, "slug": None, "name": texts("license"), "text": texts("law"), "url": None}
    return make_version(release_notes=texts("notes"), license=license, **fields)


ANN = make_user(_id=7, biography=texts("biography"))
ADDON = make_addon(
    _id=1,
    name=texts("name"),
    summary=texts("summary"),
    description=texts("description"),
    developer_comments=texts("comments"),
    homepage=addresses("home"),
    support_url=addresses("support"),
    support_email={locale: f"{locale}@support.example" for locale in STORED},
    eula=texts("eula"),
    privacy_policy=texts("privacy"),
    promoted=[{"group": "recommended", "apps": ["firefox"]}],
    previews=[make_preview(caption=texts("caption"))],
    versions=[_version(id=10)],
)
PACK = make_language_pack(
    name=texts("pack"),
    description={"en-US": "Words.", "de-AT": "Verwaltet geöffnete Fenster."},
    versions=[make_version(id=20, files=[make_file(id=200)])],
)
DATE = "2024-01-02T03:04:05Z"
RATING = make_rating(score=4)
COLLECTION = {
    "_id": 1,
    "author_id": 7,
    "slug": "picks",
    "name": texts("picks"),
    "addons": [{"addon_id": 1, "notes": texts("item"), "added": DATE}],
    "created": DATE,
    "modified": DATE,
}
DISCOVERY = [
    {"_id": 1, "addon_id": 1, "position": 0, "editions": []},
    {"_id": 2, "addon_id": 1, "position": 1, "heading": texts("heading"), "description": texts("why")},
]
FEATURED = {"_id": 1, "app": "firefox", "locale": "es-ES", "category": None, "addons": [1]}
DOCUMENTS = [
    *lines("user", ANN),
    *lines("addon", ADDON, PACK),
    *lines("rating", RATING),
    *lines("collection", COLLECTION),
    *lines("discovery", *DISCOVERY),
    *lines("featured", FEATURED),
    *lines("curated", {"_id": "recommendations", "guids": ["tab-tree@example.org"]}),
]


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with signed(tmp_path_factory.mktemp("languages"), DOCUMENTS, mongod) as started:
        yield started


def of_row(addon: Any) -> dict[str, Any]:
    """The texts of an add-on in a list, by field."""
    linked = {"home": addon["homepage"], "support": addon["support_url"]}
    texts = {
        "name": addon["name"],
        "summary": addon["summary"],
        "description": addon["description"],
        "comments": addon["developer_comments"],
        "email": addon["support_email"],
        "caption": addon["previews"][0]["caption"],
    }
    release = addon["current_version"]
    if "release_notes" in release:
        texts |= {"notes": release["release_notes"], "license": release["license"]["name"]}
    return texts | linked


def of_version(version: Any) -> dict[str, Any]:
    texts = {"notes": version["release_notes"], "license": version["license"]["name"]}
    return texts | ({"law": version["license"]["text"]} if "text" in version["license"] else {})


def _first(read: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    return lambda body: read(body["results"][0])


# Path below /api/vN/ -> the translated texts of its answer, by field.
TEXTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "addons/addon/1/": of_row,
    "addons/addon/1/?show_grouped_ratings=1": of_row,
    "addons/search/?type=extension": _first(of_row),
    "addons/search/?q=name&type=extension": _first(of_row),
    "addons/autocomplete/?type=extension": _first(lambda addon: {"name": addon["name"]}),
    "addons/recommendations/?guid=pack@example.org": _first(of_row),
    "addons/language-tools/?app=firefox&type=language": _first(lambda addon: {"pack": addon["name"]}),
    "addons/addon/1/eula_policy/": lambda body: {"eula": body["eula"], "privacy": body["privacy_policy"]},
    "addons/addon/1/versions/": _first(of_version),
    "addons/addon/1/versions/10/": of_version,
    "accounts/account/7/collections/picks/addons/": _first(
        lambda item: {"item": item["notes"], **of_row(item["addon"])}
    ),
    "discovery/": _first(lambda item: of_row(item["addon"])),
    "ratings/rating/?addon=1": _first(lambda rating: {"name": rating["addon"]["name"]}),
    "ratings/rating/1/": lambda rating: {"name": rating["addon"]["name"]},
    "addons/featured/?app=firefox": _first(of_row),
}
ONLY: dict[str, tuple[str, ...]] = {"addons/featured/?app=firefox": ("v3",)}


def plain(version: str, value: Any) -> Any:
    """What is said, without the wrapping of v5's addresses."""
    return value["url"] if version == "v5" and isinstance(value, dict) and "outgoing" in value else value


def expected(field: str, version: str, lang: str, locale: str | None) -> Any:
    stored = {
        "home": addresses("home"),
        "support": addresses("support"),
        "email": {each: f"{each}@support.example" for each in STORED},
    }.get(field) or texts(field)
    if version != "v5":
        return stored[locale or "en-US"]
    if locale is None:
        return {"en-US": stored["en-US"], SPELLED.get(lang, lang): None, "_default": "en-US"}
    return {locale: stored[locale]}


@sweep("version", VERSIONS)
@pytest.mark.parametrize("path", TEXTS)
def test_every_text_is_in_the_language_that_comes_first(api: Api, version: str, path: str) -> None:
    if version not in ONLY.get(path, VERSIONS):
        return
    words = path.replace("ratings/rating/", "reviews/review/") if version == "v3" else path
    for lang, locale in ASKED.items():
        if "featured" in path and not lang.startswith("es"):
            continue  # a set for readers of Spanish
        answer = api.ask("GET", version, f"{words}{'&' if '?' in words else '?'}lang={lang}")
        assert answer.status == 200, answer.body
        texts = {field: plain(version, value) for field, value in TEXTS[path](answer.json).items()}
        assert texts == {field: expected(field, version, lang, locale) for field in texts}, lang
        assert list(texts.values()) == [expected(field, version, lang, locale) for field in texts]


@sweep("version", VERSIONS)
@pytest.mark.parametrize("lang", ASKED)
def test_plain_texts_are_plain_in_every_version(api: Api, version: str, lang: str) -> None:
    locale = ASKED[lang] or "en-US"
    usual, own = api.ask("GET", version, f"discovery/?lang={lang}").json["results"]
    assert (usual["heading_text"], usual["description_text"]) == (f"{locale}: name", f"{locale}: summary")
    assert (own["heading_text"], own["description_text"]) == (f"{locale}: heading", f"{locale}: why")
    account = api.ask("GET", version, f"accounts/account/7/?lang={lang}").json
    assert account["biography"] == f"{locale}: biography"


@pytest.mark.parametrize(
    ("lang", "segment", "category"),
    [
        ("de-AT", "de", "Lesezeichen"),
        ("de_AT", "de", "Lesezeichen"),
        ("es", "es", "Marcadores"),
        ("es-MX", "es-MX", "Marcadores"),
        ("es-CO", "es", "Marcadores"),
        ("pt", "pt-PT", "Marcadores"),
        ("ja-JP-mac", "ja", "ブックマーク"),
        ("el-GR", "el", "Bookmarks"),
        ("xx", "en-US", "Bookmarks"),
    ],
)
@sweep("version", VERSIONS)
def test_addresses_and_categories_go_by_the_same_chain(
    api: Api, version: str, lang: str, segment: str, category: str
) -> None:
    addon = api.ask("GET", version, f"addons/addon/1/?lang={lang}").json
    assert f"/{segment}/firefox/addon/" in addon["url"]
    categories = api.ask("GET", version, f"addons/categories/?lang={lang}").json
    [bookmarks] = [each for each in categories if each["id"] == 22]
    assert bookmarks["name"] == category


@pytest.mark.parametrize(
    ("lang", "count"), [("de", 1), ("de-AT", 1), ("de_AT", 1), ("de-CH", 1), ("en-US", 0), ("fr", 0)]
)
def test_a_search_reads_words_as_readers_of_the_language_do(api: Api, lang: str, count: int) -> None:
    """The text says `Fenster`, of which this is another case."""
    assert api.ask("GET", "v5", f"addons/search/?q=fensters&lang={lang}").json["count"] == count


@sweep("version", ["v3"])
@pytest.mark.parametrize(("lang", "count"), [("es", 1), ("es-ES", 1), ("es-MX", 1), ("fr", 0), ("de", 0)])
def test_featured_sets_are_for_readers_of_their_language(
    api: Api, version: str, lang: str, count: int
) -> None:
    results = api.ask("GET", version, f"addons/featured/?app=firefox&lang={lang}").json["results"]
    assert len(results) == count
    assert api.ask("GET", version, f"addons/search/?featured=true&lang={lang}").json["count"] == count


UNUSUAL = {"en-US": "Tab Tree", "ca-valencia": "català", "ja-JP-mac": "日本語", "sr-Latn-RS": "srpski"}


def test_unusual_locales_are_kept_and_found(
    mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with signed(tmp_path_factory.mktemp("unusual"), lines("addon", make_addon(name=UNUSUAL)), mongod) as api:
        for lang, key in (
            ("ca-VALENCIA", "ca-valencia"),
            ("ja_JP_MAC", "ja-JP-mac"),
            ("sr-latn-rs", "sr-Latn-RS"),
        ):
            assert api.ask("GET", "v5", f"addons/addon/1/?lang={lang}").json["name"] == {key: UNUSUAL[key]}
