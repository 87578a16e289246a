"""Relaxed queries (contract/search.md 7.3, 7.4 and 7.5)."""

from itertools import combinations

import pytest
from tantivy import Occur, Query

from conf.model.addons import AddonDoc
from conf.synonyms import GROUPS, LOCALES
from index.text import relaxation
from index.text.query_parser import QueryParser
from index.text.ranking import scored, word_query
from index.text.relaxation import MAX_POSTINGS, Alternative, Concept, at_least, limit_postings
from index.text.synonyms import GroupMatch, Synonyms
from tests.bench.intent import spellings
from tests.index.text.small_indexes import PLENTY, Listing, named
from tests.sweep import sweep

MILLION = 1_000_000


@pytest.fixture(scope="module")
def listing() -> Listing:
    return Listing(
        named("uBlock Origin", 8 * MILLION, "An efficient wide-spectrum content blocker. Blocks ads."),
        named("Twitch Skipper", 5_000, "Skips the commercials of one site."),
        named("ClearLinks", 400_000, "Strips tracking elements from URLs."),
        named("Cash Rewards", 200_000, "Get cashback at your favourite stores."),
        named("Userscripts Manager", 900_000, "Runs them on any website."),
        named("Nonstop", 70_000, "Confirms that you are still watching.", tags=["youtube"]),
        named("Page Ruler", 9_000, "Measures."),
        named("Tag Team", 50_000, "Plays.", tags=["volume booster"]),
        named({"de": "Werbung weg"}, 30_000, "Blendet Werbung aus und kann sie blockieren."),
        named("C Tools", 90_000, "For the language C."),
        named("C++ Tools", 900, "For the language C++."),
        named("ASP .NET", 800, "Shows pages."),
    )


@pytest.mark.parametrize(
    ("q", "locale", "first"),
    [
        pytest.param("remove tracking from links", "en-US", "ClearLinks", id="synonyms of two words"),
        pytest.param("earn cashback while shopping", "en-US", "Cash Rewards", id="most of the words"),
        pytest.param("run user scripts", "en-US", "Userscripts Manager", id="two words for one"),
        pytest.param("youtube are you still watching", "en-US", "Nonstop", id="a tag and the summary"),
        pytest.param("ad bloker", "en-US", "uBlock Origin", id="a misspelt word by the catalogue's own"),
        pytest.param("make sound louder", "en-US", "Tag Team", id="a phrase of a group in a tag"),
        pytest.param("bloquear anuncios", "es-ES", "uBlock Origin", id="Spanish question, English text"),
        pytest.param("блокировка рекламы", "ru", "uBlock Origin", id="Russian"),
        pytest.param("広告ブロック", "ja", "uBlock Origin", id="a script without spaces"),
        pytest.param("blokowanie reklam", "pl", "uBlock Origin", id="a language without an analyzer"),
        pytest.param("werbung blockieren", "de", "Werbung weg", id="German text above English"),
        pytest.param("c++", "en-US", "C++ Tools", id="signs are a word"),
        pytest.param(".net pages", "en-US", "ASP .NET", id="a sign before the letters"),
    ],
)
def test_the_top_hit(listing: Listing, q: str, locale: str, first: str) -> None:
    assert listing.find(q, locale)[0] == first


@pytest.mark.parametrize(
    ("q", "locale", "addons", "first"),
    [
        pytest.param(
            "user scripts",
            "en-US",
            [named("Clock", 9 * MILLION, "For all."), named("Monkey", 900, "A userscript manager.")],
            "Monkey",
            id="joined with its neighbour in a text",
        ),
        pytest.param(
            "block ads",
            "en-US",
            [named("Spot Ads Blocker", 6_000), named("Adblock Plus", 5 * MILLION)],
            "Adblock Plus",
            id="two words as one",
        ),
        pytest.param(
            "télécharger une vidéo",
            "fr",
            [named("Use It", 9 * MILLION), named("Clip Saver", 900, "Download any video.")],
            "Clip Saver",
            id="a word that French leaves out is no mistake",
        ),
        pytest.param(
            "see something that shows hidden passwords",
            "en-US",
            [named("Something That", 900_000), named("Reveal", 900, "Makes hidden passwords visible.")],
            "Reveal",
            id="words of questions do not have to be there",
        ),
    ],
)
def test_the_top_hit_of_its_own_index(q: str, locale: str, addons: list[AddonDoc], first: str) -> None:
    assert Listing(*addons).find(q, locale)[0] == first


