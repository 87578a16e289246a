"""Permissions: wildcards, and the compound tests of contract/auth.md 5.1.

Rules: contract/addons.md 12.
"""

from typing import Any

import pytest

from conf.model.addons import AddonDoc, UserDoc
from server.auth.access.permissions import (
    can_see_unlisted,
    is_any_reviewer,
    is_author,
    is_listed_reviewer,
    is_owner,
    is_unlisted_reviewer,
)
from server.auth.callers import ANONYMOUS, Caller, has
from tests.factories import make_addon, make_user, make_version


def user(*permissions: str) -> UserDoc:
    return make_user(_id=50, permissions=list(permissions))


def caller(*permissions: str, id: int = 50) -> Caller:
    return Caller(make_user(_id=id, permissions=list(permissions)), "session")


@pytest.mark.parametrize(
    ("granted", "holds"),
    [
        (["Addons:Edit"], True),
        (["Addons:*"], True),
        (["*:*"], True),
        (["*:Edit"], True),
        ([], False),
        (["Addons:Review"], False),
        (["Users:*"], False),
        (["*:Review"], False),
        (["addons:edit"], False),
        (["Addons:Edit2"], False),
        (["*"], False),
        (["Addons"], False),
        (["Users:Edit", "Addons:Edit"], True),
    ],
)
def test_permission_by_name_or_wildcard(granted: list[str], holds: bool) -> None:
    assert has(user(*granted), "Addons:Edit") is holds


def test_nobody_holds_nothing() -> None:
    assert not has(None, "Addons:Edit")


def addon(*channels: str, **fields: Any) -> AddonDoc:
    versions = [make_version(id=n, channel=channel) for n, channel in enumerate(channels, 1)]
    return make_addon(versions=versions, **fields)


LISTED, UNLISTED, MIXED, EMPTY = (
    addon("listed"),
    addon("unlisted"),
    addon("unlisted", "listed"),
    addon(),
)
ONCE_LISTED = make_addon(
    versions=[make_version(id=1, deleted=True), make_version(id=2, channel="unlisted")],
)
THEME, PERSONA = addon("listed", type="statictheme"), addon("listed", type="persona")


@pytest.mark.parametrize(
    ("role", "listed", "author", "owner"),
    [
        ("owner", True, True, True),
        ("developer", True, True, False),
        ("owner", False, True, True),
        ("developer", False, True, False),
    ],
)
def test_author_of_any_role_owner_by_role(role: str, listed: bool, author: bool, owner: bool) -> None:
    theirs = make_addon(authors=[{"user_id": 50, "role": role, "listed": listed, "position": 0}])
    assert is_author(caller(), theirs) is author
    assert is_owner(caller(), theirs) is owner
    for other in (caller(id=51), caller("*:*", id=51), ANONYMOUS):
        assert not is_author(other, theirs)
        assert not is_owner(other, theirs)


@pytest.mark.parametrize(
    ("permission", "addon", "safe", "of_listed", "of_unlisted"),
    [
        ("Addons:Review", LISTED, False, True, False),
        ("Addons:ContentReview", LISTED, False, True, False),
        ("Addons:PostReview", LISTED, False, True, False),
        ("Addons:Review", UNLISTED, True, False, False),
        ("Addons:Review", EMPTY, True, False, False),
        ("Addons:Review", MIXED, False, True, False),
        ("Addons:Review", ONCE_LISTED, True, True, False),
        ("Addons:Review", THEME, True, False, False),
        ("Addons:ThemeReview", THEME, False, True, False),
        ("Addons:ThemeReview", LISTED, True, False, False),
        ("Personas:Review", PERSONA, False, True, False),
        ("Personas:Review", THEME, False, False, False),
        ("ReviewerTools:View", LISTED, True, True, False),
        ("ReviewerTools:View", UNLISTED, True, True, False),
        ("ReviewerTools:View", EMPTY, True, True, False),
        ("ReviewerTools:View", THEME, True, True, False),
        ("ReviewerTools:View", LISTED, False, False, False),
        ("ReviewerTools:ViewUnlisted", LISTED, True, False, False),
        ("ReviewerTools:ViewUnlisted", UNLISTED, True, False, True),
        ("ReviewerTools:ViewUnlisted", UNLISTED, False, False, False),
        ("Addons:ReviewUnlisted", LISTED, True, False, False),
        ("Addons:ReviewUnlisted", UNLISTED, False, False, True),
        ("Addons:ReviewUnlisted", MIXED, False, False, True),
        ("Addons:ReviewUnlisted", ONCE_LISTED, False, False, True),
        ("Addons:ReviewUnlisted", EMPTY, False, False, True),
        ("Addons:RecommendedReview", LISTED, True, False, False),
        ("*:*", LISTED, False, True, False),
        ("*:*", UNLISTED, False, False, True),
        ("*:*", UNLISTED, True, True, True),
    ],
)
def test_reviewer_by_channel(
    permission: str, addon: AddonDoc, safe: bool, of_listed: bool, of_unlisted: bool
) -> None:
    assert is_listed_reviewer(caller(permission), addon, safe=safe) is of_listed
    assert is_unlisted_reviewer(caller(permission), addon, safe=safe) is of_unlisted


@pytest.mark.parametrize(
    ("permission", "reads", "writes"),
    [
        ("Addons:Review", True, True),
        ("Addons:ContentReview", True, True),
        ("Addons:ThemeReview", True, True),
        ("Addons:ReviewUnlisted", True, True),
        ("Addons:RecommendedReview", True, True),
        ("ReviewerTools:View", True, False),
        ("ReviewerTools:ViewUnlisted", True, False),
        ("Addons:Edit", False, False),
    ],
)
def test_any_reviewer(permission: str, reads: bool, writes: bool) -> None:
    assert is_any_reviewer(caller(permission), safe=True) is reads
    assert is_any_reviewer(caller(permission), safe=False) is writes


def test_unlisted_versions_are_some_callers_business() -> None:
    assert can_see_unlisted(caller("Addons:ReviewUnlisted"), safe=False)
    assert can_see_unlisted(caller("ReviewerTools:ViewUnlisted"), safe=True)
    assert not can_see_unlisted(caller("ReviewerTools:ViewUnlisted"), safe=False)
    assert not can_see_unlisted(caller("ReviewerTools:View"), safe=True)
    assert not can_see_unlisted(ANONYMOUS, safe=True)


def test_anonymous_is_no_reviewer() -> None:
    assert not is_any_reviewer(ANONYMOUS, safe=True)
    assert not is_listed_reviewer(ANONYMOUS, LISTED, safe=True)
    assert not is_unlisted_reviewer(ANONYMOUS, UNLISTED, safe=True)
