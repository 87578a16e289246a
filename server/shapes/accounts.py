"""An account as JSON: keys for everybody, and more for its holder (AMO's documentation of accounts).

Safe from any thread.
"""

import re
from typing import Any, Final, NamedTuple

from conf.model.addons import UserDoc
from index.documents.users import PublicUser
from index.shapes.shape import Shapes
from index.shapes.translated_fields import best
from index.shapes.urls import picture
from index.shapes.versions import Shape
from index.shapes.view import View

# Keys that an API version does not have, because they are newer.
OMITTED_KEYS: Final = {"v3": frozenset({"site_status"}), "v4": frozenset[str](), "v5": frozenset[str]()}
_ANONYMOUS: Final = re.compile(r"anonymous-[0-9a-f]{32}")
_PNG: Final = "image/png"


class Account(NamedTuple):
    """A user, and totals of the user's add-ons."""

    user: UserDoc
    extensions: int
    themes: int
    average_rating: float | None


def public_account(shapes: Shapes, account: Account, view: View) -> Shape:
    """The keys that everybody sees."""
    user = account.user
    public_user = PublicUser(user["_id"], user["username"], user["display_name"], user["picture"])
    return {
        **shapes.author(public_user, view, compact=True),
        "average_addon_rating": account.average_rating,
        "biography": user["biography"] and best(user["biography"], view.language, "en-US"),
        "created": user["created"],
        "has_anonymous_display_name": not user["display_name"],
        "has_anonymous_username": _ANONYMOUS.fullmatch(user["username"]) is not None,
        "homepage": user["homepage"],
        "is_addon_developer": account.extensions > 0,
        "is_artist": account.themes > 0,
        "location": user["location"],
        "num_addons_listed": account.extensions + account.themes,
        "occupation": user["occupation"],
        "picture_type": _PNG if user["picture"] else None,
        "picture_url": picture(shapes.context.media_url, user["picture"]) if user["picture"] else None,
    }


def private_account(
    shapes: Shapes, account: Account, view: View, site_status: dict[str, Any], *, reviewer: bool
) -> Shape:
    """The account for its holder; a reviewer's has a name for reviews as well."""
    user = account.user
    shape = {
        **public_account(shapes, account, view),
        "deleted": user["deleted"],
        "display_name": user["display_name"],
        "email": user["email"],
        "fxa_edit_email_url": None,  # accounts are not edited elsewhere
        "is_verified": user["fxa_id"] is not None,
        "last_login": user["last_login"],
        "last_login_ip": None,  # addresses of logins are not stored
        "permissions": sorted(user["permissions"]),
        "read_dev_agreement": user["read_dev_agreement"] is not None,
        "site_status": site_status,
    }
    if reviewer:
        shape["reviewer_name"] = user["reviewer_name"]
    return {key: value for key, value in shape.items() if key not in OMITTED_KEYS[view.version]}
