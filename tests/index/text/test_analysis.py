"""Which words count as the same.

Rules: contract/search.md 8.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.locales import ANALYZERS
from index.text import analysis
from index.text.analysis import Analyzer, compound_parts, fold, squash, subwords, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Tab Tree", "tab tree"),
        ("ÉDITEUR", "editeur"),
        ("E\u0301diteur", "editeur"),
        ("Größe", "grosse"),
        ("Łódź Øre Æther", "lodz ore aether"),
        ("İstanbul ILGIN", "istanbul ilgin"),
        ("Ёлка", "елка"),
        ("ΆΘΗΝΑΣ", "αθηνασ"),
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّد", "محمد"),
        ("ﾌﾞｯｸ", "ブック"),
        ("が", "が"),
        ("한국", "한국"),
        ("Ｆｏｘ①", "fox1"),
        ("soft\u00adhyphen", "softhyphen"),
        ("Don't", "dont"),
        ("L’outil", "l’outil"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tab-tree_pro (2.0)", ["tab", "tree", "pro", "2", "0"]),
        ("l'outil", ["l", "outil"]),
        ("日本語", ["日本", "本語"]),
        ("日", ["日"]),
        ("日本語tab", ["日本", "本語", "tab"]),
        ("हिन्दी", ["हिन्दी"]),
        ("🦊", []),
        ("c++", ["c"]),
        ("naïve café", ["naïve", "café"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("TabTree", ["Tab", "Tree"]),
        ("uBlock Origin", ["u", "Block", "Origin"]),
        ("XMLHttp", ["XML", "Http"]),
        ("IE7Pro", ["IE", "7", "Pro"]),
        ("DownThemAll!", ["Down", "Them", "All"]),
        ("МенеджерЗакладок2", ["Менеджер", "Закладок", "2"]),
        ("日本Tab", ["日", "本", "Tab"]),
        ("plain", ["plain"]),
        ("Don't", ["Dont"]),
    ],
)
def test_subwords(name: str, expected: list[str]) -> None:
    assert subwords(name) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("downloadhelper", {"down", "download"}),
        ("adblock", {"block"}),
        ("firefoxmenus", {"fire", "firefox", "fox", "menu", "menus"}),
        ("tabs", set()),
        ("zzzzz", set()),
    ],
)
def test_compound_parts(word: str, expected: set[str]) -> None:
    assert set(compound_parts(word)) == expected


@pytest.mark.parametrize(
    ("analyzer", "text", "expected"),
    [
        ("english", "The tabs of <b>TREES</b> &amp; foxes", "tab tree fox"),
        ("english", "running\x00’s don't _x_", "run s dont x"),
        ("english", "“cafés” — naïve", "cafe naiv"),
        ("english", "日本語 tabs", "日本 本語 tab"),
        ("german", "die Häuser und Bäume", "haus baum"),
        ("french", "l'outil et les pages", "outil pag"),
        ("russian", "закладки и вкладки", "закладк вкладк"),
        ("bulgarian", "раздели", "раздели"),
        ("cjk", "탭 관리자", "탭 관리 리자"),
    ],
)
def test_terms(analyzer: str, text: str, expected: str) -> None:
    assert Analyzer(analyzer).terms(text).split() == expected.split()


@pytest.mark.parametrize("analyzer", sorted(set(ANALYZERS.values())))
@given(text=st.text(max_size=60))
def test_every_analyzer_takes_any_text(analyzer: str, text: str) -> None:
    terms = Analyzer(analyzer).terms(text)
    assert terms == Analyzer(analyzer).terms(text)
    assert "\x00" not in terms


@given(st.text(max_size=40))
def test_fold_is_idempotent(text: str) -> None:
    folded = fold(text)
    assert squash(folded) == "".join(analysis.squash(word) for word in folded.split())
    assert all(word == word.strip() and word for word in words(folded))
    assert all(subwords(text))


def test_the_token_cache_is_bounded() -> None:
    stems = Analyzer("english", 100)
    for number in range(1000):
        stems.terms(f"word{number} {'x' * 500}")
    assert len(stems) <= 100
