"""Near words are found, all of them, and no others."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from index.text.near_words import Lookalikes, signature, signatures

LETTERS = "abcde日é1"


def shelf(*words: str) -> Lookalikes:
    found = Lookalikes()
    found.add(words)
    found.settle()
    return found


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
    assert shelf("firefox", "thunderbird").find(asked, distance) == [("firefox", distance)]


def test_the_word_itself_is_not_near() -> None:
    assert shelf("firefox", "firefix").find("firefox", 1) == [("firefix", 1)]


@given(
    st.lists(st.text(LETTERS, min_size=3, max_size=7), max_size=60), st.text(LETTERS, min_size=3, max_size=7)
)
def test_as_a_plain_look_through(words: list[str], asked: str) -> None:
    for distance in (1, 2):
        near = {
            (word, OSA.distance(word, asked)) for word in words if 0 < OSA.distance(word, asked) <= distance
        }
        assert set(shelf(*words).find(asked, distance)) == near


def test_nearest_first_and_growing() -> None:
    rnd = random.Random(1)
    found = Lookalikes()
    for version in range(1, 6):
        found.add("".join(rnd.choices(string.ascii_lowercase[:4], k=5)) for _ in range(200))
        found.settle()
        assert found.version == version
    edits = [edits for _, edits in found.find("abcda", 2)]
    assert edits == sorted(edits)
    assert {1, 2} == set(edits)


@pytest.mark.parametrize("asked", ["", "a", "ab", "x" * 61, "x" * 100_000])
def test_too_short_and_too_long_words_have_no_neighbours(asked: str) -> None:
    assert shelf("abc", "x" * 60).find(asked, 2) == []


def test_knows_what_it_was_told() -> None:
    found = shelf("firefox", "ab")
    assert len(found) == 1
    assert found.may_have("firefox")
    assert not found.may_have("thunderbird")
    assert found.may_have("ab"), "too short to be kept"


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=20))
def test_signatures_are_made_the_same_one_by_one(words: list[str]) -> None:
    words = [word.encode("utf-8", "ignore").decode() or "a" for word in words]
    assert signatures(words).tolist() == [signature(word) for word in words]
