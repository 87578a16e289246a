"""Which names count as the same, and the terms of a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.analysis import Analyzer, fold, has_subwords, subwords, words
from index.text.name_forms import analyze_name, edge_words, exact_key, name_terms, variants


@pytest.mark.parametrize(
    ("name", "same_name"),
    [("Tab Tree", "  tab\t TREE "), ("É", "e\u0301"), ("C++", "c++"), ("İ", "i\u0307")],
)
def test_exact(name: str, same_name: str) -> None:
    assert exact_key(name) == exact_key(same_name)


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
    names = variants(tuple(words))
    assert "".join(words) not in names
    assert len(names) <= 100


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12))
def test_singular_and_plural_are_variants(word: str) -> None:
    assert f"{word}s" in variants((word,))
    assert word in variants((f"{word}s",))


@pytest.mark.parametrize(
    ("text", "joined", "words", "subwords"),
    [
        ("Tab-Tree Pro", "tabtreepro", ["tab", "tree", "pro"], ["tab", "tree", "pro"]),
        ("TabTree", "tabtree", ["tabtree"], ["tab", "tree"]),
        ("IE7 PDFViewer", "ie7pdfviewer", ["ie7", "pdfviewer"], ["ie", "7", "pdf", "viewer"]),
        ("Éditeur", "editeur", ["editeur"], ["editeur"]),
        ("日本語", "日本語", ["日本", "本語"], ["日", "本", "語"]),
        ("ﷺ", "صلىاللهعليهوسلم", ["صلى", "الله", "عليه", "وسلم"], ["صلى", "الله", "عليه", "وسلم"]),
        ("!!!", "", [], []),
    ],
)
def test_analyze_name(text: str, joined: str, words: list[str], subwords: list[str]) -> None:
    name = analyze_name(text)
    assert (name.joined, name.words, name.subwords) == (joined, words, subwords)


@given(st.text("abzABZ019 -'é日", max_size=20))
def test_a_name_without_subwords_has_its_words_alone(text: str) -> None:
    if not has_subwords(text):
        assert [fold(part) for part in subwords(text)] == words(fold(text))


def test_words_of_a_name() -> None:
    name = analyze_name("Video DownloadHelpers")
    terms = name_terms(name, Analyzer("english")).split()
    assert terms[:2] == ["video", "downloadhelpers"]
    assert set(terms[2:]) == {"video", "download", "helpers", "downloadhelp", "down"}
    assert edge_words(name) == {"video", "downloadhelpers", "download", "helpers", "^video"}
