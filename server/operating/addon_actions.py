"""Actions on an add-on in the console: a table with the rule and the state that each needs.

    names = offered(caller, addon)                                   # ("disable", "promote")
    text = await act(site, caller, addon, "disable", {"reason": "Court order 12/24"})  # to show

All go through the services of the API and `run.py addon`, so that note, log and Basket's record follow.
Event loop only.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

from conf.limits import MAX_NOTE
from conf.model.addons import AddonDoc, UserDoc
from conf.vocabulary import APPS, PROMOTED_GROUPS
from server.auth.access.addon_access import ADMINISTRATORS, CONTENT_REVIEWERS, DESTROYERS, Rule, passes
from server.auth.callers import Caller
from server.errors import Forbidden
from server.rules.faults import field_fault
from server.rules.fields import FieldReader, choice, list_of, read_fields, string
from server.services.posting import Posting
from server.services.review import moderation, reviews
from server.site import Site

FIELDS: Final[dict[str, FieldReader]] = {
    "reason": string(MAX_NOTE, blank=True),
    "group": choice(PROMOTED_GROUPS),
    "apps": list_of(choice(APPS), len(APPS)),
    "confirm": string(MAX_NOTE, blank=True),
}


class Order(NamedTuple):
    """A requested action."""

    site: Site
    addon: AddonDoc
    user: UserDoc
    values: Mapping[str, Any]  # of FIELDS

    @property
    def id(self) -> int:
        return self.addon["_id"]

    @property
    def reason(self) -> str:
        return str(self.values.get("reason", ""))

    @property
    def by(self) -> int:
        return self.user["_id"]


class Action(NamedTuple):
    rule: Rule
    fits: Callable[[AddonDoc], bool]  # whether the add-on's state allows it
    run: Callable[[Order], Awaitable[AddonDoc]]
    message: str  # to show when it is done
    needs: tuple[str, ...] = ()  # fields


async def _judge(order: Order, decision: str) -> AddonDoc:
    posting = Posting(order.site.store, order.site.changes, order.site.settings)
    sent = {"decision": decision, "comments": order.reason}
    return await reviews.judge_listing(posting, order.id, order.user, sent)


async def _delete(order: Order) -> AddonDoc:
    if order.values["confirm"] != str(order.id):
        raise field_fault("confirm", "deletion_unconfirmed", id=order.id)
    return await moderation.delete(order.site.changes, order.id, order.reason, order.by)


def _promote(order: Order) -> Awaitable[AddonDoc]:
    group, apps = order.values["group"], order.values.get("apps", ())
    return moderation.promote(order.site.changes, order.id, group, apps, order.reason, order.by)


def _demote(order: Order) -> Awaitable[AddonDoc]:
    return moderation.demote(order.site.changes, order.id, order.values["group"], order.reason, order.by)


ACTIONS: Final[dict[str, Action]] = {
    "disable": Action(
        ADMINISTRATORS,
        lambda addon: addon["status"] != "disabled",
        lambda order: moderation.disable(order.site.changes, order.id, order.reason, order.by),
        "The add-on is disabled.",
    ),
    "enable": Action(
        ADMINISTRATORS,
        lambda addon: addon["status"] == "disabled",
        lambda order: moderation.enable(order.site.changes, order.id, order.reason, order.by),
        "The add-on is not disabled any more.",
    ),
    "approve-listing": Action(
        CONTENT_REVIEWERS,
        lambda addon: True,
        lambda order: _judge(order, "approve"),
        "The listing is approved.",
    ),
    "reject-listing": Action(
        CONTENT_REVIEWERS,
        lambda addon: addon["status"] != "rejected",
        lambda order: _judge(order, "reject"),
        "The listing is rejected.",
    ),
    "promote": Action(ADMINISTRATORS, lambda addon: True, _promote, "The add-on is promoted.", ("group",)),
    "demote": Action(
        ADMINISTRATORS,
        lambda addon: bool(addon["promoted"]),
        _demote,
        "The add-on is in that group no more.",
        ("group",),
    ),
    "delete": Action(DESTROYERS, lambda addon: True, _delete, "The add-on is deleted.", ("confirm",)),
}


def offered(caller: Caller, addon: AddonDoc) -> tuple[str, ...]:
    """The actions that the caller may use in the add-on's present state."""
    if addon["status"] == "deleted":
        return ()
    return tuple(
        name
        for name, action in ACTIONS.items()
        if action.fits(addon) and passes(action.rule, caller, addon, safe=False)
    )


async def act(site: Site, caller: Caller, addon: AddonDoc, name: str, sent: Mapping[str, Any]) -> str:
    """Run an action; returns its message. Raises Forbidden, Invalid, AddonFault, and as Changes.run."""
    action = ACTIONS.get(name)
    if action is None or caller.user is None or not passes(action.rule, caller, addon, safe=False):
        raise Forbidden
    values = read_fields(FIELDS, sent, required=action.needs)
    await action.run(Order(site, addon, caller.user, values))
    return action.message
