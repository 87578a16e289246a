"""Icons, previews and account pictures from uploads and packages (contract/writes.md 6.1).

    drawn = await draw_icon(site, addon_id, body)      # before the change that refers to it
    stored = await find_picture(site, "/addon_icons/0/7-64.png")

Event loop only.
"""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from conf.vocabulary import ICON_SIZES
from server.background.child_process import ChildFailed
from server.errors import NotFound
from server.files.uploaded_file import open_spool
from server.rules.faults import field_fault
from server.rules.values.images import DrawnPicture
from server.site import Site

_ICONS: Final = {str(size): (size, size) for size in ICON_SIZES}
_PREVIEWS: Final = {"full": (2400, 1800), "thumbs": (533, 400)}
_PORTRAITS: Final = {"": (200, 200)}


async def draw_icon(site: Site, addon_id: int, image: bytes) -> dict[str, DrawnPicture]:
    """The icon in each of ICON_SIZES. Raises Invalid, Unavailable."""
    return await _draw(site, image, _ICONS, _icon_path(addon_id), "icon")


async def draw_preview(site: Site, preview_id: int, image: bytes) -> dict[str, DrawnPicture]:
    """`full` and `thumbs`. Raises Invalid, Unavailable."""
    return await _draw(site, image, _PREVIEWS, f"/previews/%s/{preview_id // 1000}/{preview_id}", "image")


async def draw_portrait(site: Site, user_id: int, image: bytes) -> DrawnPicture:
    """Raises Invalid, Unavailable."""
    path = f"/userpics/{user_id % 100:02}/{user_id % 10000}/{user_id}/{user_id}%s"
    [drawn] = (await _draw(site, image, _PORTRAITS, path, "picture_upload")).values()
    return drawn


async def package_icon(site: Site, addon_id: int, package: Mapping[str, Any]) -> dict[str, Any]:
    """The listing's `icon` from the package of an upload; empty if the package has none that can be drawn."""
    member = package.get("icon_member")
    if member is None:
        return {}
    with open_spool(site.settings.data_dir) as file:
        async for part in site.files.read(package["files"][0]["stored"]):
            await asyncio.to_thread(file.write, part)
        await asyncio.to_thread(file.flush)
        try:
            return {"icon": await site.pictures.draw_member(file, member, _ICONS, _icon_path(addon_id))}
        except (ChildFailed, TimeoutError):
            return {}


async def listing_icon(
    site: Site,
    addon_id: int,
    values: Mapping[str, Any],
    package: Mapping[str, Any],
    icons: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """The new `icon` of a listing: drawn from the sent image or, if the add-on has no `icons`, from the
    package's; else empty. Raises Invalid.
    """
    if "icon" in values:
        sent = values["icon"]
        return {"icon": await draw_icon(site, addon_id, sent) if sent else None}
    return {} if icons else await package_icon(site, addon_id, package)


async def find_picture(site: Site, path: str) -> str:
    """The stored file of a path below the media address. Raises NotFound, Unavailable."""
    query = {"pictures.path": {"$eq": path, "$type": "string"}}  # `$type` makes MongoDB use the partial index
    for collection in ("addons", "users"):
        owner = await site.store.find_one(collection, query, {"pictures": 1})
        for picture in owner["pictures"] if owner else ():
            if picture["path"] == path:
                return str(picture["stored"])
    raise NotFound(path)


def _icon_path(addon_id: int) -> str:
    return f"/addon_icons/{addon_id // 1000}/{addon_id}-%s"


async def _draw(
    site: Site, image: bytes, sizes: Mapping[str, tuple[int, int]], path: str, name: str
) -> dict[str, DrawnPicture]:
    try:
        return await site.pictures.draw(image, sizes, path)
    except (ChildFailed, TimeoutError):
        raise field_fault(name, "image_broken") from None
