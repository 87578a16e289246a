"""Shelves: bounded, nothing lost that fits, nothing kept that changed."""

import random

from index.documents.prerendered import Slot
from index.documents.render_cache import RenderCache
from index.shapes.view import View

V5, FRENCH = View("v5"), View("v5", lang="fr")
BUNDLED = (Slot("row", V5), Slot("detail", V5, like=0))


def text_of(number: int, kind: str = "row") -> bytes:
    return b'{"id":%d,"kind":"%b","name":"%s"}' % (number, kind.encode(), b"add-on " * 20)


def ask(shelves: RenderCache, view: View, number: int, kind: str = "row") -> bytes | None:
    shelf = shelves.shelf(kind, view)
    assert shelf is not None
    return shelves.fetch(shelf, [number])[0]


def keep(shelves: RenderCache, view: View, number: int) -> None:
    shelf = shelves.shelf("row", view)
    assert shelf is not None
    shelves.keep(shelf, number, text_of(number))


def bundle(shelves: RenderCache, number: int) -> None:
    texts = [text_of(number, slot.kind) for slot in BUNDLED]
    shelves.bundle(number, shelves.bundles.chain.pack(texts))


def test_what_is_kept_comes_back_and_what_changed_does_not() -> None:
    shelves = RenderCache(10**6)
    keep(shelves, V5, 1)
    keep(shelves, FRENCH, 1)
    assert ask(shelves, V5, 1) == ask(shelves, FRENCH, 1) == text_of(1)
    assert ask(shelves, V5, 2) is None
    shelves.forget(1)
    assert ask(shelves, V5, 1) is ask(shelves, FRENCH, 1) is None


def test_what_was_rendered_ahead_comes_back_and_what_changed_does_not() -> None:
    shelves = RenderCache(10**6, BUNDLED)
    bundle(shelves, 1)
    assert ask(shelves, V5, 1) == text_of(1)
    assert ask(shelves, V5, 1, "detail") == text_of(1, "detail")
    assert ask(shelves, FRENCH, 1) is None
    shelves.forget(1)
    assert ask(shelves, V5, 1) is ask(shelves, V5, 1, "detail") is None


def test_an_invented_language_gets_no_place() -> None:
    assert RenderCache(10**6).shelf("row", View("v5", lang="xx")) is None


def test_the_limit_holds_whatever_is_asked() -> None:
    dice = random.Random(1)
    shelves = RenderCache(200_000, BUNDLED)
    for _ in range(20_000):
        view, number = dice.choice((V5, FRENCH)), dice.randrange(3000)
        known = ask(shelves, view, number)
        assert known in (None, text_of(number))
        if known is None:
            keep(shelves, view, number)
        if dice.random() < 0.05:
            shelves.forget(dice.randrange(3000))
        if dice.random() < 0.05:
            bundle(shelves, dice.randrange(3000))
        assert shelves.size <= 200_000


def test_bundles_are_taken_until_their_room_is_full() -> None:
    shelves = RenderCache(100_000, BUNDLED)
    for number in range(1000):
        bundle(shelves, number)
    held = sum(number in shelves.bundles for number in range(1000))
    assert 0 < held < 1000
    assert all(number in shelves.bundles for number in range(held))
    assert shelves.bundles.is_full


def test_packed_ones_outlive_ready_ones() -> None:
    shelves = RenderCache(400_000)
    for number in range(1200):
        keep(shelves, V5, number)
    shelf = shelves.shelf("row", V5)
    assert shelf is not None
    assert len(shelf.young) + len(shelf.old) < len(shelf.packed)
    assert all(ask(shelves, V5, number) == text_of(number) for number in range(1100, 1200))


def test_what_is_asked_for_again_stays_ready() -> None:
    shelves = RenderCache(400_000)
    for number in range(1200):
        keep(shelves, V5, number)
        ask(shelves, V5, 0)
    shelf = shelves.shelf("row", V5)
    assert shelf is not None
    assert 0 in shelf.young or 0 in shelf.old
    assert 1 not in shelf.young and 1 not in shelf.old
