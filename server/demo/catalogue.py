"""The demonstration catalogue: as many add-ons as wanted, always the same ones.

    for kind, document in documents(2000): ...
    for line in lines(2000): sys.stdout.buffer.write(line)
    await load_demo(store, 2000)

Beside the add-ons and their authors it has something of every kind that a read
endpoint shows: ratings with answers, review notes, collections and the other
lists, all about the first add-ons.

Add-on k is the same in a catalogue of any size, and so is the order: what
`lines` gives is byte for byte what `dump` gives after loading it.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import orjson

from conf.limits import DEMO_ADDONS
from conf.model.curated import CURATED_RECOMMENDATIONS
from conf.vocabulary import APPS, CURATED_GUIDS
from index.facts import is_searchable
from server.demo import addons, people
from server.demo.addons import FIRST_ID
from server.demo.dice import Dice
from server.demo.home_page import home_page
from server.intake.batch import RecordBatch, store_batch
from server.intake.kinds import KINDS
from server.intake.records import Exact
from server.storage.store import Store

Document = dict[str, Any]

_SPOKEN_OF: Final = 100  # add-ons that the other kinds may be about
_BATCH: Final = 250  # loaded at a time: some 30 ms of making
FIRST_LIST: Final = 1_000_001  # id of what has a number, one after the other
_MAPPINGS_KIND: Final = 4
_DATE: Final = "2025-10-01T08:00:00Z"


def user_documents(start: int, stop: int) -> Iterator[dict[str, Any]]:
    """The UserDocs that add-ons `start` to `stop` (not included) bring, by id."""
    dice = Dice()
    return (people.user(number, dice) for number in range(start, stop) if people.has_user(number))


def addon_documents(start: int, stop: int) -> Iterator[dict[str, Any]]:
    """The AddonDocs `start` to `stop` (not included), by id."""
    dice = Dice()
    return (addons.addon(number, dice) for number in range(start, stop))


def documents(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and document of everything in a catalogue of `count` add-ons, in the order of a dump."""
    for user in user_documents(0, count):
        yield "user", user
    for addon in addon_documents(0, count):
        yield "addon", addon
    yield from _others(count)


def _others(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and document of all that is about the first add-ons."""
    first = list(addon_documents(0, min(count, _SPOKEN_OF)))
    for rating in people.ratings(first, count):
        yield "rating", rating
    for note in people.notes(first):
        yield "note", note
    for file in people.attachments(first):
        yield "attachment", file
    for kind, made in lists(first).items():
        for document in made:
            yield kind, document


def size(count: int) -> int:
    """How many documents there are; some 0.1 s."""
    return count + sum(map(people.has_user, range(count))) + sum(1 for _ in _others(count))


def last_document(count: int) -> tuple[str, dict[str, Any]]:
    """The one that is loaded last."""
    *_, last = _others(count)
    return last


def lines(count: int) -> Iterator[bytes]:
    """The same as lines of a dump."""
    for kind, document in documents(count):
        yield orjson.dumps({"kind": kind, **document}, option=orjson.OPT_APPEND_NEWLINE)


async def load_demo(
    store: Store, count: int = DEMO_ADDONS, progress: Callable[[int], object] = lambda made: None
) -> int:
    """Load the first `count` add-ons of the catalogue and the people who made them.

    What is there already is left alone, whatever was done to it since; where the
    last of them is, nothing is looked at. `progress` hears how many more documents
    are stored. Returns how many were. Raises Unavailable, and Duplicate where
    something else has their slugs.
    """
    if count <= 0 or await _is_loaded(store, count):
        return 0
    stored = 0
    progress(0)
    everything = documents(count)
    while made := await asyncio.to_thread(lambda: list(islice(everything, _BATCH))):
        missing = await _missing(store, made)
        await store_batch(store, RecordBatch.of(missing))
        stored += len(missing)
        progress(len(missing))
    return stored


async def _is_loaded(store: Store, count: int) -> bool:
    """Whether the last add-on is there, and the last document of all."""
    kind, last = await asyncio.to_thread(last_document, count)
    return bool(
        await store.find_one("addons", {"_id": FIRST_ID + count - 1}, {"_id": 1})
        and await store.find_one(KINDS[kind].collection, {"_id": last["_id"]}, {"_id": 1})
    )


async def _missing(store: Store, made: list[tuple[str, dict[str, Any]]]) -> list[Exact]:
    wanted: dict[str, list[Any]] = {}
    for kind, document in made:
        wanted.setdefault(kind, []).append(document["_id"])
    there: set[tuple[str, Any]] = set()
    for kind, ids in wanted.items():
        collection, query = KINDS[kind].collection, {"_id": {"$in": ids}}
        async for found in store.scan(collection, query=query, fields={"_id": 1}):
            there.update((kind, document["_id"]) for document in found)
    return [Exact(KINDS[kind], document) for kind, document in made if (kind, document["_id"]) not in there]


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
