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
    ("asked", "distance"),
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
def test_edits(asked: str, distance: int) -> None:
    assert dictionary("firefox", "thunderbird").find(asked, distance) == [("firefox", distance)]


def test_the_word_itself_is_not_near() -> None:
    assert dictionary("firefox", "firefix").find("firefox", 1) == [("firefix", 1)]


@given(
    st.lists(st.text(LETTERS, min_size=3, max_size=7), max_size=60), st.text(LETTERS, min_size=3, max_size=7)
)
def test_as_a_plain_look_through(words: list[str], asked: str) -> None:
    for distance in (1, 2):
        near = {
            (word, OSA.distance(word, asked)) for word in words if 0 < OSA.distance(word, asked) <= distance
        }
        assert set(dictionary(*words).find(asked, distance)) == near


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


@pytest.mark.parametrize("asked", ["", "a", "ab", "x" * 61, "x" * 100_000])
def test_too_short_and_too_long_words_have_no_neighbours(asked: str) -> None:
    assert dictionary("abc", "x" * 60).find(asked, 2) == []


def test_knows_what_it_was_told() -> None:
    known = dictionary("firefox", "ab")
    assert len(known) == 1
    assert known.may_contain("firefox")
    assert not known.may_contain("thunderbird")
    assert known.may_contain("ab"), "too short to be kept"


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=20))
def test_signatures_are_made_the_same_one_by_one(words: list[str]) -> None:
    words = [word.encode("utf-8", "ignore").decode() or "a" for word in words]
    assert signatures(words).tolist() == [signature(word) for word in words]
