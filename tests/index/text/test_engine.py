"""The text index as a whole: any text is taken, ties and pages are exact, changes arrive, filters hold.

Rules: contract/search.md 7, 7.1 and 7.2.
"""

import random
import threading
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conf.model.addons import AddonDoc
from index.criteria.clauses import AnyOf, Between, Clause, NoneOf
from index.entry import Entry, make_entry
from index.text.engine import Engine
from tests.factories import make_version
from tests.index.random_catalogues import holds
from tests.index.text.small_indexes import PLENTY, Listing, make_engine, named, numbered

NASTY = [
    *["\x00", "tab\x00tree", "\ufffe", "AND", "OR NOT", "name:tab", "tab~2", "ta*", "?ab", "/tab/", "tab^5"],
    *['"tab', 'tab""tree', "((tab", "[a TO b]", "{tab}", "\\", "a\\:b", "+tab -tree", "<b>tab</b>", "&amp;"],
    *["'", "''", "l'", "'s", "don't", "_", "__", "0", "1.0.0"],
    *["%s %d {0}", "\u202etab\u202c", "\ud7ff\ue000"],
    *["🦊", "👨\u200d👩\u200d👧 tab", "مرحبا tab", "-" * 100, "a" * 100, "a " * 50, "ab" * 50],
    *[sign * 100 for sign in "🦊ﷺİßŉ日…\u0301\U0010ffff"],
    *["日 " * 50, "e\u0301" * 50, "กำ" * 50],
]


@pytest.fixture(scope="module")
def listing() -> Listing:
    words = [
        "Tab",
        "Tree",
        "Fox",
        "Dark",
        "Video",
        "日本語",
        "Менеджер",
        "Éditeur",
        "C++",
        "🦊",
        "ﷺ",
        "don't",
    ]
    rnd = random.Random(7)
    return Listing(
        *(
            named(
                " ".join(rnd.sample(words, rnd.randint(1, 3))), rnd.choice([0, 0, 5, 900]), rnd.choice(words)
            )
            for _ in range(300)
        )
    )


def check(engine: Engine, q: str, locale: str) -> None:
    hits = engine.search(q, locale, (), PLENTY)
    assert hits.count == len(hits.ids) == len(hits.scores) == len(set(hits.ids))
    assert list(zip(hits.scores, hits.ids, strict=True)) == sorted(
        zip(hits.scores, hits.ids, strict=True), key=lambda hit: (-hit[0], hit[1])
    )
    ids, scores = engine.matches(q, locale, ())
    assert sorted(ids.tolist()) == sorted(hits.ids)
    assert len(scores) == len(ids)
    assert engine.ids(q, locale, ()).tolist() == sorted(hits.ids)


@pytest.mark.parametrize("q", NASTY, ids=ascii)
def test_any_text_is_taken(listing: Listing, q: str) -> None:
    for locale in ("en-US", "ja", "tr"):
        check(listing.engine, q, locale)


@settings(max_examples=100)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=100)
    | st.text("ab tree\0\"*~^:(日が🦊'.", max_size=100),
    st.sampled_from(["en-US", "de", "ja", "ar", "pl"]),
)
def test_arbitrary_text_is_accepted(listing: Listing, q: str, locale: str) -> None:
    check(listing.engine, q, locale)


# -- ties and pages


def pair(addon: AddonDoc, **changes: Any) -> tuple[AddonDoc, Entry]:
    changed = cast(AddonDoc, addon | changes)
    return changed, make_entry(changed, {})


def tied(count: int) -> list[AddonDoc]:
    return [named("Same Tab", 10) for _ in range(count)]


@pytest.mark.parametrize("order", ["up", "down", "mixed"])
def test_ties_go_by_id_in_any_order_of_adding(order: str) -> None:
    addons = numbered(tied(120))
    if order == "down":
        addons.reverse()
    elif order == "mixed":
        random.Random(3).shuffle(addons)
    engine = make_engine(addons)
    for limit in (1, 7, 25, 60, 119, 120, 121):
        assert engine.search("tab", "en-US", (), limit).ids == list(range(1, min(limit, 120) + 1))


