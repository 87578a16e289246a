"""Which whole names count as the same, and what a name is found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import Stems
from index.namekeys import EDGE, beginnings, exact_key, parts, starting_words, variants, word_terms


@pytest.mark.parametrize(
    ("one", "other"),
    [("Tab Tree", "  tab\t TREE "), ("É", "e\u0301"), ("C++", "c++"), ("İ", "i\u0307")],
)
def test_exact(one: str, other: str) -> None:
    assert exact_key(one) == exact_key(other)


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("tabs", "tab"),
        ("tab", "tabs"),
        ("category", "categories"),
        ("categories", "category"),
        ("cookies", "cookie"),
        ("cookie", "cookies"),
        ("boxes", "box"),
        ("box", "boxes"),
        ("expresss", "express"),
        ("expres", "express"),
        ("reader dark", "dark reader"),
        ("readers dark", "dark reader"),
        ("tabs managers", "tab manager"),
        ("tab style tree", "tree style tab"),
        ("tree styles tab", "tree style tab"),
        ("plus ad block net", "net ad block plus"),
        ("one two three four fives", "one two three four five"),
    ],
)
def test_variants(typed: str, named: str) -> None:
    assert named.replace(" ", "") in variants(tuple(typed.split()))


@given(st.lists(st.text("abcsxyzie", min_size=1, max_size=8), min_size=1, max_size=16))
def test_variants_are_few_and_never_the_name_itself(words: list[str]) -> None:
    found = variants(tuple(words))
    assert "".join(words) not in found
    assert len(found) <= 100


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12))
def test_an_s_more_or_less_does_not_count(word: str) -> None:
    assert f"{word}s" in variants((word,))
    assert word in variants((f"{word}s",))


def test_words_of_a_name() -> None:
    words = ["video", "downloadhelpers"]
    split = parts("Video DownloadHelpers", words)
    assert split == ["video", "download", "helpers"]
    terms = word_terms(words, split, Stems("english")).split()
    assert terms[:2] == words
    assert set(terms) == {*words, "download", "helpers", "downloadhelp", "down"}
    assert starting_words(words, split) == {*words, "download", "helpers", "^video"}


def test_beginnings() -> None:
    assert beginnings("tab") == "t ta tab"
    assert beginnings("^tab") == "^t ^ta ^tab"
    assert max(map(len, beginnings("x" * 50).split())) == EDGE
