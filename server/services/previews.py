"""Adds, edits and removes previews of an add-on (contract/writes.md 6).

    addon, preview_id = await add(site, actor, addon, sent)

Event loop only.
"""

from conf.model.addons import AddonDoc
from conf.numbers import read_number
from server.errors import NotFound
from server.rules import previews
from server.rules.fields import read_fields
from server.rules.values.images import DrawnPicture
from server.services import pictures
from server.services.addons import edit_listing
from server.services.editing import Actor, Sent
from server.site import Site


def find(addon: AddonDoc, name: str) -> int:
    """The id of the preview that a path names. Raises NotFound, and Invalid for a theme's preview."""
    preview_id = read_number(name)
    if preview_id is None or previews.find_preview(addon, preview_id) is None:
        raise NotFound
    previews.check_type(addon)
    return preview_id


async def add(site: Site, actor: Actor, addon: AddonDoc, sent: Sent) -> tuple[AddonDoc, int]:
    """The add-on with one more preview, and its id. Raises Invalid, and as editing.py."""
    values = previews.read_new(sent, actor.translation_format, describes=actor.describes)
    preview_id = await site.store.next_id("preview")
    drawn: dict[str, DrawnPicture] = {}
    if "image" in values:
        drawn = await pictures.draw_preview(site, preview_id, values["image"])
        values |= previews.drawn_fields(drawn)
    addon = await edit_listing(
        site,
        actor,
        addon,
        lambda newest, now: previews.added(newest, preview_id, values, now, drawn.values()),
    )
    return addon, preview_id


async def edit(site: Site, actor: Actor, addon: AddonDoc, preview_id: int, sent: Sent) -> AddonDoc:
    """Raises Invalid, and as editing.py."""
    values = read_fields(previews.fields(actor.translation_format), sent)
    return await edit_listing(
        site, actor, addon, lambda newest, now: previews.edited(newest, preview_id, values, now)
    )


async def remove(site: Site, actor: Actor, addon: AddonDoc, preview_id: int) -> None:
    """Raises as editing.py."""
    await edit_listing(site, actor, addon, lambda newest, now: previews.removed(newest, preview_id, now))
