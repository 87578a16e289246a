"""Reviewers' decisions about a version in the console (contract/activity.md 1.7).

    names = available_decisions(caller, addon, version)     # ("approve", "reject", ...)
    note = await decide(site, caller, addon, version, {"decision": "approve", "comments": "Fine."})

Event loop only.
"""

from collections.abc import Mapping
from typing import Any

from conf.model.activity import NoteDoc
from conf.model.addons import AddonDoc, VersionDoc
from server.auth.access.addon_access import CHANNEL_REVIEWERS, REVIEWERS, check, passes
from server.auth.callers import Caller
from server.errors import Forbidden
from server.rules.review.reviews import DECISIONS
from server.services.posting import Posting
from server.services.review import reviews
from server.services.versions import check_reviewer
from server.site import Site


def available_decisions(caller: Caller, addon: AddonDoc, version: VersionDoc) -> tuple[str, ...]:
    """The decisions that the caller may take in the version's present state."""
    if version["deleted"] or addon["status"] == "deleted":
        return ()
    rules = (REVIEWERS, CHANNEL_REVIEWERS[version["channel"]])
    if not all(passes(rule, caller, addon, safe=False) for rule in rules):
        return ()
    return tuple(name for name, decision in DECISIONS.items() if decision.allowed(version))


async def decide(
    site: Site, caller: Caller, addon: AddonDoc, version: VersionDoc, sent: Mapping[str, Any]
) -> NoteDoc:
    """Raises Forbidden, NotFound, and as `reviews.review`."""
    check(REVIEWERS, caller, addon, safe=False)
    check_reviewer(caller, addon, version)
    if caller.user is None:
        raise Forbidden
    posting = Posting(site.store, site.changes, site.settings)
    return await reviews.review(posting, addon["_id"], version["id"], caller.user, sent)
