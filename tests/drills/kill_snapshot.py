"""`kill -9` at random moments of writes, checkpoints, starts and builds: what the next start says is what
MongoDB holds, answer by answer."""

import random
import shutil
import time
from contextlib import closing
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from conf.settings.settings import Settings
from index.catalogue import Catalogue
from index.shapes.api_versions import SHAPES, shapes_for
from index.shapes.urls import context_for
from index.shapes.view import View
from server.cli.opening import CommandContext
from server.curated.curated import CuratedContent
from server.following.feed import Feed
from server.following.indexing import PAUSE, Indexing
from server.search_params.filters import parse_search
from server.search_params.parameters import SearchOptions
from server.storage.operations import Delete, Insert, Replace, Update
from tests.client import Client
from tests.drills import checks
from tests.drills.load import Writers
from tests.drills.report import Outcome, spread
from tests.drills.service import Crew, Service, Subject

LANGS: Final = (None, "de")
_SET: Final = 77  # the featured set that changes
_TWIN: Final = 100_000  # what an add-on that comes and goes has more in its id than the one it is made of
_OPENS: Final = "opening the snapshot"
Params = dict[str, str]


def run(service: Service, crew: Crew, times: int) -> Outcome:
    outcome = Outcome("`kill -9` at random moments of writes and checkpoints", f"{times} times")
    dice = random.Random()
    faults: list[str] = []
    starts: list[float] = []
    from_snapshot = compared = 0
    for _ in range(times):
        with Writers(service.url, crew) as writers:
            writers.first_success(time.monotonic(), 10)
            for _ in range(2):
                time.sleep(dice.uniform(0, PAUSE))
                service.look(lambda here: change(here, crew.subjects, dice))
            service.kill()
        if dice.random() < 0.1:
            shutil.rmtree(service.data / "snapshot")
        while dice.random() < 0.2:
            service.launch()
            time.sleep(dice.uniform(0.5, 4))
            service.kill()
        begun = time.monotonic()
        from_snapshot += _OPENS in service.start().stderr
        starts.append(time.monotonic() - begun)
        expected = service.look(lambda here: rendered(here, service, questions(crew)))
        said = {name: answer(service, *question) for name, question in questions(crew).items()}
        wrong = [name for name in said if said[name] != expected[name]]
        faults += [f"{name}: {said[name]} for {expected[name]}" for name in wrong]
        compared += len(said)
    outcome.add(
        "every answer of the next start is one rendered from MongoDB",
        not faults,
        checks.said(
            faults, f"{compared:,} answers; {from_snapshot} starts from the snapshot: {spread(starts)}"
        ),
    )
    service.look(lambda here: show_all(here, crew.subjects))
    checks.add_stored(outcome, service, crew, sum(one.acknowledged for one in crew.subjects))
    checks.add_shown(outcome, service, crew)
    return outcome


async def change(here: CommandContext, subjects: list[Subject], dice: random.Random) -> None:
    """What no PATCH does: hidden and shown, gone and back, featured and not, an author renamed."""
    one = dice.choice(subjects)
    stored = await here.store.find_one("addons", {"_id": one.id}, unchecked=True)
    assert stored is not None
    match dice.randrange(4):
        case 0:
            hidden = {"disabled_by_user": not stored["disabled_by_user"]}
            await here.store.write([Update("addons", one.id, {"$set": hidden, "$inc": {"revision": 1}})])
        case 1:
            twin = {"_id": one.id + _TWIN, "slug": f"twin-{one.id}", "guid": f"twin-{one.id}@example.org"}
            known = await here.store.find_one("addons", {"_id": one.id + _TWIN})
            write = Delete("addons", one.id + _TWIN) if known else Insert("addons", {**stored, **twin})
            await here.store.write([write])
        case 2:
            featured = {"_id": _SET, "app": "firefox", "locale": None, "category": None}
            ids = [subject.id for subject in dice.sample(subjects, 5)]
            await here.store.write([Replace("featured", featured | {"addons": ids}, upsert=True)])
        case _:
            name = {"$set": {"display_name": f"Author {dice.randrange(1000)}"}}
            await here.store.write([Update("users", stored["authors"][0]["user_id"], name)])


async def show_all(here: CommandContext, subjects: list[Subject]) -> None:
    shown = {"$set": {"disabled_by_user": False}, "$inc": {"revision": 1}}
    await here.store.write([Update("addons", one.id, shown) for one in subjects])


def questions(crew: Crew) -> dict[str, tuple[str, View | None, Params]]:
    """By name: a detail's id or "", the view of whole objects (None: ids and their number), parameters."""
    asked: dict[str, tuple[str, View | None, Params]] = {}
    for version in SHAPES:
        for lang in LANGS:
            view = View(version, lang, lang or "en-US")
            asked[f"{version} {lang} rows"] = ("", view, {"sort": "created"})
            for subject in crew.subjects:
                asked[f"{version} {lang} {subject.id}"] = (str(subject.id), view, {})
    for params in ({"q": "drill"}, {"featured": "true"}, {"sort": "users"}, {"app": "firefox"}):
        asked[str(params)] = ("", None, params)
    for subject in crew.subjects:
        for number in range(max(0, subject.sent - 2), subject.sent + 1):
            asked[subject.word(number)] = ("", None, {"q": subject.word(number), "guid": _guid(subject)})
    return asked


def _guid(subject: Subject) -> str:
    return f"drill-{subject.id}@example.org"


def answer(service: Service, addon_id: str, view: View | None, params: Params) -> Any:
    version = view.version if view else "v3"
    lang = {"lang": view.lang} if view and view.lang else {}
    with closing(Client(service.url)) as client:
        if addon_id:
            found = client.get(f"/api/{version}/addons/addon/{addon_id}/?{urlencode(lang)}")
            return found.json if found.status == 200 else None
        asked = urlencode(params | lang | {"page_size": "50"})
        page = client.get(f"/api/{version}/addons/search/?{asked}").json
    for row in page["results"]:
        row.pop("_score", None)
    return page["results"] if view else (page["count"], sorted(row["id"] for row in page["results"]))


async def rendered(
    here: CommandContext, service: Service, asked: dict[str, tuple[str, View | None, Params]]
) -> dict[str, Any]:
    """The same from a catalogue that has just read everything, and that no folder has seen."""
    context = context_for(service.settings, service.url)
    catalogue = Catalogue(Settings(), {version: shapes_for(version, context) for version in SHAPES})
    try:
        await CuratedContent(here.store, catalogue).resync()
        await Indexing(here.store, catalogue, Feed(here.store)).load()
        return {name: _render(catalogue, *question) for name, question in asked.items()}
    finally:
        catalogue.close()


def _render(catalogue: Catalogue, addon_id: str, view: View | None, params: Params) -> Any:
    documents = catalogue.documents
    if addon_id:
        assert view is not None
        return orjson.loads(documents.detail(int(addon_id), view)) if catalogue.find(addon_id) else None
    query = parse_search(params, view.version if view else "v3", SearchOptions())
    page = catalogue.search(query, "en-US", 0, 50)
    if view is None:
        return page.total, sorted(page.ids)
    return [orjson.loads(row) for row in documents.rows(page.ids, view)]
