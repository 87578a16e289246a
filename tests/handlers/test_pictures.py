"""Icons, previews and pictures of accounts: sent, drawn anew, shown, taken away (contract/writes.md 6.1)."""

import asyncio
import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from conf.settings.loading import load_settings
from server.cli.opening import open_context
from server.embedded.mongod import OwnMongod
from server.files.files import Files
from tests.client import Answer
from tests.handlers.loaded_server import environment
from tests.handlers.signed_client import Api, authorization
from tests.handlers.upload_client import send, upload
from tests.handlers.writable_server import ADMIN, DEVELOPER, OWNER, SPARE, STRANGER, addon, writing
from tests.packages import form, package

SITE = "https://addons.example.org"
SECRET = b"GPS 52.5 13.4"
BROKEN = "Upload a valid image. The file you uploaded was either not an image or a corrupted image."
YEAR = "max-age=31536000"


class Server(NamedTuple):
    api: Api
    folder: Path
    mongod: OwnMongod

    def unused(self) -> int:
        """How many stored files nothing refers to, which are removed."""

        async def remove() -> int:
            async with open_context(load_settings({}, environment(self.folder, self.mongod), None)) as here:
                return await Files(here.store).remove_unused(-1)

        return asyncio.run(remove())


@pytest.fixture(scope="module")
def pictured(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("pictures")
    addons = [*map(addon, SPARE), addon(3, type="statictheme")]
    with writing(folder, mongod, *addons) as api:
        yield Server(api, folder, mongod)


def image(
    kind: str = "PNG", size: tuple[int, int] = (300, 300), mode: str = "RGBA", color: str = "red", **more: Any
) -> bytes:
    """With everything in it that nobody is to know."""
    image = Image.new(mode, size, color if mode != "P" else 1)
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    about = PngInfo()
    about.add_text("Comment", SECRET.decode())
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept: dict[str, Any] = {"exif": exif, "icc_profile": profile}
    kept |= {"pnginfo": about} if kind == "PNG" else {"comment": SECRET}
    out = io.BytesIO()
    image.save(out, kind, **kept | more)
    return out.getvalue()


def shown(api: Api, address: str, **headers: str) -> Answer:
    assert address.startswith(f"{SITE}/user-media/")
    return api.get(address.removeprefix(SITE), headers=headers)


def opened_image(answer: Answer) -> Image.Image:
    assert answer.status == 200
    assert SECRET not in answer.body
    image = Image.open(io.BytesIO(answer.body))
    image.load()
    assert not {"exif", "icc_profile", "comment", "Comment"} & image.info.keys()
    return image


@pytest.mark.parametrize("version", ["v3", "v5"])
def test_an_icon_comes_and_goes(pictured: Server, version: str, number: int) -> None:
    api, path = pictured.api, f"addons/addon/{number}/"
    answer = send(api, OWNER, "PATCH", f"{version}/{path}", icon=("i.png", image()))
    assert answer.status == 200, answer.body
    body = answer.json
    sizes = ("32", "64") if version == "v3" else ("32", "64", "128")
    assert body["icon_url"] == body["icons"]["64"]
    for size in sizes:
        address = body["icons"][size]
        assert address.startswith(f"{SITE}/user-media/addon_icons/0/{number}-{size}.png?modified=")
        found = opened_image(shown(api, address))
        assert (found.format, found.size) == ("PNG", (int(size), int(size)))
    assert api.ask("GET", version, path).json["icons"] == body["icons"]
    changed = send(api, DEVELOPER, "PATCH", f"{version}/{path}", icon=("i.png", image(mode="L"))).json
    assert changed["icon_url"] != body["icon_url"]
    assert pictured.unused() >= 3
    body = api.ask("PATCH", version, path, OWNER, {"icon": None}).json
    assert body["icon_url"] == f"{SITE}/static/img/addon-icons/default-64.png"
    assert shown(api, changed["icon_url"]).status == 404
    assert pictured.unused() == 3


def test_how_it_is_sent(pictured: Server, number: int) -> None:
    """Kept for ever under the address that answers have; the bytes' hash is its tag."""
    api = pictured.api
    icons = send(api, OWNER, "PATCH", f"v5/addons/addon/{number}/", icon=("i.png", image())).json["icons"]
    answer = shown(api, icons["32"])
    headers = answer.headers
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("image/png", YEAR)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert shown(api, icons["32"].partition("?")[0]).headers["Cache-Control"] == "max-age=3600"
    assert shown(api, icons["32"], **{"If-None-Match": headers["ETag"]}).status == 304
    head = api.request("HEAD", icons["32"].removeprefix(SITE))
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(answer.body)))
    for other in ("x.png", "addon_icons/0/20-32.gif", "../x.png", "%00.png", "addon_icons/0/999-32.png"):
        assert api.get(f"/user-media/{other}").status == 404
    assert api.request("POST", icons["32"].removeprefix(SITE)).status == 405


