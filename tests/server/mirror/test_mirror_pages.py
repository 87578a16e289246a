"""A mirror of a server that has the public API and nothing more, well and unwell (server/mirror)."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from itertools import pairwise
from typing import Any

import pytest

from server.changes import Changes
from server.mirror.client import Politeness, SourceUnavailable
from server.mirror.mirror import TooManyGone
from server.mirror.source import NoSource
from server.mirror.state import MirrorState, OtherSource, forget
from server.outside.http_client import HttpClient, ServiceAnswer
from server.retry import Backoff
from server.services.review import moderation
from server.storage.store import Store
from tests.server.mirror.fake_source import Canned, FakeSource, addon, cut, endless, slow, status
from tests.server.mirror.mirroring import DEFAULT, ROWS, mirror, stored

SEARCH = "/api/v5/addons/search/"


def detail(number: int) -> str:
    return f"/api/v5/addons/addon/{number}/"


def page(number: int, size: int = 50) -> str:
    return f"{SEARCH}?page={number}&page_size={size}&sort=created"


async def test_all_of_it_in_all_languages(store: Store) -> None:
    custom = {"id": 500, "is_custom": True, "slug": None, "name": {"en-US": "Mine"}, "url": None}
    with FakeSource([addon(7, has_eula=True), addon(8)]) as source:
        old = source.addons[7]["current_version"] | {
            "id": 69,
            "version": "0.9",
            "license": custom | {"text": None},
        }
        old["file"] = old["file"] | {"id": 699, "created": "2019-01-01T00:00:00Z"}
        source.versions[7] = [source.addons[7]["current_version"], old]
        source.others["/api/v5/addons/addon/7/versions/69/"] = old | {
            "license": custom | {"text": {"en-US": "Do as you like."}}
        }
        source.addons[8]["ratings"] = {"average": 4.0, "bayesian_average": 4.0, "count": 1, "text_count": 1}
        source.addons[8]["ratings"]["grouped_counts"] = {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0}
        said = {"id": 5, "addon": {"id": 8}, "body": "Good.", "created": "2021-01-02T03:04:05Z"}
        said |= {"is_latest": True, "previous_count": 0, "user": {"id": 30, "name": "Bo", "username": "bo"}}
        reply = said | {"id": 6, "body": "Thanks.", "user": {"id": 3, "name": "Ann", "username": "ann"}}
        source.ratings[8] = [
            said
            | {"score": 4, "version": {"id": 80, "version": "1.0"}, "reply": reply | {"is_latest": False}}
        ]
        done = await mirror(store, source.url)
        assert done.faults == {} and done.state.document["unreached"] == []
        first, second = (await stored(store)).values()
        assert first["name"] == {"en-US": "Tree 7", "fr": "Arbre 7"}
        assert [one["id"] for one in first["versions"]] == [70, 69]
        assert first["versions"][1]["license"]["text"] == {"en-US": "Do as you like."}
        assert first["eula"] == {"en-US": "Agree."}
        assert second["ratings"]["grouped_counts"]["4"] == 1
        ratings = {one["_id"]: one for one in await store.find("ratings", {})}
        assert (ratings[5]["score"], ratings[6]["reply_to"], ratings[5]["user_id"]) == (4, 5, 30)
        assert {one["username"] for one in await store.find("users", {})} == {"ann", "bo"}
        # Again: nothing is read but the list, nothing changes.
        source.requests.clear()
        again = await mirror(store, source.url)
        assert (again.mirror.writer.counts.new, again.mirror.writer.counts.changed) == (0, 0)
        assert source.paths(detail(7)) == []
        # A version, a rating and a text that went go here too.
        del source.versions[7][1]
        source.addons[7]["name"] = {"en-US": "Tree of 7"}
        source.ratings[8], source.addons[8]["ratings"] = [], source.addons[8]["ratings"] | {"count": 0}
        await mirror(store, source.url)
        first, second = (await stored(store)).values()
        assert first["name"] == {"en-US": "Tree of 7"}
        assert [one["files"][0]["status"] for one in first["versions"]] == ["public", "disabled"]
        assert {one["deleted"] for one in await store.find("ratings", {})} == {True}


async def test_a_text_that_only_the_search_shows_stays(store: Store) -> None:
    """Until it is gone from the search (contract/requests.md 7.1)."""
    hidden = ("summary", "description", "developer_comments")
    french = {"fr": "Des onglets."}
    one = addon(7) | dict.fromkeys(hidden, french)
    one["previews"] = [{"id": 5, "caption": french}]
    one["current_version"]["release_notes"] = french
    version = one["current_version"] | {"release_notes": None}
    detail_of_it = one | dict.fromkeys(hidden) | {"current_version": version}
    detail_of_it["previews"] = [{"id": 5, "caption": None}]
    with FakeSource([one]) as source:
        source.others[detail(7)], source.versions[7] = detail_of_it, [version]

        def texts(here: Any) -> list[Any]:
            return [
                *(here[field] for field in hidden),
                here["previews"][0]["caption"],
                here["versions"][0]["release_notes"],
            ]

        await mirror(store, source.url)
        assert texts((await stored(store))[7]) == [french] * 5
        source.addons[7] |= detail_of_it
        await mirror(store, source.url)
        assert texts((await stored(store))[7]) == [None] * 5
        # What details do show goes with them.
        source.others[detail(7)] = detail_of_it | {"summary": {"en-US": "Tabs."} | french}
        source.addons[7]["tags"] = ["other"]
        await mirror(store, source.url)
        source.others[detail(7)], source.addons[7]["tags"] = detail_of_it, []
        await mirror(store, source.url, replace(DEFAULT, names=["7"]))
        assert texts((await stored(store))[7]) == [None] * 5


async def test_a_source_that_has_only_v4(store: Store) -> None:
    with FakeSource([addon(7, "v4")], "v4") as source:
        done = await mirror(store, source.url)
        assert done.faults == {}
        assert (await stored(store))[7]["categories"] == {"android": ["experimental"], "firefox": ["tabs"]}


BAD: list[tuple[str, Canned | list[Canned], str | None]] = [
    ("429 with seconds", [status(429, retry_after="1")], None),
    ("429 with a date", [status(429, retry_after=formatdate(time.time() + 2, usegmt=True))], None),
    ("500 and well again", [status(500)], None),
    ("broken JSON and well again", [Canned(200, b'{"id": 7, "na')], None),
    ("cut off and well again", [Canned(200, cut)], None),
    ("500 for ever", status(500), "status 500"),
    ("broken JSON for ever", Canned(200, b"<html>"), "no JSON"),
    ("broken gzip", Canned(200, b"no", {"Content-Encoding": "gzip"}), "broken gzip"),
    ("endless", Canned(200, endless), "more than"),
    ("slow for ever", Canned(200, slow), "Timeout"),
    ("a redirect to another host", status(302, location="https://elsewhere.example/"), "not followed"),
    ("an object of another form", Canned(200, b"[]"), "another form"),
    ("an add-on that does not fit", Canned(200, b'{"id": 7, "type": "boat"}'), "unknown type"),
    ("a 404 that is not of the API", Canned(404, b"<html>"), "status 404"),
]


async def test_one_that_is_unwell_stops_nothing_else(store: Store) -> None:
    """Each on an add-on of its own; what is well again is taken, what is not is named, and taken later."""
    with FakeSource(addon(number) for number in range(1, len(BAD) + 2)) as source:
        for number, (_, fault, _) in enumerate(BAD, 1):
            if isinstance(fault, list):
                source.next[detail(number)] = list(fault)
            else:
                source.always[detail(number)] = fault
        began = time.monotonic()
        done = await mirror(store, source.url)
        assert time.monotonic() - began >= 1.0, "Retry-After"
        for number, (name, _, reason) in enumerate(BAD, 1):
            told = done.faults.get(f"addon:{number}")
            assert (told is None) if reason is None else (reason in (told or "")), (name, told)
        assert f"addon:{len(BAD) + 1}" not in done.faults
        assert (
            await done.state.count_faults()
            == len(done.faults)
            == sum(reason is not None for *_, reason in BAD)
        )
        # What lists show of them is here nevertheless.
        assert len(await stored(store)) == len(BAD) + 1
        source.always.clear()
        again = await mirror(store, source.url)
        assert again.faults == {} and await again.state.count_faults() == 0


async def test_a_bad_page_is_read_in_parts(store: Store, monkeypatch: Any) -> None:
    """The rows that make it so are named, as many as the state has room for, and the others are taken."""
    monkeypatch.setattr("server.mirror.walk._MAX_UNREACHED", 1)
    with FakeSource(addon(number) for number in range(1, 61)) as source:
        # Newest first: the eighth row is add-on 53.
        for path in (page(1), page(1, 10), page(8, 1), page(9, 1)):
            source.always[path] = status(500)
        done = await mirror(store, source.url, ROWS)
        assert set(range(1, 61)) - (await stored(store)).keys() == {53, 52}
        [kept] = done.state.document["unreached"]
        assert "row 8" in kept and any("row 9" in line for line in done.listener.lines)


async def test_pages_that_shift_lose_nothing(store: Store) -> None:
    """Rows that go while it is read shift others onto a page that was read."""
    with FakeSource(addon(number) for number in range(1, 161)) as source:

        def shift(number: int) -> None:
            if number == 3 and 160 in source.addons:
                for gone in range(140, 161):
                    del source.addons[gone]
            if number == 2:
                source.addons.setdefault(500, addon(500, created="2024-01-01T00:00:00Z"))

        source.before_page = shift
        await mirror(store, source.url, ROWS)
        done = await mirror(store, source.url, ROWS)
        assert done.state.document["unreached"] == []
        public = {id_ for id_, one in (await stored(store)).items() if one["status"] == "public"}
        assert public == source.addons.keys()


DATES = {"created__gte", "created__lt"}
LIMITED = [("by date", DATES - DATES), ("by type", DATES), ("by order", DATES | {"type"})]


@pytest.mark.parametrize("ignores", [one[1] for one in LIMITED], ids=[one[0] for one in LIMITED])
async def test_a_search_that_shows_only_its_first_pages(store: Store, ignores: set[str]) -> None:
    kinds = ("extension", "dictionary", "statictheme")
    addons = [addon(number, type=kinds[number % 3], average_daily_users=number) for number in range(1, 131)]
    with FakeSource(addons) as source:
        source.window, source.ignores = 50, frozenset(ignores)
        done = await mirror(store, source.url, ROWS)
        missing = source.addons.keys() - (await stored(store)).keys()
        unreached = done.state.document["unreached"]
        if ignores <= DATES:
            assert (missing, unreached) == (set(), [])
        else:
            assert f"{len(missing)} of 130 rows are beyond" in unreached[-1], "what is not reached is told"
            assert 0 < len(missing) < 80, "each order begins with others"


async def test_what_is_gone_is_disabled_once_the_source_says_so(store: Store) -> None:
    """contract/extras.md 9.3"""
    with FakeSource(addon(number) for number in range(1, 9)) as source:
        await mirror(store, source.url)
        changes = Changes(store, None)
        await moderation.disable(changes, 8, "ours")
        kept = source.addons.copy()
        for number in range(1, 6):
            del source.addons[number]
        source.always[detail(2)] = status(401)
        source.always[detail(3)] = status(500)
        source.always[detail(4)] = Canned(404, b"<html>")
        source.always[detail(5)] = Canned(200, b'{"id": 5}')
        done = await mirror(store, source.url)
        assert done.faults.keys() == {"addon:3", "addon:4"}
        hidden = {id_ for id_, one in (await stored(store)).items() if one["status"] == "disabled"}
        assert hidden == {1, 2, 8}
        reasons = [one["details"] for one in await store.find("activity", {"action": "force-disabled"})]
        assert any(source.url in str(one) for one in reasons)
        # It comes back as it went; what an operator disabled stays so, changed or not.
        source.always.clear()
        source.addons = kept
        source.addons[8]["tags"] = ["other"]
        await mirror(store, source.url)
        addons = await stored(store)
        assert {id_ for id_, one in addons.items() if one["status"] == "disabled"} == {8}
        assert addons[8]["tags"] == ["other"]
        # A source that lost its data takes none of ours.
        source.addons = {}
        with pytest.raises(TooManyGone):
            await mirror(store, source.url, replace(DEFAULT, max_gone=3))
        assert sum(one["status"] == "public" for one in (await stored(store)).values()) == 7
        # That was a round: the next one sees what is there by then.
        source.addons = kept | {9: addon(9)}
        await mirror(store, source.url, replace(DEFAULT, max_gone=3))
        assert 9 in await stored(store)


async def test_only_those_that_are_named(store: Store) -> None:
    with FakeSource(addon(number) for number in range(1, 9)) as source:
        done = await mirror(
            store, source.url, replace(DEFAULT, names=["tree3@example.org", "4", "tree-5", "nobody@x"])
        )
        assert (await stored(store)).keys() == {3, 4, 5}
        assert done.faults.keys() == {"nobody@x"}
        assert source.paths("search/?page=") == []


async def test_what_has_not_changed_is_not_sent_again(store: Store) -> None:
    with FakeSource(addon(number) for number in range(1, 61)) as source:
        source.sends_tags = True
        await mirror(store, source.url, ROWS)
        source.requests.clear()
        await mirror(store, source.url, ROWS)
        pages = [headers for _, path, headers in source.requests if path in (page(1), page(2))]
        assert [bool(headers["If-None-Match"]) for headers in pages] == [True, True]
        assert pages[0]["User-Agent"] == "Amoeba test" and pages[0]["Accept-Encoding"] == "gzip"


async def test_no_more_requests_than_the_rate(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are sent: on their way two may come as close as they like."""
    sent: list[float] = []
    get = HttpClient.get

    async def timed(client: HttpClient, url: str, headers: Mapping[str, str] | None = None) -> ServiceAnswer:
        sent.append(time.monotonic())
        return await get(client, url, headers)

    monkeypatch.setattr(HttpClient, "get", timed)
    with FakeSource(addon(number) for number in range(1, 4)) as source:
        await mirror(store, source.url, politeness=Politeness(rate=20.0))
        assert len(source.requests) == len(sent) > 8
        assert min(b - a for a, b in pairwise(sent)) > 0.03
        assert sent[-1] - sent[0] >= (len(sent) - 1) / 20 - 0.02


