"""Fuzzy look-up finds all words within the edit distance, and no others."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from index.text.fuzzy_dictionary import FuzzyDictionary, signature, signatures

LETTERS = "abcde日é1"


def dictionary(*words: str) -> FuzzyDictionary:
    filled = FuzzyDictionary()
    filled.add(words)
    filled.commit()
    return filled


@pytest.mark.parametrize(
    ("query", "distance"),
    [
        ("firefx", 1),
        ("firefoxx", 1),
        ("girefox", 1),
        ("ifrefox", 1),
        ("fierfox", 1),
        ("firexof", 2),
        ("frfox", 2),
    ],
)
def test_edits(query: str, distance: int) -> None:
    assert dictionary("firefox", "thunderbird").find(query, distance) == [("firefox", distance)]


def test_the_word_itself_is_no_match() -> None:
    assert dictionary("firefox", "firefix").find("firefox", 1) == [("firefix", 1)]


@given(
    st.lists(st.text(LETTERS, min_size=3, max_size=7), max_size=60), st.text(LETTERS, min_size=3, max_size=7)
)
def test_finds_what_a_full_scan_finds(words: list[str], query: str) -> None:
    for distance in (1, 2):
        expected = {
            (word, OSA.distance(word, query)) for word in words if 0 < OSA.distance(word, query) <= distance
        }
        assert set(dictionary(*words).find(query, distance)) == expected


def test_nearest_first_and_growing() -> None:
    rnd = random.Random(1)
    words = FuzzyDictionary()
    for version in range(1, 6):
        words.add("".join(rnd.choices(string.ascii_lowercase[:4], k=5)) for _ in range(200))
        words.commit()
        assert words.version == version
    edits = [edits for _, edits in words.find("abcda", 2)]
    assert edits == sorted(edits)
    assert {1, 2} == set(edits)


@pytest.mark.parametrize("query", ["", "a", "ab", "x" * 61, "x" * 100_000])
def test_too_short_and_too_long_words_have_no_neighbours(query: str) -> None:
    assert dictionary("abc", "x" * 60).find(query, 2) == []


def test_may_contain() -> None:
    known = dictionary("firefox", "ab")
    assert len(known) == 1
    assert known.may_contain("firefox")
    assert not known.may_contain("thunderbird")
    assert known.may_contain("ab"), "too short to be kept"


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=20))
def test_batch_signatures_equal_single_ones(words: list[str]) -> None:
    words = [word.encode("utf-8", "ignore").decode() or "a" for word in words]
    assert signatures(words).tolist() == [signature(word) for word in words]