def test_a_sign_is_no_prefix_of_other_words() -> None:
    assert Listing("C++ Tools", "Cats", "Clock").find("c++") == ["C++ Tools"]


@pytest.mark.parametrize("q", ["werbung blockieren", "block ads", "reklama xyzzy", "scripts ads volume"])
def test_pages_fit_together_without_duplicates(listing: Listing, q: str) -> None:
    all_hits = listing.engine.search(q, "de", (), 50)
    assert all_hits.count == len(all_hits.ids) == len(set(all_hits.ids))
    assert all_hits.scores == sorted(all_hits.scores, reverse=True)
    for limit in range(1, len(all_hits.ids)):
        assert listing.engine.search(q, "de", (), limit).ids == all_hits.ids[:limit]


def test_every_counted_hit_has_a_page() -> None:
    crowd = Listing(*(named(f"Tab {number}", number) for number in range(300)))
    all_hits = crowd.engine.search("tab xyzzy", "en-US", (), 1000)
    assert all_hits.count == len(all_hits.ids) == 200


def test_a_long_query_drops_its_most_frequent_alternatives() -> None:
    """The longest query in the largest catalogue takes some 20 ms (contract/search.md 7.4)."""

    def concept(*frequencies: int) -> Concept:
        alternatives = tuple(Alternative(1.0, Query.empty_query(), frequency) for frequency in frequencies)
        return Concept(alternatives, max(frequencies, default=0))

    def limited(*concepts: Concept) -> list[list[int]]:
        return [
            [alternative.frequency for alternative in concept.alternatives]
            for concept in limit_postings(list(concepts), size)
        ]

    size = 500_000
    assert limited(concept(5, 90_000), concept(), concept(50_000)) == [[5, 90_000], [50_000]]
    assert limited(concept(5, 90_000), concept(60_000), concept(100_000, 10)) == [[5], [60_000], [10]]
    assert limited(concept(MAX_POSTINGS[1] * 2)) == [[MAX_POSTINGS[1] * 2]]
    size = 1_000
    assert limited(concept(5, 40_000), concept(20_000)) == [[5], [20_000]]


def test_a_word_common_in_descriptions_is_searched_there_only_if_no_other_field_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relaxation, "_COMMON", 5)
    talk = [named(f"Brook {number}", 9, description={"en-US": "Strolls."}) for number in range(10)]
    crowd = Listing(*talk, named("Stroll", 9), named("Scroll", MILLION), named("Sea", 9, "A strolling wave."))
    assert crowd.find("strolls wave", limit=2) == ["Sea", "Stroll"]
    assert not [name for name in crowd.find("strolling xyzzy") if name.startswith("Brook")]
    only = Listing(*talk, named("Scrolls", MILLION), named("Xyzzy", 9))
    assert only.find("strolls xyzzy")[0] == "Xyzzy"
    assert len(only.find("strolls xyzzy")) == 11


SQUATTED = [
    "ad blocker", "dark mode", "video downloader", "password manager", "tab manager", "web developer",
    "screen capture", "download manager", "color picker", "cookie manager", "image search", "popup blocker",
]  # fmt: skip


@pytest.mark.parametrize(
    ("q", "most"),
    [
        pytest.param("".join(chr(0x4E00 + number) for number in range(100)), 24, id="without spaces"),
        pytest.param(" ".join(["tab"] * 25), 1, id="one word again and again"),
        pytest.param(" ".join(f"w{number}" for number in range(30)), 16, id="words"),
    ],
)
def test_a_long_query_has_a_bounded_number_of_clauses(q: str, most: int) -> None:
    text = {"ja": q}
    engine = Listing(named(text, 9, description=text), "Tab").engine
    clauses, _ = engine._relaxation.clauses(engine._parser.parse(q, "ja"), correct=True)
    assert most <= len(clauses) <= most + 2  # and for most and for all of them


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_intersections_match_what_a_minimum_of_clauses_matches(count: int) -> None:
    """As intersections, where there are few of them."""
    words = [f"word{number}" for number in range(count)]
    names = [" ".join(subset) for size in range(1, count + 1) for subset in combinations(words, size)]
    engine = Listing(*names).engine
    clauses = [(Occur.Should, word_query("names", word)) for word in words]
    for least in range(2, count + 1):
        expected = Query.boolean_query(clauses, minimum_number_should_match=least)
        hits = engine._top([scored(1.0, at_least(least, clauses))], [], PLENTY).ids
        assert sorted(hits) == sorted(engine._top([scored(1.0, expected)], [], PLENTY).ids)


