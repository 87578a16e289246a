"""The demonstration's lists about its first add-ons: collections, heroes, blocks, reports and so on.

`words/lists.toml` has values that do not depend on the add-ons; missing fields have the model's defaults.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from conf.model.curated import CURATED_RECOMMENDATIONS
from conf.model.defaults import completed
from conf.tables import read_table
from conf.vocabulary import APPS, CURATED_GUIDS
from index.facts import is_searchable
from server.demo import people
from server.demo.dice import Dice
from server.intake.kinds import KINDS

Document = dict[str, Any]
Documents = list[Document]

FIRST_LIST: Final = 1_000_001  # the first of consecutive ids
_MAPPINGS_KIND: Final = 4
_DATE: Final = "2025-10-01T08:00:00Z"
_FIXED: Final = read_table("words/lists.toml", "server.demo")
_MODULES: Final = (("lock", "Private."), ("brush", "Beautiful."), ("bolt", "Fast."))
_REPORTS: Final = (
    ("It opens windows that nobody asked for.", "damage"),
    ("It does nothing.", "does_not_work"),
)


def lists(addons: Sequence[Document]) -> dict[str, Documents]:
    """Documents by kind, each kind by id. Without a public add-on there is nothing to list."""
    public = [addon for addon in addons if is_searchable(addon)]  # type: ignore[arg-type]
    return {kind: _completed(kind, make(public)) for kind, make in _MAKERS.items()}


def _completed(kind: str, documents: Sequence[Document]) -> Documents:
    """The documents with consecutive ids if they have none, and with defaults for missing fields."""
    first = 1 if kind in ("primary_hero", "secondary_hero", "shelf") else FIRST_LIST
    common = _FIXED["each"].get(kind, {})
    numbered = [{"_id": first + number, **common, **document} for number, document in enumerate(documents)]
    model = KINDS[kind].model
    return [completed(document, model) for document in sorted(numbered, key=lambda document: document["_id"])]


def _collections(addons: Sequence[Document]) -> Documents:
    return [
        _collection("favourites", {"en-US": "Favourites", "de": "Lieblinge"}, addons[:12]),
        _collection("privacy", {"en-US": "Privacy and security"}, addons[12:20] or addons),
        _collection("drafts", {"en-US": "Not shown to others yet"}, addons[:3]) | {"listed": False},
    ]


def _collection(slug: str, name: dict[str, str], addons: Sequence[Document]) -> Document:
    notes = {"en-US": "The one to begin with."}
    items = [
        {"addon_id": addon["_id"], "notes": None if position else notes, "added": _DATE}
        for position, addon in enumerate(addons)
    ]
    return {"author_id": people.user_id(0), "slug": slug, "name": name, "addons": items}


def _featured(addons: Sequence[Document]) -> Documents:
    """For each application a set for all languages, one for German, and one of a category."""
    sets = []
    for app in ("firefox", "android", "thunderbird"):
        ids = {addon["_id"]: addon["categories"][app] for addon in addons if addon["categories"].get(app)}
        if ids:
            all_ids = list(ids)
            slug = ids[all_ids[0]][0]
            in_category = [id_ for id_, slugs in ids.items() if slug in slugs]
            sets += [
                {"app": app, "addons": all_ids[:20]},
                {"app": app, "locale": "de", "addons": all_ids[20:25] or all_ids},
                {"app": app, "category": slug, "addons": in_category[:10]},
            ]
    return sets


def _replacements(addons: Sequence[Document]) -> Documents:
    """Replacements of legacy add-ons: by an add-on, a collection, and a page of another site."""
    paths = [f"/addon/{addon['slug']}/" for addon in addons[:6]]
    paths += [f"/collections/{people.user_id(0)}/favourites/", "https://help.example/legacy"]
    return [{"_id": f"legacy-{number}@old.example", "path": path} for number, path in enumerate(paths)]


def _overrides(addons: Sequence[Document]) -> Documents:
    app = APPS["firefox"]
    application = {
        "name": app.name,
        "id": app.id,
        "min_version": "4.0",
        "max_version": "56.*",
        "guid": app.guid,
    }
    ranges = [{"addon_min_version": "0", "addon_max_version": "0.9", "applications": [application]}]
    existing = [
        {"addon_id": addon["_id"], "addon_guid": addon["guid"], "name": "Crashes"} for addon in addons[3:5]
    ]
    removed = {"addon_guid": "legacy-0@old.example", "name": "Slow"}
    return [document | {"version_ranges": ranges} for document in (removed, *existing)]


def _mappings(addons: Sequence[Document]) -> Documents:
    dice = Dice()
    dice.seed(0, _MAPPINGS_KIND)
    return [
        {
            "_id": "".join(chr(ord("a") + dice.below(16)) for _ in range(32)),
            "browser": "chrome",
            "addon_guid": addon["guid"],
        }
        for addon in addons[:20]
    ]


def _curated(addons: Sequence[Document]) -> Documents:
    """Real add-ons first, in case they are loaded beside the demonstration."""
    guids = [addon["guid"] for addon in addons[:8]]
    return [{"_id": CURATED_RECOMMENDATIONS, "guids": [*CURATED_GUIDS, *guids]}]


def _discovery(addons: Sequence[Document]) -> Documents:
    """Some with texts of their own; the last two only in the list of China."""
    last = len(addons[:10]) - 2
    texts = {
        "heading": {"en-US": "Look at this one", "de": "Sehen Sie mal"},
        "description": {"en-US": "Everybody here uses it."},
    }
    return [
        {
            "addon_id": addon["_id"],
            "position": number + 1,
            "editions": ["china"] if number >= max(1, last) else [],
            "is_recommendation": number % 4 == 3,
        }
        | (texts if number % 3 == 1 else {})
        for number, addon in enumerate(addons[:10])
    ]


def _app_versions(addons: Sequence[Document]) -> Documents:
    """Every release that the demonstration's add-ons may name."""
    versions = [text for number in range(42, 161) for text in (f"{number}.0a1", f"{number}.0", f"{number}.*")]
    return [{"_id": app, "versions": versions} for app in ("firefox", "android")]