async def test_a_source_that_goes_away_is_left_alone(store: Store) -> None:
    with FakeSource(addon(number) for number in range(1, 40)) as source:
        for number in range(1, 40):
            source.always[detail(number)] = status(500)
        with pytest.raises(SourceUnavailable, match="in a row failed"):
            await mirror(store, source.url)
        assert len(source.paths("/addon/")) < 40
        source.always = {detail(1): status(503, retry_after="90000")}
        with pytest.raises(SourceUnavailable, match="25 hours"):
            await mirror(store, source.url)
        source.always.clear()
        assert (await mirror(store, source.url)).faults == {}


async def test_files_are_held_against_their_sha256(store: Store) -> None:
    content = b"PK" + b"x" * 300_000
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    with FakeSource(addon(number) for number in range(1, 7)) as source:
        for number, one in source.addons.items():
            url = f"{source.url}/firefox/downloads/file/{number}/x.xpi"
            one["current_version"]["file"] |= {"url": url, "hash": digest}
            source.files[f"/firefox/downloads/file/{number}/x.xpi"] = content
        del source.files["/firefox/downloads/file/2/x.xpi"]
        source.addons[2]["current_version"]["file"]["hash"] = "sha256:" + "0" * 64
        source.files["/firefox/downloads/file/3/x.xpi"] = b"other"
        source.addons[3]["current_version"]["file"]["hash"] = "sha256:" + "1" * 64
        source.addons[4]["current_version"]["file"]["url"] = "https://elsewhere.example/x.xpi"
        source.addons[4]["current_version"]["file"]["hash"] = "sha256:" + "2" * 64
        source.always["/firefox/downloads/file/5/x.xpi"] = Canned(200, endless)
        source.addons[5]["current_version"]["file"]["hash"] = "sha256:" + "3" * 64
        options = replace(DEFAULT, max_package=1_000_000)
        done = await mirror(store, source.url, options)
        reasons = {place.partition(" ")[0]: reason for place, reason in done.faults.items()}
        assert reasons.keys() == {"file:200", "file:300", "file:400", "file:500"}
        for file, part in (("200", "404"), ("300", "not those"), ("400", "is not at"), ("500", "more than")):
            assert part in reasons[f"file:{file}"], reasons
        addons = await stored(store)
        files = {id_: one["versions"][0]["files"][0] for id_, one in addons.items()}
        assert files[1]["stored"] == files[6]["stored"] == digest and "stored" not in files[3]
        assert files[1]["url"] == "/firefox/downloads/file/1/x.xpi"
        assert len(source.paths("file/1/") + source.paths("file/6/")) == 1, "the same bytes are fetched once"


async def test_whom_it_can_copy_from(store: Store) -> None:
    with FakeSource([addon(7)]) as source, FakeSource([], "v3") as other:
        with pytest.raises(NoSource, match="is no server of this API"):
            await mirror(store, other.url)
        await mirror(store, source.url)
        with pytest.raises(OtherSource, match="--restart"):
            await MirrorState.open(store, other.url)
        await forget(store)
        assert (await MirrorState.open(store, other.url)).document["round"] == 1
    with pytest.raises((NoSource, SourceUnavailable)):
        await mirror(store, "http://127.0.0.1:9", politeness=Politeness(tries=1, pauses=Backoff(0.01, 0.01)))


async def test_what_could_not_be_taken_is_counted_whole_and_named_in_part(store: Store) -> None:
    with FakeSource(addon(number) for number in range(1, 6)) as source:
        for number in range(1, 4):
            source.always[detail(number)] = status(500)
        done = await mirror(store, source.url)
        assert await done.state.count_faults() == 3
        assert [one["_id"] for one in await done.state.faults(2)] == [1, 2]
