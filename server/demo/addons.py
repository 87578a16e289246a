"""An add-on of the demonstration catalogue: its traits are decided first, then its document is made."""

from typing import Any, Final

from conf import categories
from conf.model.addons import Translated
from server.demo import people
from server.demo.dice import DAYS, Dice, first_day, format_day
from server.demo.releases import VERSION_IDS, versions
from server.demo.texts import (
    CATALOGUE,
    COINED,
    DEFAULT,
    ENGLISH,
    LOCALES,
    NOUNS,
    TONGUES,
    TOPICS,
    TextWriter,
    Traits,
    coined_word,
)

# Above every id of AMO, so that real add-ons can be loaded beside them.
FIRST_ID: Final = 10_000_001
# The first ones are the most used, with 15 million users and fewer, and always public.
STARS: Final = 40
MAX_USERS: Final = 15_000_000
_MAX_OTHER_USERS: Final = 400_000

# A step through all pairs of coined word and topic that meets each once before any twice.
_PAIRS: Final = COINED * TOPICS
_STEP: Final = 1_234_577


_TYPES: Final[dict[str, dict[str, Any]]] = CATALOGUE["types"]
TYPE_SHARES: Final = {kind: row["share"] for kind, row in _TYPES.items()}
STATE_SHARES: Final[dict[str, float]] = CATALOGUE["states"]
_WORDS: Final[dict[str, list[str]]] = CATALOGUE["words"]
_DEFAULT_LOCALES: Final = ("en-US",) * 40 + tuple(_WORDS["default_locales"])
_LOCALE_COUNTS: Final = (1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 6)
_SLUGS: Final = {
    (app, kind): tuple(category.slug for category in categories.for_type(kind, app))
    for app in ("firefox", "android", "thunderbird")
    for kind in _TYPES
}
_TAGS: Final[list[str]] = ENGLISH["words"]["tags"]
_PREVIEW_COUNTS: Final = (0, 0, 0, 1, 1, 2, 3, 5)


def decide(number: int, dice: Dice) -> Traits:
    """The traits of add-on `number`; `dice` was just set to it, and is used further afterwards."""
    word, topic = divmod(number * _STEP % _PAIRS, TOPICS)
    coined = coined_word(word)
    kind = _share(TYPE_SHARES, dice.roll()) if number >= STARS else "extension"
    state = _share(STATE_SHARES, dice.roll()) if number >= STARS else "public"
    first, last = _TYPES[kind]["years"]
    start, end = first_day(first), min(first_day(last + 1), DAYS - 30)
    created = start + (end - start) * dice.roll() ** 0.7
    return Traits(
        number=number,
        id=FIRST_ID + number,
        coined=coined,
        topic=topic,
        slug=f"{coined}-{NOUNS[topic]}" + (f"-{number // _PAIRS}" if number >= _PAIRS else ""),
        type=kind,
        state=state,
        created=created,
        updated=created + (DAYS - created) * dice.roll() ** 2,
        users=_users(number, dice),
        locales=_locales(dice, _DEFAULT_LOCALES if number >= STARS else (DEFAULT,)),
        tongue=dice.pick(TONGUES) if kind in ("dictionary", "language") else None,
    )


def _share(shares: dict[str, float], roll: float) -> str:
    for word, share in shares.items():
        roll -= share
        if roll < 0:
            return word
    return next(iter(shares))


def _users(number: int, dice: Dice) -> int:
    """Few have many and many have few, as Zipf's law says."""
    if number < STARS:
        return int(MAX_USERS / (number + 1) ** 0.95)
    return min(int(6 * (1 - dice.roll()) ** -1.3) - 6, _MAX_OTHER_USERS)


def _locales(dice: Dice, defaults: tuple[str, ...]) -> list[str]:
    default = dice.pick(defaults)
    locales = dice.sample(LOCALES, dice.pick(_LOCALE_COUNTS) - 1)
    if default != DEFAULT and dice.chance(0.6):
        locales.append(DEFAULT)
    return [default, *(locale for locale in locales if locale != default)]


