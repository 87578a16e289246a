"""The public part of a user account, as add-on authors show it."""

from typing import NamedTuple


class PublicUser(NamedTuple):
    id: int
    username: str
    display_name: str | None
    picture: str | None  # path below the media URL, or an absolute URL
