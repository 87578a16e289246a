"""Actions on an add-on in the console: a table with the permission and the state that each requires.

    names = available_actions(caller, addon)         # ("disable", "promote")
    message = await run_action(site, caller, addon, "disable", {"reason": "Court order 12/24"})

Actions call the services that the API and `run.py addon` call, which write the note, the log and the sync
with Basket. Event loop only.
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


class ActionRequest(NamedTuple):
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
    def user_id(self) -> int:
        return self.user["_id"]


class Action(NamedTuple):
    rule: Rule
    is_applicable: Callable[[AddonDoc], bool]  # whether the add-on's state allows it
    run: Callable[[ActionRequest], Awaitable[AddonDoc]]
    message: str  # shown when it is done
    needs: tuple[str, ...] = ()  # fields


async def _judge(request: ActionRequest, decision: str) -> AddonDoc:
    posting = Posting(request.site.store, request.site.changes, request.site.settings)
    sent = {"decision": decision, "comments": request.reason}
    return await reviews.judge_listing(posting, request.id, request.user, sent)


async def _delete(request: ActionRequest) -> AddonDoc:
    if request.values["confirm"] != str(request.id):
        raise field_fault("confirm", "deletion_unconfirmed", id=request.id)
    return await moderation.delete(request.site.changes, request.id, request.reason, request.user_id)


def _promote(request: ActionRequest) -> Awaitable[AddonDoc]:
    group, apps = request.values["group"], request.values.get("apps", ())
    return moderation.promote(request.site.changes, request.id, group, apps, request.reason, request.user_id)


def _demote(request: ActionRequest) -> Awaitable[AddonDoc]:
    return moderation.demote(
        request.site.changes, request.id, request.values["group"], request.reason, request.user_id
    )


ACTIONS: Final[dict[str, Action]] = {
    "disable": Action(
        ADMINISTRATORS,
        lambda addon: addon["status"] != "disabled",
        lambda request: moderation.disable(request.site.changes, request.id, request.reason, request.user_id),
        "The add-on is disabled.",
    ),
    "enable": Action(
        ADMINISTRATORS,
        lambda addon: addon["status"] == "disabled",
        lambda request: moderation.enable(request.site.changes, request.id, request.reason, request.user_id),
        "The add-on is not disabled any more.",
    ),
    "approve-listing": Action(
        CONTENT_REVIEWERS,
        lambda addon: True,
        lambda request: _judge(request, "approve"),
        "The listing is approved.",
    ),
    "reject-listing": Action(
        CONTENT_REVIEWERS,
        lambda addon: addon["status"] != "rejected",
        lambda request: _judge(request, "reject"),
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


def available_actions(caller: Caller, addon: AddonDoc) -> tuple[str, ...]:
    """The actions that the caller may use in the add-on's present state."""
    if addon["status"] == "deleted":
        return ()
    return tuple(
        name
        for name, action in ACTIONS.items()
        if action.is_applicable(addon) and passes(action.rule, caller, addon, safe=False)
    )


async def run_action(site: Site, caller: Caller, addon: AddonDoc, name: str, sent: Mapping[str, Any]) -> str:
    """Run an action; returns its message. Raises Forbidden, Invalid, AddonFault, and as Changes.run."""
    action = ACTIONS.get(name)
    if action is None or caller.user is None or not passes(action.rule, caller, addon, safe=False):
        raise Forbidden
    values = read_fields(FIELDS, sent, required=action.needs)
    await action.run(ActionRequest(site, addon, caller.user, values))
    return action.message
