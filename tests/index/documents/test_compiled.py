"""CompiledObject objects are what the shapes make, byte for byte, whoever asks."""

import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import cast

import orjson
import pytest

from conf.locales import SUPPORTED, request_locale
from conf.model.addons import AddonDoc, LicenseDoc, UserDoc
from index import facts
from index.documents.compiled import _number, compile_object, finish, pick
from index.documents.users import PublicUser, public_user
from index.documents.variants import SITE_READERS, variant, variants
from index.shapes.versions import Shape
from index.shapes.view import View
from server.demo.catalogue import addon_documents, user_documents
from tests.factories import make_addon, make_preview, make_version
from tests.index.shapes.shape_context import USERS, VERSIONS, shapes

Makes = dict[str, Callable[[View], Shape]]

LANGS = (
    None, "en-US", "en-GB", "en", "en-AU", "de", "de-AT", "de-CH-1996", "fr", "fr-CA", "es", "es-ES", "es-AR",
    "es-VE", "pt", "pt-BR", "pt-AO", "ru", "ja", "ja-JP-mac", "zh-CN", "zh-HK", "zh-Hant-TW", "nb-NO", "nn",
    "sv", "ga", "bn", "tlh", "und",
)  # fmt: skip
ACCEPTED = (None, "fr", "de-DE,de;q=0.8", "ja", "xx")


def views(version: str, dice: random.Random) -> Iterator[View]:
    """In every language, with one of the states of everything else."""
    for lang in LANGS:
        yield View(
            version,
            lang,
            request_locale(lang, dice.choice(ACCEPTED)),
            dice.choice(("firefox", "android", "thunderbird")),
            wrap=version != "v5" and dice.random() < 0.5,
            grouped=dice.random() < 0.5,
        )


def makes(version: str, addon: AddonDoc, users: Mapping[int, PublicUser]) -> Makes:
    api, featured = shapes(version), addon["_id"] % 2 == 0
    by_kind: Makes = {
        "detail": lambda view: api.detail(addon, users, view, featured=featured),
        "suggestion": lambda view: api.suggestion(addon, view),
        "tool": lambda view: api.language_tool(addon, view),
    }
    if facts.is_searchable(addon):
        by_kind["row"] = lambda view: api.row(addon, users, view, featured=featured)
    return by_kind


def compare(addon: AddonDoc, users: Mapping[int, PublicUser], dice: random.Random) -> int:
    """How many answers were not in the records."""
    missing = 0
    for version in VERSIONS:
        for kind, make in makes(version, addon, users).items():
            records: dict[tuple[bool, bool], bytes] = {}  # by what the view switches on
            for view in views(version, dice):
                key = view.wrap, view.grouped
                if key not in records:
                    records[key] = compile_object(view, make).pack(b"{}")
                picked = pick(b"before" + records[key], view, b"{}", len(b"before"))
                missing += picked is None
                if picked is not None:
                    expected = orjson.dumps(make(view))
                    assert finish([picked + b"}", expected], view) == [expected] * 2, (kind, view)
    return missing


def texts(dice: random.Random) -> dict[str, str] | None:
    """In some languages, some of them blank; with what could be taken for a mark."""
    words = ("Tabs", "", "  ", '"\\\u0001\x01\x02\x04', '<a href="http://x.example/">x</a>', "\ufdd0a\u2028é")
    chosen = {locale: dice.choice(words) for locale in dice.sample(LANGS[1:], dice.randint(1, 6)) if locale}
    return chosen if dice.random() < 0.9 else None


def odd_addon(dice: random.Random, number: int) -> AddonDoc:
    def license(slug: str | None, texts: Callable[[random.Random], dict[str, str] | None]) -> LicenseDoc:
        return {"id": 1, "slug": slug, "name": texts(dice), "text": texts(dice), "url": None}

    licenses = [license("MPL-2.0", texts), license("all-rights-reserved", texts), license(None, texts), None]
    image = make_preview(caption=texts(dice), image_size=[680, 92])
    translated = ("name", "summary", "description", "developer_comments", "homepage", "support_email")
    version = make_version(license=dice.choice(licenses), release_notes=texts(dice))
    return make_addon(
        _id=number,
        type=dice.choice(("extension", "statictheme", "persona", "language", "dictionary")),
        target_locale=dice.choice((None, "de")),
        default_locale=dice.choice(("en-US", "de", "es-AR", "zh-TW", "tlh")),
        slug=dice.choice((None, "tab-tree", "größe \x01")),
        contributions_url=dice.choice(("", "https://pay.example/?a=1")),
        authors=[
            {"user_id": user_id, "role": "owner", "listed": True, "position": 0}
            for user_id in dice.sample([7, 8, 9, 10], 2)
        ],
        categories=dice.choice(({}, {"firefox": ["nature"]}, {"firefox": ["tabs"], "android": ["other"]})),
        previews=[image],
        persona=dice.choice((None, {"header": "x.png", "name": "Mine"})),
        promoted=dice.choice(([], [{"group": "recommended", "apps": ["firefox"]}])),
        support_url=texts(dice),
        versions=dice.choice(([], [version])),
        **{key: texts(dice) for key in translated},
    )


@pytest.mark.parametrize("seed", range(6))
def test_odd_addons(seed: int) -> None:
    dice = random.Random(seed)
    for number in range(4):
        compare(odd_addon(dice, number), USERS, dice)


def test_generated_addons_and_all_of_their_answers_are_there() -> None:
    addons = [addon for addon in cast(list[AddonDoc], list(addon_documents(0, 40))) if facts.is_public(addon)]
    people = cast(list[UserDoc], list(user_documents(0, 40)))
    users = {user["_id"]: public_user(user) for user in people}
    dice = random.Random(1)
    missing = sum(compare(addon, users, dice) for addon in addons[:6])
    assert missing == 0


def test_real_addons() -> None:
    from tests.index.shapes.test_real_addons import COLLECTIONS, document, users

    if not COLLECTIONS.exists():
        pytest.skip("the real answers are not at hand")
    dice = random.Random(2)
    with gzip.open(COLLECTIONS, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 40 == 0:
                source = json.loads(line)["addon"]
                source["ratings"]["grouped_counts"] = {"5": source["ratings"]["count"]}
                compare(document(source), users(source), dice)


@pytest.mark.parametrize("locales", [{"en-US"}, {"de", "en-US"}, {"es", "es-AR", "pt-BR"}, set(SUPPORTED)])
def test_every_supported_language_has_its_variant(locales: set[str]) -> None:
    known = frozenset(locales)
    for lang in (None, *SUPPORTED):
        for locale in SUPPORTED if lang is None else (lang,):
            number = variant(known, lang, locale)
            assert number is not None
            assert number < len(variants(known))


def test_a_reader_in_a_locale_of_the_site_is_found_without_a_look_at_the_languages_of_an_add_on() -> None:
    addon = make_addon(name={"en-US": "Tabs", "de": "Reiter", "pt-BR": "Abas", "es": "Pestañas"})
    make = makes("v4", addon, USERS)["row"]
    record = compile_object(View("v4"), make).pack(b"{}")
    _number.cache_clear()
    for lang, locale in SITE_READERS:
        view = View("v4", lang, locale)
        picked = pick(record, view, b"{}")
        assert picked is not None
        assert finish([picked + b"}"], view) == [orjson.dumps(make(view))], view
    assert _number.cache_info().misses == 0


def test_variants_are_few_where_texts_are_in_few_languages() -> None:
    assert len(variants(frozenset({"en-US"}))) <= 5
    assert len(variants(frozenset({"en-US", "de"}))) <= 8
