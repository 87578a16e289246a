"""The matrix of state x role x endpoint: requests for half of its cells, or for all with --whole.

Versions take turns, since one and the same code decides for them all: each is asked
about every state and by every role.
Expectations come from tests/handlers/addons/visibility.py, which knows the reference
and nothing of the program.

Rules: contract/auth.md 5.2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer
from tests.handlers.addons.visibility import (
    AUTHORS,
    BLOCKED,
    DELETED_VIEWERS,
    ORDER,
    REGION_FREE,
    ROLES,
    SECRET,
    STATES,
    UNLISTED_VIEWERS,
    WORD,
    State,
    addon_of,
    authorization,
    dump,
    version_id,
    version_number,
)
from tests.handlers.loaded_server import serving
from tests.handlers.pipelined_requests import Pipeline
from tests.program import Program
from tests.samples import Sample
from tests.sweep import sweep

API = ("v3", "v4", "v5")
NOT_FOUND = {"detail": "Not found."}
ANONYMOUS = "Authentication credentials were not provided."
FORBIDDEN = "You do not have permission to perform this action."
BAD_FILTER = ['Invalid "filter" parameter specified.']
NO_FILTER_HERE = ['The "filter" parameter is not valid in this context.']
LEGAL = {"detail": "Unavailable for legal reasons."}
CHALLENGE = 'JWT realm="Access to addons.mozilla.org external API"'
FILTERS = ("all_without_unlisted", "all_with_unlisted", "all_with_deleted")


class World:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.pipeline = Pipeline(program.url)

    def ask(
        self, role: str, paths: list[str], country: str | None = None, method: str = "GET", **headers: str
    ) -> list[Answer]:
        """The answers in the order of the paths."""
        if country:
            headers["X-Country-Code"] = country
        return self.pipeline.ask(method, paths, headers | authorization(role))


@pytest.fixture(scope="module")
def world(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with serving(tmp_path_factory.mktemp("matrix"), dump(), mongod, AMOEBA_SECRET_KEY=SECRET) as program:
        opened = World(program)
        yield opened
        opened.pipeline.close()


@dataclass(frozen=True)
class Cell:
    """The expected answer to a request: a status and, for a success, its object."""

    path: str  # below /api/vN/addons/addon/
    status: int
    body: Any = None  # the whole body of a refusal
    about: Any = None  # id, or list of ids, of a success
    notes: bool = False  # whether v5 shows the private keys of versions
    unlisted: bool | None = None  # whether a detail has `latest_unlisted_version`


def refused(role: str, **facts: bool) -> tuple[int, dict[str, Any]]:
    return (401, {"detail": ANONYMOUS, **facts}) if role == "-" else (403, {"detail": FORBIDDEN, **facts})


def gate(state: State, role: str, country: str | None) -> tuple[int, Any] | None:
    """Status and body if the add-on itself is refused, whatever the path."""
    if state.deleted and role not in state.visitors:
        return 404, NOT_FOUND
    if state.blocked and country == BLOCKED and role not in REGION_FREE:
        return 451, LEGAL
    if role not in state.visitors:
        developer, mozilla = state.flags
        return refused(role, is_disabled_by_developer=developer, is_disabled_by_mozilla=mozilla)
    return None


def identifiers(state: State) -> list[str]:
    """Id, guid and, unless it was taken away, slug."""
    slug = [] if state.fields.get("slug", "") is None else [f"{WORD}-{state.id}"]
    return [str(state.id), f"{WORD}-{state.id}@example.org", *slug]


def cells(state: State, role: str, country: str | None) -> list[Cell]:
    closed = gate(state, role, country)
    return [Cell(cell.path, *closed) if closed else cell for cell in _open_cells(state, role)]


def _open_cells(state: State, role: str) -> Iterator[Cell]:
    """Everything asked of an add-on, as it is where the add-on itself may be seen."""
    unlisted = role in AUTHORS + UNLISTED_VIEWERS
    for name in identifiers(state):
        yield Cell(f"{name}/", 200, about=state.id, unlisted=unlisted)
    yield Cell(f"{state.id}/eula_policy/", 200, about=f"EULA of {state.id}")
    notes = role in state.note_readers
    for which in (None, *FILTERS):
        letters, askers = state.filtered(which)
        ids = [version_id(state, letter) for letter in ORDER if letter in letters]
        path = f"{state.id}/versions/" + (f"?filter={which}" if which else "")
        if role in askers:
            yield Cell(path, 200, about=ids, notes=notes)
        else:
            yield Cell(path, *refused(role))
    yield Cell(f"{state.id}/versions/?filter=nothing", 400, BAD_FILTER)
    for letter in state.versions:
        yield from _version_cells(state, role, letter)
    yield Cell(f"{state.id}/versions/99999/", 404, NOT_FOUND)
    yield Cell(f"{state.id}/versions/99999/?filter=all_with_deleted", 400, NO_FILTER_HERE)


def _version_cells(state: State, role: str, letter: str) -> Iterator[Cell]:
    id = version_id(state, letter)
    for name in (str(id), version_number(letter)):
        path = f"{state.id}/versions/{name}/"
        if letter in "xy" and role not in DELETED_VIEWERS:
            yield Cell(path, 404, NOT_FOUND)
        elif role in state.version_readers(letter):
            yield Cell(path, 200, about=id, notes=role in state.note_readers)
        else:
            yield Cell(path, *refused(role))


def check(answer: Answer, cell: Cell, api: str, role: str) -> None:
    assert answer.status == cell.status, answer.body
    signed_in = role != "-"
    if cell.status != 200:
        assert answer.json == cell.body
        assert answer.headers["Cache-Control"] == "s-maxage=0"
        assert answer.headers["ETag"] is None
        assert answer.headers["WWW-Authenticate"] == (CHALLENGE if cell.status == 401 else None)
        return
    assert answer.headers["Cache-Control"] == ("s-maxage=0" if signed_in else "max-age=360")
    body = answer.json
    if isinstance(cell.about, list):
        assert [version["id"] for version in body["results"]] == cell.about
        assert body["count"] == len(cell.about)
    elif isinstance(cell.about, str):
        assert cell.about in body["eula"]["en-US"]
    else:
        assert body["id"] == cell.about
    for version in body.get("results", [body] if "channel" in body else []):
        assert ("approval_notes" in version) is (cell.notes and api == "v5")
    if cell.unlisted is not None:
        assert ("latest_unlisted_version" in body) is cell.unlisted


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_every_cell(world: World, sample: Sample, state: State) -> None:
    wrong = []
    for place, role in enumerate(ROLES):
        api = API[(place + state.id) % len(API)]
        for country in (None, BLOCKED) if state.blocked else (None,):
            chosen = list(sample(cells(state, role, country), 2, place + state.id // len(API)))
            answers = world.ask(role, [f"/api/{api}/addons/addon/{cell.path}" for cell in chosen], country)
            for cell, answer in zip(chosen, answers, strict=True):
                try:
                    check(answer, cell, api, role)
                except AssertionError as fault:
                    wrong.append(f"{ROLES[role][0]}, {country}: {api} {cell.path}: {fault}")
    assert wrong == []


@pytest.mark.parametrize("role", "-sa*")
def test_head_answers_as_get_does_without_a_body(world: World, role: str) -> None:
    for state in STATES.values():
        paths = [f"/api/v5/addons/addon/{state.id}/{child}" for child in ("", "versions/", "eula_policy/")]
        got, headed = world.ask(role, paths), world.ask(role, paths, method="HEAD")
        for one, other in zip(got, headed, strict=True):
            assert (other.status, other.body) == (one.status, b"")
            for name in ("Content-Length", "ETag", "Cache-Control", "WWW-Authenticate"):
                assert other.headers[name] == one.headers[name]


@sweep("api", API)
@pytest.mark.parametrize("role", "-sa*")
def test_versions_that_cannot_be(world: World, role: str, api: str) -> None:
    names = ("v9.9", "9.9", "v", "x", "v1.0.0", "99999999999999999999", "-1", "%00", "%C2%B2", "1e2")
    state = STATES["public"]
    for answer in world.ask(role, [f"/api/{api}/addons/addon/{state.id}/versions/{name}/" for name in names]):
        assert (answer.status, answer.json) == (404, NOT_FOUND)
    number = version_number("a")
    path = f"/api/{api}/addons/addon/{state.id}/versions/v{number}/"
    assert world.ask(role, [path])[0].json["version"] == number


@sweep("api", API)
@pytest.mark.parametrize("role", "-sa*")
def test_filters_that_are_none(world: World, role: str, api: str) -> None:
    for bad in ("all", "ALL_WITH_DELETED", "all_with_deleted%20", "%00"):
        paths = [
            f"/api/{api}/addons/addon/1/versions/?filter={bad}",
            f"/api/{api}/addons/addon/1/versions/102/?filter={bad}",
        ]
        listed, shown = world.ask(role, paths)
        assert (listed.status, listed.json) == (400, BAD_FILTER)
        assert (shown.status, shown.json) == (400, NO_FILTER_HERE)


@pytest.mark.parametrize("role", "-sa*")
def test_names_of_a_public_add_on_are_found_in_any_case(world: World, role: str) -> None:
    for name in (f"{WORD}-1".upper(), f"{WORD}-1@EXAMPLE.org".title()):
        for child in ("", "versions/", "eula_policy/"):
            assert world.ask(role, [f"/api/v5/addons/addon/{name}/{child}"])[0].status == 200


HIDDEN = [state for state in STATES.values() if not state.open]
# Open to strangers, and with a version to install.
FOUND = {state.id for state in STATES.values() if state.open and state.versions}


def searches() -> Iterator[str]:
    """Every way to ask for an add-on by what a listing looks at; placeholders for one add-on."""
    yield from (
        f"addons/search/?{ask}"
        for ask in ("guid={guid}", "q={word}+{id}", "q={guid}", "slug={slug}", "q={slug}")
    )
    yield from ("addons/autocomplete/?q={word}+{id}", "addons/autocomplete/?q={slug}")
    yield from ("addons/search/?author={author}&sort=created", "addons/search/?type=extension,statictheme")


@sweep("api", API)
def test_no_listing_shows_or_counts_what_is_hidden(world: World, api: str) -> None:
    author = addon_of(HIDDEN[0])["authors"][0]["user_id"]
    for role in "-a*":
        for state in HIDDEN:
            facts = {"guid": f"{WORD}-{state.id}@example.org", "slug": f"{WORD}-{state.id}", "word": WORD}
            paths = [path.format(**facts, id=state.id, author=author) for path in searches()]
            for path, answer in zip(
                paths, world.ask(role, [f"/api/{api}/{path}" for path in paths]), strict=True
            ):
                assert answer.status == 200
                body = answer.json
                ids = {addon["id"] for addon in body["results"]}
                assert ids <= FOUND, path
                assert body.get("count", 0) <= len(FOUND)
                assert "guid=" not in path or body["count"] == 0


@sweep("api", API)
def test_lists_show_only_what_is_open(world: World, api: str) -> None:
    paths = [
        "addons/search/?page_size=50",
        f"addons/search/?q={WORD}&page_size=50",
        f"addons/search/?exclude_addons={WORD}-1",
        "addons/language-tools/?app=firefox&type=extension",
        "addons/recommendations/?guid=x@y",
    ]
    for role in "-*":
        everything, by_name, without, *others = world.ask(role, [f"/api/{api}/{path}" for path in paths])
        assert {addon["id"] for addon in everything.json["results"]} == FOUND
        assert everything.json["count"] == by_name.json["count"] == len(FOUND)
        assert {addon["id"] for addon in without.json["results"]} == FOUND - {1}
        for answer in others:
            assert {addon["id"] for addon in answer.json["results"]} <= FOUND


@sweep("api", API)
def test_no_refusal_is_told_by_its_etag(world: World, api: str) -> None:
    for state in HIDDEN:
        paths = [f"/api/{api}/addons/addon/{state.id}/{child}" for child in ("", "versions/", "eula_policy/")]
        tags = [answer.headers["ETag"] for answer in world.ask("*", paths)]
        for path, tag in zip(paths, tags, strict=True):
            for wanted in (tag or "*", "*"):
                [answer] = world.ask("s", [path], **{"If-None-Match": wanted})
                assert answer.status == (404 if state.deleted else 403)


@sweep("api", API)
def test_unlisted_version_is_shown_to_its_readers_alone(world: World, api: str) -> None:
    for state in STATES.values():
        wanted = version_id(state, "u") if "u" in state.versions else None
        for role in "ahuw*":
            if role not in state.visitors or state.deleted:
                continue
            [answer] = world.ask(role, [f"/api/{api}/addons/addon/{state.id}/"])
            latest = answer.json["latest_unlisted_version"]
            assert (latest["id"] if latest else None) == wanted
            assert list(answer.json)[-1] == "latest_unlisted_version"
