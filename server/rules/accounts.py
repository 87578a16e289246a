"""Accounts: the fields that their holders write, and the effects of a deletion (contract/writes.md 10).

Pure; any thread. Readers raise what server/rules/faults.py has.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any, Final, cast

from conf.limits import MAX_BIOGRAPHY, MAX_DISPLAY_NAME, MAX_PROFILE_TEXT, MIN_DISPLAY_NAME
from conf.model.addons import AddonDoc, UserDoc
from conf.vocabulary import DENIED_NAMES
from server.rules import listing
from server.rules.fields import FieldReader, nullable, read_fields, string, wrong_value
from server.rules.values import images, links

_TEXT: Final = string(MAX_PROFILE_TEXT, blank=True, null=True)


def read_account(sent: Mapping[str, Any], site_url: str, locale: str, *, reviewer: bool) -> dict[str, Any]:
    """The changed fields of the account document, and `picture_upload`, an image. Raises Invalid.

    A `reviewer` also has a name for reviews. A biography is stored in the request's language only, so that
    everybody reads the one written last.
    """
    values = read_fields(readers(site_url, reviewer=reviewer), sent)
    changes = {name: values[name] or None for name in values}
    if changes.get("biography"):
        changes["biography"] = {locale: changes["biography"]}
    return changes


def readers(site_url: str, *, reviewer: bool) -> dict[str, FieldReader]:
    table: dict[str, FieldReader] = {
        "display_name": nullable(_name("display_name_denied")),
        "biography": string(MAX_BIOGRAPHY, blank=True, null=True, check=links.check_linkless),
        "homepage": string(
            MAX_PROFILE_TEXT, blank=True, null=True, check=links.external(site_url, "homepage_not_external")
        ),
        "location": _TEXT,
        "occupation": _TEXT,
        "picture_upload": images.upload,
    }
    if reviewer:
        table["reviewer_name"] = nullable(_name("reviewer_name_denied", blank=True))
    return table


def _name(denied: str, *, blank: bool = False) -> FieldReader:
    def check(text: str) -> None:
        if not any(unicodedata.category(character)[0] not in "CZ" for character in text):
            raise wrong_value("display_name_unprintable")
        if text.casefold() in DENIED_NAMES:
            raise wrong_value(denied)

    return string(MAX_DISPLAY_NAME, MIN_DISPLAY_NAME, blank=blank, check=check)


def anonymized(user: UserDoc, auth_id: str, now: str) -> UserDoc:
    """A deleted account: it keeps its id, and nothing that identifies its holder."""
    removed = dict.fromkeys(
        (
            *("display_name", "reviewer_name", "email", "homepage", "location", "occupation"),
            *("biography", "picture", "fxa_id", "read_dev_agreement", "last_login"),
        )
    )
    state = {"permissions": [], "is_public": False, "deleted": True, "auth_id": auth_id, "modified": now}
    blank = {**user, **removed, **state, "username": f"deleted-{user['_id']}"}
    blank.pop("identity_date", None)
    return cast(UserDoc, images.with_pictures(blank))


def without_author(addon: AddonDoc, user_id: int, now: str) -> AddonDoc:
    """The add-on without an author whose account is deleted; deleted as well if it has no other author.

    AMO documents this for the account's DELETE. If no owner or no listed author would remain, the
    first of the other authors becomes one.
    """
    authors = [author for author in addon["authors"] if author["user_id"] != user_id]
    if not authors:
        return listing.deleted(addon, now)
    if not any(author["role"] == "owner" for author in authors):
        authors[0] = {**authors[0], "role": "owner"}
    if not any(author["listed"] for author in authors):
        authors[0] = {**authors[0], "listed": True}
    return cast(AddonDoc, {**addon, "authors": authors, "modified": now})
