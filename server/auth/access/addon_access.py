"""Who may see and change an add-on. A rule is a tuple of tests, and a caller has to pass one of them.

    addon = check(EDITORS, caller, addon, safe=False, country="DE")
    passes(INSIDERS, caller, addon, safe=True)

`safe` is whether the request only reads. Rules for other documents are built from
the same tests, and handlers declare them beside their methods. Pure; any thread.
Rules: contract/addons.md 3, 7; contract/auth.md 3, 5.1, 5.2.
"""

from collections.abc import Callable
from typing import Any, Final

from conf.model.addons import AddonDoc
from index import facts
from server.auth.access.permissions import (
    EDIT,
    REVIEWS_ADMIN,
    VIEW_DELETED,
    can_see_unlisted,
    is_author,
    is_listed_reviewer,
    is_owner,
    is_unlisted_reviewer,
)
from server.auth.callers import Caller
from server.errors import Forbidden, NotFound, Withheld

# (caller, document, safe) -> whether the caller passes.
Test = Callable[[Caller, Any, bool], bool]
Rule = tuple[Test, ...]


def public(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Everybody may read a public add-on."""
    return safe and facts.is_public(addon)


def editor(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """An author, unless Mozilla has disabled the add-on."""
    return is_author(caller, addon) and addon["status"] != "disabled"


def deleter(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """An owner, unless Mozilla has disabled the add-on."""
    return is_owner(caller, addon) and addon["status"] != "disabled"


def content_reviewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Reviews the texts and pictures of listings."""
    return caller.has("Addons:ContentReview")


def deleted_viewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Sees what is deleted, and never writes to it."""
    return safe and caller.has(VIEW_DELETED)


def deleted_addon_viewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Sees this add-on because it is deleted."""
    return addon["status"] == "deleted" and deleted_viewer(caller, addon, safe)


def unlisted_viewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Sees unlisted versions of every add-on."""
    return can_see_unlisted(caller, safe=safe)


def administrator(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Takes add-ons down, and therefore has to see all of them."""
    return caller.has(REVIEWS_ADMIN)


def superuser(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Has every permission."""
    return caller.has("*:*")


def deleted_addon_writer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Lets a write to a deleted add-on pass, so that `check` raises NotFound rather than Forbidden
    (contract/activity.md 1).
    """
    return not safe and addon["status"] == "deleted"


def decider(*tests: Test) -> Rule:
    """A rule of these tests that no author of the add-on passes, because nobody reviews their own."""

    def test(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
        return not is_author(caller, addon) and passes(tests, caller, addon, safe=safe)

    return (test,)


INSIDERS: Final[Rule] = (is_author, is_listed_reviewer, is_unlisted_reviewer)
VISIBLE: Final[Rule] = (public, *INSIDERS, deleted_addon_viewer)
# Administrators have to see in the console what they decide about. Deleting somebody else's add-on needs
# every permission, because it cannot be undone.
OPERATED: Final[Rule] = (*VISIBLE, administrator)
ADMINISTRATORS: Final[Rule] = (administrator,)
DESTROYERS: Final[Rule] = (superuser,)
AUTHORS: Final[Rule] = (is_author,)
OWNERS: Final[Rule] = (is_owner,)
EDITORS: Final[Rule] = (editor,)
DELETERS: Final[Rule] = (deleter,)

# Notes between authors and reviewers. A deleted add-on gets no new ones.
NOTE_READERS: Final[Rule] = (*INSIDERS, deleted_addon_viewer)
NOTE_WRITERS: Final[Rule] = (*INSIDERS, deleted_addon_writer)
REVIEWERS: Final[Rule] = (*decider(is_listed_reviewer, is_unlisted_reviewer), deleted_addon_writer)
CONTENT_REVIEWERS: Final[Rule] = (*decider(content_reviewer), deleted_addon_writer)
# Who reviews a version, by its channel.
CHANNEL_REVIEWERS: Final[dict[str, Rule]] = {
    "listed": decider(is_listed_reviewer),
    "unlisted": decider(is_unlisted_reviewer),
}

# Who may use each value of the versions list's `filter` (contract/addons.md 7.1 to 7.3).
FILTERS: Final[dict[str | None, Rule]] = {
    "all_without_unlisted": INSIDERS,
    "all_with_unlisted": (is_author, unlisted_viewer),  # even if the add-on has no unlisted version
    "all_with_deleted": (deleted_viewer,),
}
# Who sees a version that is not public, and the validation results of its file, by its channel. Only
# `deleted_viewer` sees a deleted version.
VERSION_READERS: Final[dict[str, Rule]] = {
    "listed": (is_author, is_listed_reviewer),
    "unlisted": (is_author, is_unlisted_reviewer),
}
OPERATED_VERSION_READERS: Final[dict[str, Rule]] = {
    channel: (*rule, administrator) for channel, rule in VERSION_READERS.items()
}


def passes(rule: Rule, caller: Caller, document: Any, *, safe: bool) -> bool:
    """Whether the caller passes one of the rule's tests."""
    return any(test(caller, document, safe) for test in rule)


def check(
    rule: Rule, caller: Caller, addon: AddonDoc | None, *, safe: bool, country: str | None = None
) -> AddonDoc:
    """Return the add-on if the caller passes the rule; `country` is the request's, if known.

    Raises, in the contract's order: NotFound; Withheld, if it is not offered in the country; Forbidden, which
    says who disabled the add-on; NotFound, for a write to a deleted add-on.
    """
    if addon is None or (addon["status"] == "deleted" and not deleted_viewer(caller, addon, True)):
        raise NotFound
    if country in addon["region_exclusions"] and not caller.has(EDIT):
        raise Withheld
    if not passes(rule, caller, addon, safe=safe):
        raise Forbidden(
            is_disabled_by_developer=addon["disabled_by_user"],
            is_disabled_by_mozilla=addon["status"] == "disabled",
        )
    if addon["status"] == "deleted" and not safe:
        raise NotFound
    return addon


def sees_unlisted(caller: Caller, addon: AddonDoc) -> bool:
    """Whether the caller gets the key `latest_unlisted_version`. It is null for an add-on without unlisted
    versions, because the key depends on the permission alone (contract/auth.md 5.2).
    """
    return is_author(caller, addon) or can_see_unlisted(caller, safe=True)


def sees_private_keys(caller: Caller, addon: AddonDoc) -> bool:
    """Whether the caller gets a version's private keys: authors and reviewers do, other viewers do not."""
    return passes(INSIDERS, caller, addon, safe=False)
