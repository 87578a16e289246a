"""The public part of a user account, as add-on authors show it."""

from typing import NamedTuple

from conf.model.addons import UserDoc


class PublicUser(NamedTuple):
    id: int
    username: str
    display_name: str | None
    picture: str | None  # path below the media URL, or an absolute URL


def public_user(user: UserDoc) -> PublicUser:
    return PublicUser(user["_id"], user["username"], user["display_name"], user["picture"])
