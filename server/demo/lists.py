"""What the demonstration lists about its first add-ons: collections, blocks, reports and so on."""

from collections.abc import Sequence
from typing import Any, Final

from conf.model.curated import CURATED_RECOMMENDATIONS
from conf.vocabulary import APPS, CURATED_GUIDS
from index.facts import is_searchable
from server.demo import people
from server.demo.dice import Dice
from server.demo.home_page import home_page
from server.demo.reviewing import reviewing

Document = dict[str, Any]

FIRST_LIST: Final = 1_000_001  # id of what has a number, one after the other
_MAPPINGS_KIND: Final = 4
_DATE: Final = "2025-10-01T08:00:00Z"


def lists(addons: Sequence[Document]) -> dict[str, list[Document]]:
    """Documents by kind, each kind by id. Without a public add-on there is nothing to list."""
    shown = [addon for addon in addons if is_searchable(addon)]  # type: ignore[arg-type]
    made = {
        "collection": _collections(shown),
        "featured": _featured(shown),
        "replacement": _replacements(shown),
        "override": _overrides(shown),
        "mapping": _mappings(shown),
        "curated": [_curated(shown)],
        "discovery": _discovery(shown),
        "app_versions": _app_versions(),
        "block": _blocks(),
        **home_page(shown),
        **reviewing(shown, FIRST_LIST),
        "notifications": [{"_id": people.user_id(0), "enabled": {"new_features": False}}],
        "report": _reports(shown),
    }
    return {kind: sorted(documents, key=lambda document: document["_id"]) for kind, documents in made.items()}


def _numbered(documents: Sequence[Document]) -> list[Document]:
    return [{"_id": FIRST_LIST + place, **document} for place, document in enumerate(documents)]


def _collections(addons: Sequence[Document]) -> list[Document]:
    return _numbered(
        [
            _collection("favourites", {"en-US": "Favourites", "de": "Lieblinge"}, addons[:12]),
            _collection("privacy", {"en-US": "Privacy and security"}, addons[12:20] or addons),
            _collection("drafts", {"en-US": "Not shown to others yet"}, addons[:3], listed=False),
        ]
    )


def _collection(slug: str, name: dict[str, str], addons: Sequence[Document], listed: bool = True) -> Document:
    notes = {"en-US": "The one to begin with."}
    return {
        "author_id": people.user_id(0),
        "slug": slug,
        "default_locale": "en-US",
        "name": name,
        "description": {"en-US": "Chosen for the demonstration."},
        "listed": listed,
        "addons": [
            {"addon_id": addon["_id"], "notes": None if place else notes, "added": _DATE}
            for place, addon in enumerate(addons)
        ],
        "created": _DATE,
        "modified": _DATE,
    }


def _featured(addons: Sequence[Document]) -> list[Document]:
    """For each application a set for everybody, one for German, and one of a category."""
    sets = []
    for app in ("firefox", "android", "thunderbird"):
        its = [addon for addon in addons if addon["categories"].get(app)]
        if its:
            slug = its[0]["categories"][app][0]
            of_category = [addon for addon in its if slug in addon["categories"][app]]
            sets += [
                _set(app, its[:20], None, None),
                _set(app, its[20:25] or its, "de", None),
                _set(app, of_category[:10], None, slug),
            ]
    return _numbered(sets)


def _set(app: str, addons: Sequence[Document], locale: str | None, category: str | None) -> Document:
    ids = [addon["_id"] for addon in addons]
    return {"app": app, "locale": locale, "category": category, "addons": ids}


def _replacements(addons: Sequence[Document]) -> list[Document]:
    """Of legacy add-ons: by an add-on, by a collection, by a page elsewhere."""
    paths = [f"/addon/{addon['slug']}/" for addon in addons[:6]]
    paths += [f"/collections/{people.user_id(0)}/favourites/", "https://help.example/legacy"]
    return [{"_id": f"legacy-{place}@old.example", "path": path} for place, path in enumerate(paths)]


def _overrides(addons: Sequence[Document]) -> list[Document]:
    app = APPS["firefox"]
    application = {
        "name": app.name,
        "id": app.id,
        "min_version": "4.0",
        "max_version": "56.*",
        "guid": app.guid,
    }
    ranges = [{"addon_min_version": "0", "addon_max_version": "0.9", "applications": [application]}]
    made = [
        {"addon_id": addon["_id"], "addon_guid": addon["guid"], "name": "Crashes", "version_ranges": ranges}
        for addon in addons[3:5]
    ]
    gone = {"addon_id": None, "addon_guid": "legacy-0@old.example", "name": "Slow", "version_ranges": ranges}
    return _numbered([gone, *made])


def _mappings(addons: Sequence[Document]) -> list[Document]:
    dice = Dice()
    dice.set(0, _MAPPINGS_KIND)
    return [
        {
            "_id": "".join(chr(ord("a") + dice.below(16)) for _ in range(32)),
            "browser": "chrome",
            "addon_guid": addon["guid"],
        }
        for addon in addons[:20]
    ]


def _curated(addons: Sequence[Document]) -> Document:
    """Real add-ons first, where they are loaded beside the demonstration."""
    guids = [addon["guid"] for addon in addons[:8]]
    return {"_id": CURATED_RECOMMENDATIONS, "guids": [*CURATED_GUIDS, *guids]}


def _app_versions() -> list[Document]:
    """Every release that the demonstration's add-ons could be made for."""
    versions = [text for number in range(42, 161) for text in (f"{number}.0a1", f"{number}.0", f"{number}.*")]
    return [{"_id": app, "versions": versions} for app in ("firefox", "android")]


def _blocks() -> list[Document]:
    """Of an add-on of elsewhere: the demonstration's own stay as they are."""
    texts = {"reason": "It sends passwords home.", "url": "https://help.example/blocked"}
    versions = {"blocked": ["1.0", "1.1"], "soft_blocked": ["0.9"]}
    return _numbered(
        [{"guid": "legacy-0@old.example", **texts, **versions, "created": _DATE, "modified": _DATE}]
    )


def _reports(addons: Sequence[Document]) -> list[Document]:
    said = (("It opens windows that nobody asked for.", "damage"), ("It does nothing.", "does_not_work"))
    return _numbered(
        [
            {
                "target": "addon",
                "guid": addon["guid"],
                "target_id": addon["_id"],
                "reporter_id": None,
                "country": "DE",
                "locale": "de",
                "created": _DATE,
                "fields": {"message": message, "reason": reason, "app": "firefox"},
            }
            for addon, (message, reason) in zip(addons, said, strict=False)
        ]
    )


def _discovery(addons: Sequence[Document]) -> list[Document]:
    """Some with texts of their own; the last two in the list of China alone."""
    last = len(addons[:10]) - 2
    return _numbered(
        [
            {
                "addon_id": addon["_id"],
                "position": place + 1,
                "editions": ["china"] if place >= max(1, last) else [],
                "heading": {"en-US": "Look at this one", "de": "Sehen Sie mal"} if place % 3 == 1 else None,
                "description": {"en-US": "Everybody here uses it."} if place % 3 == 1 else None,
                "is_recommendation": place % 4 == 3,
            }
            for place, addon in enumerate(addons[:10])
        ]
    )
