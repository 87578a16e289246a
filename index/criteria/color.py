"""Colours of static themes: the terms of a theme, and those that match a `color` parameter.

    matching_terms("ff8800")  -> ("hue:0", ..., "hue:48", "hue:251", ...)
    color_terms(colors)       -> {"hue:30"}

Each dominant colour of a theme becomes one or two terms. All conditions of a filter
(contract/search.md 5) must hold for the same colour, and a term stands for one colour as
a whole, so a filter is simply "at least one of these terms".
"""

import re
from collections.abc import Iterable
from typing import Final

from conf.model.addons import ColorDoc
from conf.vocabulary import MIN_COLOR_RATIO

_GREY_SATURATION: Final = 6.375  # 2.5 % of 255
_BLACK_LIGHTNESS: Final = 12.75  # 5 %
_WHITE_LIGHTNESS: Final = 249.9  # 98 %
_LIGHTNESS_TOLERANCE: Final = 64
_HUE_TOLERANCE: Final = 26
_MAX: Final = 255
_NOT_HEX: Final = re.compile(r"[^0-9A-Fa-f]")


def clean_hex(value: str) -> str | None:
    """Six hex digits of a parameter ("#F80" -> "FF8800"); None when it is no colour."""
    digits = _NOT_HEX.sub("", value)[:6]
    if len(digits) == 3:
        return "".join(digit * 2 for digit in digits)
    return digits if len(digits) == 6 else None


def to_hsl(hex6: str) -> tuple[int, int, int]:
    """Hue, saturation, lightness, each 0..255, of six hex digits."""
    red, green, blue = (int(hex6[i : i + 2], 16) for i in (0, 2, 4))
    high, low = max(red, green, blue), min(red, green, blue)
    total, span = high + low, high - low
    lightness = total // 2
    if span == 0:
        return 0, 0, lightness
    saturation = _MAX * span // (total if lightness <= 127 else 510 - total)
    if high == red:
        offset, difference = 0, green - blue
    elif high == green:
        offset, difference = 510, blue - red
    else:
        offset, difference = 1020, red - green
    # In whole numbers, as a share of 6 * span: no rounding before the floor.
    scaled = (offset * span + _MAX * difference) % (1530 * span)
    return scaled // (6 * span), saturation, lightness


def color_terms(colors: Iterable[ColorDoc]) -> set[str]:
    """The terms of the dominant colours; colours below MIN_COLOR_RATIO of the image have none."""
    terms: set[str] = set()
    for color in colors:
        if color["ratio"] >= MIN_COLOR_RATIO:
            terms |= _terms(int(color["h"]), color["s"], color["l"])
    return terms


def _terms(hue: int, saturation: float, lightness: float) -> set[str]:
    terms = set()
    if saturation <= _GREY_SATURATION:
        terms.add(f"grey:{int(lightness)}")
    if lightness <= _BLACK_LIGHTNESS:
        terms.add("black")
    elif lightness >= _WHITE_LIGHTNESS:
        terms.add("white")
    elif saturation > _GREY_SATURATION:
        terms.add(f"hue:{hue}")
    return terms


def matching_terms(hex6: str) -> tuple[str, ...]:
    """A theme matches a colour of six hex digits if it has any of these terms."""
    hue, saturation, lightness = to_hsl(hex6)
    if saturation <= _GREY_SATURATION:
        low, high = max(lightness - _LIGHTNESS_TOLERANCE, 0), min(lightness + _LIGHTNESS_TOLERANCE, _MAX)
        return tuple(f"grey:{value}" for value in range(low, high + 1))
    if lightness <= _BLACK_LIGHTNESS:
        return ("black",)
    if lightness >= _WHITE_LIGHTNESS:
        return ("white",)
    return tuple(f"hue:{value}" for value in _hues(hue))


def _hues(hue: int) -> list[int]:
    low, high = hue - _HUE_TOLERANCE, hue + _HUE_TOLERANCE
    if low >= 0 and high <= _MAX:
        return list(range(low, high + 1))
    # The reference wraps by 255, not 256.
    low, high = low % _MAX, high % _MAX
    return [*range(high + 1), *range(low, _MAX + 1)]