def test_ties_go_by_id_over_several_commits() -> None:
    addons = numbered(tied(90))
    random.Random(4).shuffle(addons)
    engine = make_engine(addons[:40])
    for start in range(40, 90, 10):
        engine.apply([pair(addon) for addon in addons[start : start + 10]], [])
    engine.refresh()
    assert engine.search("same tab", "en-US", (), 33).ids == list(range(1, 34))


@pytest.mark.parametrize("q", ["tab", "tab tree", "dark vido", "e", "日本", "fox 🦊"])
@pytest.mark.parametrize("rescore", [True, False])
def test_pages_joined_are_the_whole(listing: Listing, q: str, rescore: bool) -> None:
    all_hits = listing.engine.search(q, "en-US", (), PLENTY, rescore=rescore)
    for limit in (1, 5, 10, 11, 25, 50, 75, 200):
        part = listing.engine.search(q, "en-US", (), limit, rescore=rescore)
        assert part.ids == all_hits.ids[:limit]
        assert part.scores == all_hits.scores[:limit]
        assert part.count == all_hits.count


def test_deep_pages_continue_shallow_ones() -> None:
    rnd = random.Random(5)
    engine = make_engine(numbered(named("Tab Tree", rnd.randrange(50), "tree of a tab") for _ in range(1500)))
    deep = engine.search("tree tab", "en-US", (), 1400)
    assert deep.count == 1500
    assert len(deep.ids) == 1400
    shallow = engine.search("tree tab", "en-US", (), 900)
    assert (shallow.ids, shallow.scores) == (deep.ids[:900], deep.scores[:900])


# -- changes


def test_changes_are_seen_after_refresh_and_not_before() -> None:
    listing = Listing("Tab Tree", "Dark Fox")
    engine = listing.engine
    tree, fox = listing.addons
    engine.apply([pair(tree, name={"en-US": "Quiet Garden"})], [fox["_id"], 999])
    assert engine.search("tab", "en-US", (), 5).ids == [1]
    engine.refresh()
    assert len(engine) == 1
    for old_name in ("tab", "dark", "tab tree"):
        assert engine.search(old_name, "en-US", (), 5).ids == []
    for q in ("garden", "quiet garden", "quite garden", "gardenquiet"):
        assert engine.search(q, "en-US", (), 5).ids == [1]


def test_files_of_a_killed_commit_do_not_block_the_next(tmp_path: Path) -> None:
    """Its files have the names that the same commit gives again."""
    addons = numbered(named(f"Tab {number}") for number in range(3))
    engine = Engine(tmp_path)
    engine.apply([pair(addon) for addon in addons], [])
    before = (tmp_path / "meta.json").read_bytes()
    engine.apply([], [1])
    engine.close()
    left = [*tmp_path.glob("*.del")]
    (tmp_path / "meta.json").write_bytes(before)  # killed before the commit was one
    again = Engine(tmp_path)
    assert (len(left), len(again)) == (1, 3)
    again.apply([], [1, 998, 999])  # as many changes as make the name of what is left
    again.refresh()
    assert len(again) == 2
    again.close()


def test_the_last_change_in_a_batch_wins() -> None:
    listing = Listing("Tab Tree")
    tree = listing.addons[0]
    listing.engine.apply([pair(tree, name={"en-US": name}) for name in ("First", "Second")], [])
    listing.engine.refresh()
    assert listing.engine.search("first", "en-US", (), 5).count == 0
    assert listing.engine.search("second", "en-US", (), 5).count == 1


def test_an_empty_index_answers() -> None:
    engine = Engine()
    assert engine.search("tab", "en-US", (), 25).count == 0
    ids, scores = engine.matches("tab", "en-US", (AnyOf(("app:firefox",)),))
    assert len(ids) == len(scores) == 0


def test_searches_go_on_while_another_thread_writes() -> None:
    listing = Listing(*(f"Tab {number}" for number in range(50)))
    engine = listing.engine
    done = threading.Event()

    def write() -> None:
        for users in range(1, 6):
            engine.apply([pair(addon, average_daily_users=users) for addon in listing.addons], [])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert engine.search("tab", "en-US", (), 100).count == 50
        assert engine.search("tba", "en-US", (), 100).count == 50
        engine.refresh()
    writer.join()