def _primary_heroes(addons: Sequence[Document]) -> Documents:
    text = {"en-US": "Our pick of the week.", "de": "Unsere Wahl."}
    heroes = [
        {
            "addon_id": addon["_id"],
            "description": text if number > 1 else None,
            "image": f"hero/{number}.jpg",
            "enabled": number < 3,
        }
        for number, addon in enumerate(addons[:3], 1)
    ]
    return [*heroes, *_FIXED["primary_hero"]]


def _secondary_heroes(addons: Sequence[Document]) -> Documents:
    modules = [
        {"icon": f"hero/{icon}.svg", "description": {"en-US": text}, "cta": None} for icon, text in _MODULES
    ]
    return [hero | {"modules": modules} for hero in _FIXED["secondary_hero"]]


def _shelves(addons: Sequence[Document]) -> Documents:
    return [shelf | {"position": number} for number, shelf in enumerate(_FIXED["shelf"], 1) if addons]


def _subscriptions(addons: Sequence[Document]) -> Documents:
    return [
        {
            "_id": f"{addon['_id']}:{channel}:{owner}",
            "addon_id": addon["_id"],
            "channel": channel,
            "user_id": owner,
        }
        for addon in addons[:1]
        for owner in [addon["authors"][0]["user_id"]]
        for channel in ("listed", "unlisted")
    ]


def _draft_comments(addons: Sequence[Document]) -> Documents:
    """Drafts of the first add-on's owner about it."""
    drafts: Documents = [
        {"comment": "Why does it need this?", "filename": "manifest.json", "lineno": 12},
        {"canned_response": FIRST_LIST},
    ]
    return [
        {
            "addon_id": addon["_id"],
            "version_id": addon["versions"][0]["id"],
            "user_id": addon["authors"][0]["user_id"],
            **draft,
        }
        for addon in addons[:1]
        for draft in drafts
    ]


def _scanner_results(addons: Sequence[Document]) -> Documents:
    labels = ("good", None)
    return [
        {"version_id": addon["versions"][0]["id"], "label": label}
        for addon, label in zip(addons, labels, strict=False)
    ]


def _reports(addons: Sequence[Document]) -> Documents:
    return [
        {
            "guid": addon["guid"],
            "target_id": addon["_id"],
            "fields": {"message": message, "reason": reason, "app": "firefox"},
        }
        for addon, (message, reason) in zip(addons, _REPORTS, strict=False)
    ]


_MAKERS: Final[dict[str, Callable[[Sequence[Document]], Documents]]] = {
    "collection": _collections,
    "featured": _featured,
    "replacement": _replacements,
    "override": _overrides,
    "mapping": _mappings,
    "curated": _curated,
    "discovery": _discovery,
    "app_versions": _app_versions,
    "block": lambda addons: _FIXED["block"],
    "primary_hero": _primary_heroes,
    "secondary_hero": _secondary_heroes,
    "shelf": _shelves,
    "resubmission": lambda addons: _FIXED["resubmission"],
    "subscription": _subscriptions,
    "canned_response": lambda addons: _FIXED["canned_response"],
    "draft_comment": _draft_comments,
    "scanner_result": _scanner_results,
    "notifications": lambda addons: _FIXED["notifications"],
    "report": _reports,
}
