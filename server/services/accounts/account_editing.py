"""Accounts as their holders edit them through the API (contract/writes.md 10).

    user = await edit(site, user, sent, "fr")
    user = await remove_picture(site.changes, user)

Event loop only.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from conf.model.addons import UserDoc
from server import clock
from server.changes import Changes, Edited
from server.errors import NotFound
from server.rules.accounts import read_account
from server.rules.values.images import DrawnPicture, with_pictures
from server.services.accounts.accounts import is_reviewer
from server.services.pictures import draw_portrait
from server.site import Site


async def edit(site: Site, user: UserDoc, sent: Mapping[str, Any], locale: str) -> UserDoc:
    """The account after a PATCH; plain texts of the body are in `locale`. Raises Invalid, NotFound."""
    fields = read_account(sent, site.addresses.site_url, locale, reviewer=is_reviewer(user))
    drawn: list[DrawnPicture] = []
    if "picture_upload" in fields:
        image = fields.pop("picture_upload")
        drawn = [await draw_portrait(site, user["_id"], image)] if image else []
        fields["picture"] = drawn[0].address if drawn else None
    return await _change(site.changes, user, fields, drawn)


async def remove_picture(changes: Changes, user: UserDoc) -> UserDoc:
    """Raises NotFound."""
    return await _change(changes, user, {"picture": None})


async def _change(
    changes: Changes, user: UserDoc, fields: dict[str, Any], drawn: Sequence[DrawnPicture] = ()
) -> UserDoc:
    def apply(newest: UserDoc) -> Edited[UserDoc]:
        if newest["deleted"]:
            raise NotFound
        new = cast(UserDoc, with_pictures({**newest, **fields}, drawn))
        return Edited(new if new == newest else new | {"modified": clock.now()})

    return await changes.edit_user(user["_id"], apply)