def addon(number: int, dice: Dice) -> dict[str, Any]:
    """The AddonDoc of add-on `number`, which depends on nothing but `number`."""
    dice.seed(number)
    traits = decide(number, dice)
    texts = TextWriter(traits, dice)
    version_docs = versions(traits, texts, dice)
    last_updated = _last_updated(version_docs)
    created = format_day(traits.created)
    return {
        **_identity(traits, dice),
        **_text_fields(traits, texts, dice),
        "authors": people.authors(number, dice),
        "pending_authors": people.pending_authors(number),
        "categories": _categories(traits, version_docs, dice),
        "tags": dice.sample(_TAGS, dice.below(7)) if traits.type == "extension" else [],
        "icons": _icons(traits, dice),
        "previews": _previews(traits, texts, dice),
        "colors": _colors(dice) if traits.type == "statictheme" else [],
        "promoted": _promoted(traits, dice),
        "ratings": _ratings(traits, dice),
        "average_daily_users": traits.users,
        "weekly_downloads": int(traits.users * (0.01 + 0.05 * dice.roll())),
        "hotness": round(dice.roll() ** 4 * 2 - 0.2, 6),
        "is_experimental": dice.chance(0.03),
        "is_noindexed": dice.chance(0.005),
        "requires_payment": dice.chance(0.04),
        "target_locale": traits.tongue.locale if traits.tongue else None,
        "locale_disambiguation": traits.coined.title() if traits.tongue and dice.chance(0.1) else None,
        "persona": _persona(traits) if traits.type == "persona" else None,
        "region_exclusions": dice.sample(_WORDS["countries"], 2)
        if number >= STARS and dice.chance(0.003)
        else [],
        "content_review": _content_review(traits, last_updated),
        "created": created,
        "last_updated": last_updated,
        "modified": last_updated or created,
        "versions": version_docs,
        "revision": 1,
    }


def _identity(traits: Traits, dice: Dice) -> dict[str, Any]:
    status = "incomplete" if traits.state == "unlisted" else traits.state
    return {
        "_id": traits.id,
        "guid": _guid(traits, dice),
        "slug": None if status == "deleted" else traits.slug,
        "type": traits.type,
        "status": status,
        "disabled_by_user": traits.number >= STARS and dice.chance(0.01),
        "default_locale": traits.locales[0],
    }


def _text_fields(traits: Traits, texts: TextWriter, dice: Dice) -> dict[str, Any]:
    return {
        "name": texts.names(),
        "summary": texts.summaries(),
        "description": texts.descriptions(),
        "developer_comments": texts.comments(),
        "homepage": _link(traits, dice, 0.5, "https://{}.example/"),
        "support_email": _link(traits, dice, 0.3, "help@{}.example"),
        "support_url": _link(traits, dice, 0.4, "https://{}.example/support?from=add-on"),
        "eula": texts.policy(0.03 if traits.number else 1),
        "privacy_policy": texts.policy(0.12 if traits.number else 1),
        "contributions_url": f"https://{traits.coined}.example/donate" if dice.chance(0.08) else "",
    }


def _last_updated(version_docs: list[dict[str, Any]]) -> str | None:
    """When its newest approved listed version was reviewed, or its newest version made."""
    for version in version_docs:
        if version["channel"] == "listed" and version["reviewed"]:
            return str(version["reviewed"])
    return version_docs[0]["created"] if version_docs else None


def _guid(traits: Traits, dice: Dice) -> str:
    bits = f"{dice.bits(128):032x}"
    if dice.chance(0.5):
        return f"{{{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}}}"
    name = f"langpack-{traits.tongue.locale}-{traits.slug}" if traits.tongue else traits.slug
    return f"{name}@{traits.coined}.example"


def _link(traits: Traits, dice: Dice, share: float, pattern: str) -> Translated | None:
    return {traits.locales[0]: pattern.format(traits.coined)} if dice.chance(share) else None


def _categories(traits: Traits, version_docs: list[dict[str, Any]], dice: Dice) -> dict[str, list[str]]:
    """One or two for each application that some version is for and that has any for the type."""
    apps = version_docs[0]["compatibility"] if version_docs else {}
    by_app = {}
    for app in apps or ("firefox",):
        slugs = _SLUGS.get((app, traits.type))
        if slugs:
            by_app[app] = sorted(dice.sample(slugs, 1 + dice.below(2)), key=slugs.index)
    return by_app