# -- filters

CLAUSES: list[Clause] = [
    AnyOf(("app:firefox",)),
    AnyOf(("app:android",)),
    AnyOf(("type:extension",)),
    AnyOf(("type:dictionary", "type:statictheme")),
    AnyOf(("tag:a b", "tag:c")),
    AnyOf(()),
    AnyOf(("tag:none such",)),
    NoneOf(("tag:c",)),
    NoneOf(()),
    NoneOf(("id:3", "slug:addon-4", "id:none")),
    Between("users", 10, 500),
    Between("users", None, 10),
    Between("users", 500, 10),
    Between("users", 10**30, None),
    Between("users", -(10**30), 10**30),
    Between("average", 3, 4.5),
    Between("average", 3.5, None),
    Between("updated", 1_700_000_000_000, None),
    Between("updated", None, None),
    Between("min:firefox", None, 60_000_000_200_100),
    Between("max:android", 1, None),
]


@pytest.fixture(scope="module")
def mixed() -> Listing:
    rnd = random.Random(11)
    addons = []
    for number in range(200):
        apps = rnd.sample(["firefox", "android", "thunderbird"], rnd.randint(1, 3))
        version = make_version(
            compatibility={app: {"min": f"{rnd.randint(50, 70)}.0", "max": "*"} for app in apps}
        )
        addons.append(
            named(
                f"Tab {number}",
                rnd.choice([0, 9, 10, 11, 499, 500, 501]),
                type=rnd.choice(["extension", "dictionary", "statictheme"]),
                tags=rnd.sample(["a b", "c", "d"], rnd.randint(0, 3)),
                versions=[version],
                last_updated=rnd.choice([None, "2023-11-14T22:13:20Z", "2020-01-01T00:00:00Z"]),
                ratings={
                    "average": rnd.choice([0.0, 3.0, 3.5, 4.5, 5.0]),
                    "bayesian_average": 1.0,
                    "count": 1,
                    "text_count": 1,
                    "grouped_counts": {},
                },
            )
        )
    return Listing(*addons)


@settings(max_examples=80)
@given(st.lists(st.sampled_from(CLAUSES), max_size=4))
def test_filters_match_what_a_full_scan_matches(mixed: Listing, clauses: list[Clause]) -> None:
    entries = [make_entry(addon, {}) for addon in mixed.addons]
    expected = [entry.id for entry in entries if all(holds(entry, clause) for clause in clauses)]
    hits = mixed.engine.search("tab", "en-US", clauses, PLENTY)
    assert sorted(hits.ids) == expected
    assert hits.count == len(expected)
    assert mixed.engine.ids("tab", "en-US", clauses).tolist() == expected
    if hits.count >= 25:  # with fewer the query is relaxed
        unfiltered = mixed.engine.search("tab", "en-US", (), PLENTY)
        scores = dict(zip(unfiltered.ids, unfiltered.scores, strict=True))
        assert hits.scores == [scores[id_] for id_ in hits.ids]


def test_filters_apply_to_relaxed_queries_too(mixed: Listing) -> None:
    hits = mixed.engine.search("tba", "en-US", (AnyOf(("tag:c",)),), PLENTY)
    tagged = [addon["_id"] for addon in mixed.addons if "c" in addon["tags"]]
    assert sorted(hits.ids) == tagged


@pytest.mark.parametrize(
    ("term", "without", "ids"),
    [
        pytest.param("tag:a", None, [1, 2], id="a term"),
        pytest.param("tag:a", "tag:b", [1], id="without another term"),
        pytest.param("tag:a", "tag:c", [1, 2], id="without a term that no add-on has"),
        pytest.param("tag:a", "tag:a", [], id="without itself"),
        pytest.param("tag:c", None, [], id="a term that no add-on has"),
    ],
)
def test_ids_with_a_term(term: str, without: str | None, ids: list[int]) -> None:
    tags = (["a"], ["a", "b"], ["b"])
    engine = Listing(
        *(named(f"Tab {number}", tags=addon_tags) for number, addon_tags in enumerate(tags))
    ).engine
    assert sorted(engine.ids_with_term(term, without)) == ids