def test_small_ones_stay_small(pictured: Server, number: int) -> None:
    small = ("i.jpg", image("JPEG", (48, 48), "RGB"))
    icons = send(pictured.api, OWNER, "PATCH", f"v5/addons/addon/{number}/", icon=small).json["icons"]
    assert [opened_image(shown(pictured.api, icons[size])).width for size in ("32", "64", "128")] == [
        32,
        48,
        48,
    ]
    assert shown(pictured.api, icons["64"]).headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("kind", "mode", "size", "full", "thumbnail"),
    [
        ("PNG", "P", (640, 480), (640, 480), (533, 400)),
        ("JPEG", "CMYK", (2600, 1300), (2400, 1200), (533, 267)),
    ],
)
def test_a_preview_comes_and_goes(
    pictured: Server, number: int, kind: str, mode: str, size: Any, full: Any, thumbnail: Any
) -> None:
    api, path = pictured.api, f"v5/addons/addon/{number}/previews/"
    answer = send(api, OWNER, "POST", path, image=("p", image(kind, size, mode)), position="3")
    assert answer.status == 201, answer.body
    body = answer.json
    assert (body["image_size"], body["thumbnail_size"], body["position"]) == ([*full], [*thumbnail], 3)
    ending = "jpg" if kind == "JPEG" else "png"
    for folder, key, found in (("full", "image", full), ("thumbs", "thumbnail", thumbnail)):
        place = f"{SITE}/user-media/previews/{folder}/0/{body['id']}.{ending}?modified="
        assert body[f"{key}_url"].startswith(place)
        assert opened_image(shown(api, body[f"{key}_url"])).size == found
    assert api.ask("GET", "v5", f"addons/addon/{number}/").json["previews"] == [body]
    assert api.ask("DELETE", "v5", f"addons/addon/{number}/previews/{body['id']}/", OWNER).status == 204
    assert shown(api, body["image_url"]).status == 404


def test_none_of_two_images_in_one_call_is_lost_unsaid(pictured: Server, number: int) -> None:
    """contract/writes.md 6"""
    headers, body = form(image=("a.png", image()), other=("b.png", image()))
    body = body.replace(b'name="other"', b'name="image"')
    path = f"/api/v5/addons/addon/{number}/previews/"
    answer = pictured.api.request("POST", path, headers=headers | authorization(OWNER), body=body)
    assert answer.status == 400
    assert answer.json == {"image": ["A preview has one image: send each with a call of its own."]}
    assert pictured.api.ask("GET", "v5", f"addons/addon/{number}/").json["previews"] == []


def test_an_account_has_a_picture(pictured: Server) -> None:
    api, path = pictured.api, "v5/accounts/account/9/"
    answer = send(api, STRANGER, "PATCH", path, picture_upload=("p.jpg", image("JPEG", (900, 300), "RGB")))
    assert answer.status == 200, answer.body
    address = answer.json["picture_url"]
    assert address.startswith(f"{SITE}/user-media/userpics/09/9/9/9.jpg?modified=")
    assert opened_image(shown(api, address)).size == (200, 67)
    assert api.ask("DELETE", "v5", "accounts/account/9/picture/", STRANGER).json["picture_url"] is None
    assert shown(api, address).status == 404