@pytest.mark.parametrize("q", SQUATTED)
def test_nobody_squats_by_spelling(q: str) -> None:
    """Only a name equal as written outranks popularity; other letters, number and order do not."""
    used = named(f"My {q.title()} Pro", 100_000)
    assert (
        Listing(used, *(named(spelling, 7) for spelling in spellings(q))).find(q)[0] == f"My {q.title()} Pro"
    )
    assert Listing(used, named(q.upper(), 7)).find(q)[0] == q.upper()


@pytest.mark.parametrize(
    ("q", "used"),
    [
        pytest.param("feed reader", named("Brook", 150_000, "A reader of feeds."), id="by its summary"),
        pytest.param("feed reader", named("Brook", 150_000, tags=["feed reader"]), id="by a tag"),
        pytest.param("ad blocker", named("Brook", 150_000, "Blocks advertisements."), id="by synonyms"),
        pytest.param("feed reder", named("Brook Reader", 150_000, "Shows a feed."), id="a misspelt word"),
    ],
)
def test_an_unused_name_ranks_below_matches_in_other_texts(q: str, used: AddonDoc) -> None:
    """Likeness of a name is worth a few times what texts are; popularity multiplies both (7.3)."""
    other = [named(f"Thing {number}", 5_000, f"Speaks of {number}.") for number in range(40)]
    made_up = [named(spelling, 7) for spelling in spellings(q.replace("reder", "reader"))]
    assert Listing(used, *made_up, *other).find(q)[0] == next(iter((used["name"] or {}).values()))


def test_an_unused_name_ranks_below_texts_with_many_matches_too() -> None:
    readers = [named(f"Brook {number}", 50_000, "A feed reader.") for number in range(30)]
    made_up = [named(spelling, 7) for spelling in spellings("feed reader")]
    assert Listing(*readers, *made_up).find("feed reader", limit=5)[0].startswith("Brook")
    assert Listing(*readers, named("FEED reader", 7)).find("feed reader")[0] == "FEED reader"


@pytest.mark.parametrize(
    ("addons", "word", "first"),
    [
        ([named("SyncKolab", 5_988), named("Xmarks Sync", 337_623)], "sync", "Xmarks Sync"),
        ([named("Android Viewer", 5), named("Fix And Mend", 64_100)], "and", "Fix And Mend"),
        ([named("Highlights", 0), named("My Highlight Tool", 7_802)], "highlight", "My Highlight Tool"),
        ([named("Reddit+", 3), named("Old Reddit", 90_000)], "reddit", "Old Reddit"),
    ],
)
def test_whole_words_rank_above_prefixes(addons: list[AddonDoc], word: str, first: str) -> None:
    assert Listing(*addons).find(word)[0] == first


@sweep("group", GROUPS)
def test_a_synonym_group_matches_its_questions(group: str) -> None:
    parser = QueryParser()
    synonyms = Synonyms(parser.analyzers)
    for question in GROUPS[group].questions:
        matches: set[str] = set()
        for locale in LOCALES.values():
            query = parser.parse(question, locale)
            matches |= {match.group for match in synonyms.match_groups(query.words, query.analyzers)}
        assert group in matches, question


def test_a_phrase_matches_by_synonyms_of_its_words() -> None:
    parser = QueryParser()
    query = parser.parse("blocking advertisements", "en-US")
    matches = Synonyms(parser.analyzers).match_groups(query.words, query.analyzers)
    assert GroupMatch("adblock", (0, 1), True, False) in matches
