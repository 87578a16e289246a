"""Who may see and change what of an add-on: each rule is its tests, and who passes one of them may.

    addon = check(EDITORS, caller, addon, safe=False, country="DE")
    passes(INSIDERS, caller, addon, safe=True)

`safe` is whether the request only reads. Rules for other documents are made of
the same (handlers say them beside their verbs). Pure; any thread.
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
    """Everybody, of what is public."""
    return safe and facts.is_public(addon)


def editor(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """An author, unless Mozilla has disabled the add-on."""
    return is_author(caller, addon) and addon["status"] != "disabled"


def deleter(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """An owner, unless Mozilla has disabled the add-on."""
    return is_owner(caller, addon) and addon["status"] != "disabled"


def content_reviewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Who reviews what listings say."""
    return caller.has("Addons:ContentReview")


def deleted_viewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Who may see what is deleted, and not write to it."""
    return safe and caller.has(VIEW_DELETED)


def deleted_addon_viewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """The same, of add-ons that are."""
    return addon["status"] == "deleted" and deleted_viewer(caller, addon, safe)


def unlisted_viewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Who may see unlisted versions, whatever the add-on."""
    return may_see_unlisted(caller, safe=safe)


def administrator(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Who may take down any add-on, and so has to see it."""
    return caller.has(REVIEWS_ADMIN)


def holder_of_all(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Who has every permission there is."""
    return caller.has("*:*")


def gone(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """Passes, so that `check` goes on to say that the add-on is not there (contract/activity.md 1)."""
    return not safe and addon["status"] == "deleted"


def decider(*tests: Test) -> Rule:
    """Who passes one of the tests, the add-on's authors excepted: nobody decides about their own."""

    def test(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
        return not is_author(caller, addon) and passes(tests, caller, addon, safe=safe)

    return (test,)


INSIDERS: Final[Rule] = (is_author, is_listed_reviewer, is_unlisted_reviewer)
VISIBLE: Final[Rule] = (public, *INSIDERS, deleted_addon_viewer)
# In the console, where administrators have to see what they decide about, and to delete what is not one's own
# takes more than that, for there is no way back.
OPERATED: Final[Rule] = (*VISIBLE, administrator)
ADMINISTRATORS: Final[Rule] = (administrator,)
DESTROYERS: Final[Rule] = (holder_of_all,)
AUTHORS: Final[Rule] = (is_author,)
# Of what validation said of a file, by its version's channel.
VALIDATION_READERS: Final[dict[str, Rule]] = {
    "listed": (is_author, is_listed_reviewer),
    "unlisted": (is_author, is_unlisted_reviewer),
}
OWNERS: Final[Rule] = (is_owner,)
EDITORS: Final[Rule] = (editor,)
DELETERS: Final[Rule] = (deleter,)

# Of what is said between an add-on's people: they write to none that is deleted, whatever they may else.
NOTE_READERS: Final[Rule] = (*INSIDERS, deleted_addon_viewer)
NOTE_WRITERS: Final[Rule] = (*INSIDERS, gone)
REVIEWERS: Final[Rule] = (*decider(is_listed_reviewer, is_unlisted_reviewer), gone)
CONTENT_REVIEWERS: Final[Rule] = (*decider(content_reviewer), gone)
# Who decides about a version, by channel.
CHANNEL_REVIEWERS: Final[dict[str, Rule]] = {
    "listed": decider(is_listed_reviewer),
    "unlisted": decider(is_unlisted_reviewer),
}

# Values of the versions list's `filter`, and who may use them; None for the default list.
FILTERS: Final[dict[str | None, Rule]] = {
    "all_without_unlisted": INSIDERS,
    "all_with_unlisted": (is_author, unlisted_viewer),  # also where there is none
    "all_with_deleted": (deleted_viewer,),
}
# Who sees a version that strangers do not, by channel; one that is deleted is its viewers' alone.
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
    """The add-on, for a caller who passes the rule in this country; a deleted one only to be read.

    Raises NotFound, Withheld, Forbidden (which tells who disabled the add-on), in the contract's order.
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
    """Whether `latest_unlisted_version` is shown, null included: it goes by the permission
    (contract/auth.md 5.2), not by the add-on's channels.
    """
    return is_author(caller, addon) or may_see_unlisted(caller, safe=True)


def sees_notes(caller: Caller, addon: AddonDoc) -> bool:
    """Whether a version's private keys are shown: to its authors and who may review it,
    not to mere viewers.
    """
    return passes(INSIDERS, caller, addon, safe=False)
