"""Authors and invitations (contract/writes.md 7).

Rules: contract/writes.md 12.
"""

from typing import Any

import pytest

from conf.model.addons import AddonDoc
from server.rules import authors
from server.rules.faults import Invalid
from server.rules.fields import read_fields
from tests.factories import make_addon, make_user

NOW = "2026-05-06T07:08:09Z"
OWNER = "Add-ons need at least one owner."
LISTED = "Add-ons need at least one listed author."


def author(user_id: int, role: str = "owner", listed: bool = True, position: int = 0) -> dict[str, Any]:
    return {"user_id": user_id, "role": role, "listed": listed, "position": position}


ALONE = make_addon(authors=[author(7)])
TWO = make_addon(authors=[author(7), author(8, "developer", False, 1)])
INVITING = make_addon(
    authors=[author(7, position=4)], pending_authors=[{"user_id": 9, "role": "developer", "listed": False}]
)


def body(call: Any, *args: Any) -> Any:
    with pytest.raises(Invalid) as caught:
        call(*args)
    return caught.value.body("en-US")


def edited(addon: AddonDoc, user_id: int, **sent: Any) -> AddonDoc:
    return authors.edited(addon, user_id, read_fields(authors.FIELDS, sent), NOW)


def test_an_author_is_edited() -> None:
    after = edited(TWO, 8, role="owner", listed=True, position=0)
    assert (after["authors"][1], after["modified"]) == (author(8), NOW)
    assert edited(TWO, 8, role="developer") is TWO


def test_authors_are_in_the_order_of_their_positions() -> None:
    assert [one["user_id"] for one in edited(TWO, 7, position=2)["authors"]] == [8, 7]


@pytest.mark.parametrize(
    ("user_id", "sent", "told"),
    [
        (7, {"role": "developer"}, {"role": [OWNER]}),
        (7, {"listed": False}, {"listed": [LISTED]}),
        (7, {"role": "developer", "listed": False}, {"role": [OWNER], "listed": [LISTED]}),
        (7, {"role": "boss"}, {"role": ['"boss" is not a valid choice.']}),
        (7, {"listed": None}, {"listed": ["This field may not be null."]}),
        (7, {"position": -1}, {"position": ["Ensure this value is greater than or equal to 0."]}),
    ],
)
def test_an_addon_keeps_an_owner_and_a_listed_author(user_id: int, sent: Any, told: Any) -> None:
    with pytest.raises(Invalid) as caught:
        edited(TWO, user_id, **sent)
    assert caught.value.body("en-US") == told


def test_authors_are_removed_but_for_the_last_owner() -> None:
    assert authors.removed(TWO, 8, NOW)["authors"] == [author(7)]
    assert body(authors.removed, TWO, 7, NOW) == [OWNER]
    assert body(authors.removed, ALONE, 7, NOW) == [OWNER]
    unlisted = make_addon(authors=[author(7), author(8, "owner", False)])
    assert body(authors.removed, unlisted, 7, NOW) == [LISTED]


BEN = make_user(_id=8, display_name="Ben")


def test_an_invitation_is_an_owners_unless_said_otherwise() -> None:
    after = authors.invited(ALONE, BEN, {"user_id": 8}, NOW)
    assert after["pending_authors"] == [{"user_id": 8, "role": "owner", "listed": True}]
    assert after["authors"] == ALONE["authors"]
    said = {"user_id": 8, "role": "developer", "listed": False}
    assert authors.invited(ALONE, BEN, said, NOW)["pending_authors"] == [said]


@pytest.mark.parametrize(
    ("addon", "account", "text"),
    [
        (ALONE, None, "Account not found."),
        (ALONE, make_user(_id=8, deleted=True), "Account not found."),
        (ALONE, make_user(), "An author can only be present once."),
        (INVITING, make_user(_id=9), "An author can only be present once."),
        (ALONE, make_user(_id=8, display_name=None), "needs a display name"),
        (ALONE, make_user(_id=8, display_name="  "), "needs a display name"),
        (
            ALONE,
            make_user(_id=8, banned=True),
            "The email address used for your account is not allowed for submissions.",
        ),
    ],
)
def test_who_cannot_be_invited(addon: AddonDoc, account: Any, text: str) -> None:
    if text == "needs a display name":
        text = "The account needs a display name before it can be added as an author."
    assert body(authors.invited, addon, account, {}, NOW) == {"user_id": [text]}


def test_the_invited_becomes_the_last_author() -> None:
    after = authors.confirmed(INVITING, 9, NOW)
    assert after["authors"] == [author(7, position=4), author(9, "developer", False, 5)]
    assert after["pending_authors"] == []
    with pytest.raises(LookupError):
        authors.confirmed(after, 9, NOW)


def test_an_invitation_is_edited_and_removed() -> None:
    changed = authors.invitation_edited(INVITING, 9, {"role": "owner"}, NOW)
    assert changed["pending_authors"] == [{"user_id": 9, "role": "owner", "listed": False}]
    assert authors.invitation_edited(INVITING, 9, {"role": "developer"}, NOW) is INVITING
    assert authors.invitation_removed(INVITING, 9, NOW)["pending_authors"] == []
