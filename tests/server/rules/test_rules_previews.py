"""Previews, and images that are uploaded (contract/writes.md 3.2, 6)."""

import struct
import time
import zlib
from typing import Any

import pytest
from tornado.httputil import HTTPFile

from server.rules import previews
from server.rules.faults import Fault, Invalid
from server.rules.fields import WrongValue
from server.rules.values import images
from server.rules.values.translated import TranslationFormat
from tests.factories import make_addon

NOW = "2026-05-06T07:08:09Z"
FORMAT = TranslationFormat(flat=False, locale="en-US")
BROKEN = "Upload a valid image. The file you uploaded was either not an image or a corrupted image."
NO_FILE = {"image": ["No file was submitted."]}


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int = 2, height: int = 2, *, animated: bool = False) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    control = chunk(b"acTL", bytes(8)) if animated else b""
    pixels = zlib.compress(b"".join(bytes(width + 1) for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + header + control + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def jpeg(width: int = 3, height: int = 2) -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 4) + b"xx"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 8, 8, height, width, 1)
    return b"\xff\xd8" + app + frame + b"\xff\xd9"


@pytest.mark.parametrize(("image", "size"), [(png(640, 480), (640, 480)), (jpeg(), (3, 2))])
def test_an_image_says_its_size(image: bytes, size: tuple[int, int]) -> None:
    assert images.check_upload(image) == size


@pytest.mark.parametrize(
    ("image", "square", "text"),
    [
        (b"GIF89a....", False, "Images must be either PNG or JPG."),
        (b"<svg></svg>", False, "Images must be either PNG or JPG."),
        (png(animated=True), False, "Images cannot be animated."),
        (b"", False, BROKEN),
        (b"not an image", False, BROKEN),
        (png()[:40], False, BROKEN),
        (png().replace(b"IHDR", b"IHDX"), False, BROKEN),
        (jpeg()[:9], False, BROKEN),
        (b"\xff\xd8\xff" + bytes(30), False, BROKEN),
        (png(2, 3), True, "Images must be square (same width and height)."),
        (png() + bytes(4 * 1024 * 1024), False, "Please use images smaller than 4MB."),
    ],
)
def test_an_image_that_is_refused(image: bytes, square: bool, text: str) -> None:
    with pytest.raises(WrongValue) as caught:
        images.check_upload(image, square=square)
    [fault] = caught.value.faults
    assert isinstance(fault, Fault)
    assert fault.text("en-US") == text


@pytest.mark.parametrize(
    "image",
    [
        png().replace(b"IDAT", chunk(b"tEXt", b"") * 340_000 + b"IDAT")[: 4 * 1024 * 1024],
        b"\xff\xd8\xff" + b"\xe0\x00\x02\xff" * 1_000_000,
        b"\xff\xd8" + b"\xff\x01" * 2_000_000,
    ],
    ids=["chunks", "segments", "bare segments"],
)
def test_an_image_of_headers_is_soon_refused(image: bytes) -> None:
    """A million segments took 0.6 s of the loop."""
    started = time.thread_time()
    with pytest.raises(WrongValue):
        images.check_upload(image)
    assert time.thread_time() - started < 0.05


def read_new(describes: bool = True, **sent: Any) -> dict[str, Any]:
    return previews.read_new(sent, FORMAT, describes=describes)


def test_a_preview_is_the_last_unless_said_otherwise() -> None:
    first = previews.added(make_addon(), 5, read_new(image_url="/a.png"), NOW)
    assert first["previews"] == [
        {
            "id": 5,
            "caption": None,
            "image_url": "/a.png",
            "image_size": [],
            "thumbnail_url": "/a.png",
            "thumbnail_size": [],
            "position": 0,
        }
    ]
    values = read_new(image_url="https://example.org/b.png", image_size=[640, 480], caption={"en-US": "B"})
    second = previews.added(first, 6, values, NOW)["previews"][1]
    assert (second["position"], second["image_size"], second["caption"]) == (1, [640, 480], {"en-US": "B"})
    assert (
        previews.added(first, 6, read_new(image_url="/c.png", position=9), NOW)["previews"][1]["position"]
        == 9
    )


@pytest.mark.parametrize(
    ("describes", "sent", "told"),
    [
        (False, {}, NO_FILE),
        (True, {}, NO_FILE),
        (False, {"image_url": "/a.png"}, NO_FILE),
        (False, {"image": "x"}, NO_FILE),
        (
            False,
            {"image": HTTPFile(filename="a.png", body=png(), content_type="image/png"), "position": "x"},
            {
                "position": ["A valid integer is required."],
            },
        ),
        (
            False,
            {"image": HTTPFile(filename="a.png", body=b"GIF89a", content_type="image/png")},
            {"image": ["Images must be either PNG or JPG."]},
        ),
        (True, {"image_url": "a.png"}, {"image_url": ["Enter a valid URL."]}),
        (
            True,
            {"image_url": "/a.png", "caption": {"en-US": "x" * 281}},
            {"caption": ["Ensure this field has no more than 280 characters."]},
        ),
    ],
)
def test_a_new_preview_that_is_refused(describes: bool, sent: dict[str, Any], told: Any) -> None:
    with pytest.raises(Invalid) as caught:
        read_new(describes, **sent)
    assert caught.value.body("en-US") == told


def test_a_caption_is_a_translated_text_of_the_addon() -> None:
    addon = previews.added(make_addon(), 5, read_new(image_url="/a.png"), NOW)
    with pytest.raises(Invalid) as caught:
        previews.edited(addon, 5, {"caption": {"fr": "A"}}, NOW)
    text = 'A value in the default locale of "en-US" is required if other translations are set.'
    assert caught.value.body("en-US") == {"caption": [text]}
    changed = previews.edited(addon, 5, {"caption": {"en-US": "A"}, "position": 3}, NOW)["previews"]
    assert (changed[0]["caption"], changed[0]["position"]) == ({"en-US": "A"}, 3)
    assert previews.removed(addon, 5, NOW)["previews"] == []
    assert previews.removed(addon, 6, NOW) is addon


def test_themes_have_no_previews_of_their_own() -> None:
    previews.check_type(make_addon())
    with pytest.raises(Invalid) as caught:
        previews.check_type(make_addon(type="statictheme"))
    assert caught.value.body("en-US") == ["This cannot be set for add-ons of this type."]
