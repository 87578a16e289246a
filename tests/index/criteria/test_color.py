"""Colours: vectors and conditions of contract/search.md 5."""

import colorsys
from itertools import product
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.model.addons import ColorDoc
from index.criteria.color import clean_hex, color_terms, matching_terms, to_hsl
from tests.sweep import sweep

VECTORS = {
    "ff0000": (0, 255, 127),
    "ff8800": (22, 255, 127),
    "ffff00": (42, 255, 127),
    "00ff00": (85, 255, 127),
    "00ffff": (127, 255, 127),
    "0000ff": (170, 255, 127),
    "ff00ff": (212, 255, 127),
    "123456": (148, 166, 52),
    "808080": (0, 0, 128),
}
channels = st.integers(0, 255)
hexes = st.builds("{:02x}{:02x}{:02x}".format, channels, channels, channels)


def make_color(hue: int, saturation: int, lightness: int, ratio: float = 0.5) -> ColorDoc:
    return cast(ColorDoc, {"h": hue, "s": saturation, "l": lightness, "ratio": ratio})


def wanted_by_the_reference(hex6: str, hue: int, saturation: int, lightness: int) -> bool:
    """Section 5 word by word, for one theme colour."""
    h, s, l = to_hsl(hex6)  # noqa: E741
    if s <= 6.375:
        return saturation <= 6.375 and max(l - 64, 0) <= lightness <= min(l + 64, 255)
    if l <= 12.75:
        return lightness <= 12.75
    if l >= 249.9:
        return lightness >= 249.9
    if not (saturation > 6.375 and 12.75 < lightness < 249.9):
        return False
    if h - 26 < 0 or h + 26 > 255:
        return hue >= (h - 26) % 255 or hue <= (h + 26) % 255
    return h - 26 <= hue <= h + 26


@pytest.mark.parametrize(("hex6", "hsl"), VECTORS.items(), ids=VECTORS)
def test_conversion_has_the_reference_vectors(hex6: str, hsl: tuple[int, int, int]) -> None:
    assert to_hsl(hex6) == hsl


@given(hexes)
def test_conversion_is_the_usual_one_within_rounding(hex6: str) -> None:
    red, green, blue = (int(hex6[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    h, s, l = to_hsl(hex6)  # noqa: E741
    assert abs(h - hue * 255) <= 1
    assert abs(l - lightness * 255) <= 1
    # At both ends of lightness the two formulas divide by something small: nothing to compare.
    if 13 <= l <= 241:
        assert abs(s - saturation * 255) <= 2


@pytest.mark.parametrize(
    ("value", "hex6"),
    [
        pytest.param("#ff8800", "ff8800", id="hash is dropped"),
        pytest.param("f80", "ff8800", id="three digits are doubled"),
        pytest.param("FF8800", "FF8800", id="any case"),
        pytest.param("ff8800cc", "ff8800", id="first six digits"),
        pytest.param("f-f-8-8-0-0", "ff8800", id="every other character is dropped"),
        pytest.param("ff88", None, id="four digits"),
        pytest.param("xyz", None, id="no digits"),
        pytest.param("ｆｆ８８００", None, id="wide digits are no digits"),
    ],
)
def test_clean_hex(value: str, hex6: str | None) -> None:
    assert clean_hex(value) == hex6


@given(hexes, channels, channels, channels)
def test_terms_say_what_the_conditions_say(hex6: str, hue: int, saturation: int, lightness: int) -> None:
    shared = color_terms([make_color(hue, saturation, lightness)]) & set(matching_terms(hex6))
    assert bool(shared) == wanted_by_the_reference(hex6, hue, saturation, lightness)


@sweep(
    "hex6, saturation, lightness",
    product(
        ["000000", "0d0000", "ffffff", "fff9f9", "404040", "bfbfbf", "808080", "ff0000"],
        [0, 6, 7, 255],
        [0, 12, 13, 63, 64, 65, 191, 192, 249, 250, 255],
    ),
)
def test_edges_of_grey_black_and_white(hex6: str, saturation: int, lightness: int) -> None:
    shared = color_terms([make_color(0, saturation, lightness)]) & set(matching_terms(hex6))
    assert bool(shared) == wanted_by_the_reference(hex6, 0, saturation, lightness)


@pytest.mark.parametrize("hex6", ["ff0000", "ff0099", "ff00ff", "e600ff", "ff8800", "0000ff"])
def test_every_hue_around_the_wheel(hex6: str) -> None:
    matching = set(matching_terms(hex6))
    for hue in range(256):
        shared = color_terms([make_color(hue, 255, 127)]) & matching
        assert bool(shared) == wanted_by_the_reference(hex6, hue, 255, 127)


def test_small_areas_give_no_terms() -> None:
    assert color_terms([make_color(30, 200, 100, ratio=0.2499)]) == set()
    assert color_terms([make_color(30, 200, 100, ratio=0.25)]) == {"hue:30"}


def test_conditions_hold_for_one_colour_not_for_two_together() -> None:
    # Grey but too dark, and light enough but not grey: neither is the light grey asked for.
    themes = color_terms([make_color(0, 0, 20), make_color(0, 200, 200)])
    assert not themes & set(matching_terms("c8c8c8"))