def _icons(traits: Traits, dice: Dice) -> dict[str, str]:
    if not dice.chance(0.7):
        return {}
    stem, mark = f"/addon_icons/{traits.id // 1000}/{traits.id}", f"{dice.bits(32):08x}"
    return {size: f"{stem}-{size}.png?modified={mark}" for size in ("32", "64", "128")}


def _previews(traits: Traits, texts: TextWriter, dice: Dice) -> list[dict[str, Any]]:
    themed = traits.type == "statictheme"
    count = 2 if themed else dice.pick(_PREVIEW_COUNTS)
    size, small = ([680, 92], [473, 64]) if themed else ([1280, 800], [640, 400])
    previews = []
    for index in range(count):
        id = traits.id * VERSION_IDS + index
        path = f"{id // 1000}/{id}.png?modified={id % 99991}"
        preview = {
            "id": id,
            "caption": None if themed else texts.caption(),
            "image_url": f"/previews/full/{path}",
            "image_size": size,
            "thumbnail_url": f"/previews/thumbs/{path}",
            "thumbnail_size": small,
            "position": index,
        }
        previews.append(preview)
    return previews


def _colors(dice: Dice) -> list[dict[str, Any]]:
    """One to three colours whose shares are at most the whole."""
    remaining, colors = 1.0, []
    for _ in range(dice.between(1, 3)):
        ratio = round(remaining * (0.4 + 0.5 * dice.roll()), 4)
        colors.append({"h": dice.below(256), "s": dice.below(256), "l": dice.below(256), "ratio": ratio})
        remaining -= ratio
    return colors


def _promoted(traits: Traits, dice: Dice) -> list[dict[str, Any]]:
    """Most of the stars, a few of the well known, hardly any of the rest."""
    share = 0.7 if traits.number < STARS else 0.12 if traits.users > 20_000 else 0.002
    if traits.state != "public" or not dice.chance(share):
        return []
    apps = ["firefox", "android"] if dice.chance(0.4) else ["firefox"]
    return [{"group": dice.pick(_WORDS["groups"]), "apps": apps}]


def _ratings(traits: Traits, dice: Dice) -> dict[str, Any]:
    """Counts of each score, and the averages that follow from them."""
    count = int((traits.users**0.62) * dice.roll() * 0.9)
    quality = 0.35 + 0.6 * dice.roll()
    remaining, counts = count, {}
    for score in "5432":
        counts[score] = int(remaining * quality)
        remaining -= counts[score]
        quality *= 0.9
    counts["1"] = remaining
    total = sum(int(score) * number for score, number in counts.items())
    return {
        "average": round(total / count, 4) if count else 0.0,
        "bayesian_average": (total + 3.5 * 25) / (count + 25) if count else 0.0,
        "count": count,
        "text_count": int(count * (0.2 + 0.4 * dice.roll())),
        "grouped_counts": {score: counts[score] for score in "12345"},
    }


def _persona(traits: Traits) -> dict[str, Any]:
    """`theme_data` of a lightweight theme (contract/addons.md 5.5); its pictures were never ours."""
    pictures = f"https://{traits.coined}.example/persona/{traits.id}"
    return {
        "id": str(traits.id),
        "name": traits.coined.title(),
        "accentcolor": f"#{traits.id % 0xFFFFFF:06x}",
        "textcolor": "#ffffff",
        "category": "Abstract",
        "author": traits.coined,
        "description": None,
        "header": f"{pictures}/header.png",
        "footer": "",
        "headerURL": f"{pictures}/header.png",
        "footerURL": "",
        "previewURL": f"{pictures}/preview.png",
        "iconURL": f"{pictures}/icon.png",
        "updateURL": f"{pictures}/update.json",
        "detailURL": f"https://{traits.coined}.example/",
        "version": "1.0",
    }


def _content_review(traits: Traits, last_updated: str | None) -> dict[str, Any]:
    if traits.state != "rejected":
        return {"state": 0, "policies": [], "comments": None, "reviewed": None}
    comments = "The listing does not say what the add-on does."
    return {"state": 3, "policies": ["listing"], "comments": comments, "reviewed": last_updated}