def test_what_a_camera_turned_is_turned(pictured: Server, number: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter to the right
    sent = ("p.jpg", image("JPEG", (60, 30), "RGB", exif=exif))
    body = send(pictured.api, OWNER, "POST", f"v5/addons/addon/{number}/previews/", image=sent).json
    assert body["image_size"] == [30, 60]


def bomb(width: int, height: int) -> bytes:
    """A few kilobytes that are so many pixels of nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    lines = zlib.compressobj(9)
    row = bytes(1 + -(-width // 8))
    pixels = b"".join(lines.compress(row) for _ in range(min(height, 6500))) + lines.flush()
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_what_is_refused(pictured: Server, number: int) -> None:
    api = pictured.api
    png = image()
    kinds: dict[str, tuple[bytes, str]] = {
        "a gif": (b"GIF89a...", "Images must be either PNG or JPG."),
        "not square": (image(size=(30, 20)), "Images must be square (same width and height)."),
        "half": (png[: len(png) // 2], BROKEN),
        "wrong pixels": (bomb(100, 100).replace(b"IDAT", b"IDAT", 1)[:-40] + bytes(40), BROKEN),
        "a jpeg's head": (image("JPEG", mode="RGB")[:700] + bytes(9), BROKEN),
        "too large": (png + bytes(4 * 1024 * 1024), "Please use images smaller than 4MB."),
        "a bomb": (bomb(40_000, 40_000), "Images can have only 40000000 pixels."),
        "fewer rows than it says": (bomb(6300, 6300)[:2000], BROKEN),
    }
    answers = {
        name: send(api, OWNER, "PATCH", f"v5/addons/addon/{number}/", icon=("i.png", content))
        for name, (content, _) in kinds.items()
    }
    assert {name: (one.status, one.json) for name, one in answers.items()} == {
        name: (400, {"icon": [text]}) for name, (_, text) in kinds.items()
    }
    assert api.ask("GET", "v5", f"addons/addon/{number}/").json["icon_url"].startswith(f"{SITE}/static/")
    large = send(api, OWNER, "PATCH", f"v5/addons/addon/{number}/", icon=("i.png", bomb(6300, 6300)))
    assert large.status == 200, large.body


def test_who_may(pictured: Server, number: int) -> None:
    for user, status in ((None, 401), (STRANGER, 403)):
        path = f"v5/addons/addon/{number}/"
        assert send(pictured.api, user, "PATCH", path, icon=("i.png", image())).status == status
        assert send(pictured.api, user, "POST", f"{path}previews/", image=("i.png", image())).status == status
        assert (
            send(pictured.api, user, "PATCH", "v5/accounts/account/7/", picture_upload=("i", b"")).status
            == status
        )
    answer = send(pictured.api, OWNER, "POST", "v5/addons/addon/3/previews/", image=("i.png", image()))
    assert (answer.status, answer.json) == (400, ["This cannot be set for add-ons of this type."])


def test_the_icon_of_a_package_is_the_addons(pictured: Server, number: int) -> None:
    """Of a new add-on, and of one that has none yet; what is no picture is none."""
    api = pictured.api
    files = {"a/32.png": image(size=(32, 32)), "a/96.png": image(size=(96, 96))}
    icons = {"32": "a/32.png", "96": "/a/96.png"}
    guid = {"gecko": {"id": f"addon{number}@example.org"}}
    for name, content, channel, width in (
        ("new", files, "unlisted", 96),
        ("known", files, "unlisted", 96),
        ("broken", dict.fromkeys(files, b"<svg/>"), "unlisted", None),
        ("mixed", files | {"a/96.png": b"<svg/>"}, "unlisted", 32),
    ):
        settings = guid if name == "known" else {"gecko": {"id": f"{name}{number}@example.org"}}
        sent = package(version="9.0", icons=icons, files=content, browser_specific_settings=settings)
        uuid = upload(api, OWNER, sent, channel)["uuid"]
        if name == "known":
            body: Any = {"upload": uuid}
            answer = api.ask("POST", "v5", f"addons/addon/{number}/versions/", OWNER, body)
            assert answer.status == 201, answer.body
            shape = api.ask("GET", "v5", f"addons/addon/{number}/", OWNER).json
        else:
            answer = api.ask("POST", "v5", "addons/addon/", OWNER, {"version": {"upload": uuid}})
            assert answer.status == 201, answer.body
            shape = answer.json
        if width is None:
            assert shape["icon_url"] == f"{SITE}/static/img/addon-icons/default-64.png"
        else:
            assert opened_image(shown(api, shape["icons"]["128"])).width == width


def test_they_go_with_what_they_belong_to(pictured: Server, number: int) -> None:
    api, path = pictured.api, f"addons/addon/{number}/"
    blue = ("i.png", image(color="blue"))
    icon = send(api, OWNER, "PATCH", f"v5/{path}", icon=blue).json["icon_url"]
    preview = send(
        api, OWNER, "POST", f"v5/{path}previews/", image=("i.png", image(size=(50, 40), color="blue"))
    ).json
    picture = send(api, STRANGER, "PATCH", "v5/accounts/account/9/", picture_upload=blue).json
    pictured.unused()
    token = api.ask("GET", "v5", f"{path}delete_confirm/", OWNER).json["delete_confirm"]
    assert api.ask("DELETE", "v5", f"{path}?delete_confirm={token}", OWNER).status == 204
    assert api.ask("DELETE", "v5", "accounts/account/9/", ADMIN).status == 204
    for address in (icon, preview["image_url"], preview["thumbnail_url"], picture["picture_url"]):
        assert shown(api, address).status == 404
    assert pictured.unused() == 5
