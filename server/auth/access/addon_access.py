"""Who may see and change an add-on: a rule is a tuple of tests, and a caller needs to pass one of them.

    addon = check(EDITORS, caller, addon, safe=False, country="DE")
    passes(INSIDERS, caller, addon, safe=True)

`safe` is whether the request only reads. Rules for other documents are built from
the same tests (handlers declare them beside their methods). Pure; any thread.
Sources: contract/addons.md 3, 7; contract/auth.md 3, 5.1, 5.2.
"""

from collections.abc import Callable
from typing import Any, Final

from conf.model.addons import AddonDoc
from index import facts
from server.auth.access.permissions import (
    EDIT,
    REVIEWS_ADMIN,
    VIEW_DELETED,
    is_author,
    is_listed_reviewer,
    is_owner,
    is_unlisted_reviewer,
    may_see_unlisted,
)
from server.auth.callers import Caller
from server.errors import Forbidden, NotFound, Withheld

# Whether the caller passes: (caller, the document it is about, safe).
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
    return may_see_unlisted(caller, safe=safe)


def administrator(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Takes add-ons down, and therefore has to see all of them."""
    return caller.has(REVIEWS_ADMIN)


def superuser(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Has every permission."""
    return caller.has("*:*")


def gone(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Passes for a deleted add-on, so that `check` answers 404 and not 403 (contract/activity.md 1)."""
    return not safe and addon["status"] == "deleted"


def decider(*tests: Test) -> Rule:
    """Passes with one of the tests, but never for the add-on's authors, who may not review it."""

    def test(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
        return not is_author(caller, addon) and passes(tests, caller, addon, safe=safe)

    return (test,)


INSIDERS: Final[Rule] = (is_author, is_listed_reviewer, is_unlisted_reviewer)
VISIBLE: Final[Rule] = (public, *INSIDERS, deleted_addon_viewer)
# In the console administrators have to see what they decide about. Deleting somebody else's add-on needs more
# than that, because it cannot be undone.
OPERATED: Final[Rule] = (*VISIBLE, administrator)
ADMINISTRATORS: Final[Rule] = (administrator,)
DESTROYERS: Final[Rule] = (superuser,)
AUTHORS: Final[Rule] = (is_author,)
# Who reads a file's validation results, by its version's channel.
VALIDATION_READERS: Final[dict[str, Rule]] = {
    "listed": (is_author, is_listed_reviewer),
    "unlisted": (is_author, is_unlisted_reviewer),
}
OWNERS: Final[Rule] = (is_owner,)
EDITORS: Final[Rule] = (editor,)
DELETERS: Final[Rule] = (deleter,)

# Notes between authors and reviewers; nobody writes one to a deleted add-on.
NOTE_READERS: Final[Rule] = (*INSIDERS, deleted_addon_viewer)
NOTE_WRITERS: Final[Rule] = (*INSIDERS, gone)
REVIEWERS: Final[Rule] = (*decider(is_listed_reviewer, is_unlisted_reviewer), gone)
CONTENT_REVIEWERS: Final[Rule] = (*decider(content_reviewer), gone)
# Who decides about a version, by channel.
CHANNEL_REVIEWERS: Final[dict[str, Rule]] = {
    "listed": decider(is_listed_reviewer),
    "unlisted": decider(is_unlisted_reviewer),
}

# Values of the versions list's `filter`, and who may use them (contract/addons.md 7.1 to 7.3).
FILTERS: Final[dict[str | None, Rule]] = {
    "all_without_unlisted": INSIDERS,
    "all_with_unlisted": (is_author, unlisted_viewer),  # also where the add-on has none
    "all_with_deleted": (deleted_viewer,),
}
# Who sees a version that is not public, by channel; only `deleted_viewer` sees a deleted one.
VERSIONS: Final[dict[str, Rule]] = {
    "listed": (is_author, is_listed_reviewer),
    "unlisted": (is_author, is_unlisted_reviewer),
}
OPERATED_VERSIONS: Final[dict[str, Rule]] = {
    channel: (*rule, administrator) for channel, rule in VERSIONS.items()
}


def passes(rule: Rule, caller: Caller, document: Any, *, safe: bool) -> bool:
    """Whether the caller passes one of the rule's tests."""
    return any(test(caller, document, safe) for test in rule)


def check(
    rule: Rule, caller: Caller, addon: AddonDoc | None, *, safe: bool, country: str | None = None
) -> AddonDoc:
    """The add-on, for a caller who passes the rule; `country` is the request's, if known.

    Raises, in the contract's order: NotFound, Withheld (not offered in the country), Forbidden (says who
    disabled the add-on), NotFound (a write to a deleted add-on).
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
    """Whether the key `latest_unlisted_version` is shown, even if null: that depends on the permission
    (contract/auth.md 5.2), not on the add-on's channels.
    """
    return is_author(caller, addon) or may_see_unlisted(caller, safe=True)


def sees_notes(caller: Caller, addon: AddonDoc) -> bool:
    """Whether a version's private keys are shown: to authors and reviewers, not to other viewers."""
    return passes(INSIDERS, caller, addon, safe=False)
