"""Who may see and change what of an add-on: rules as tables, refusals from one place.

    addon = await load_addon(self, ask, identifier)               # VISIBLE
    addon = await load_addon(self, ask, identifier, EDITORS)
    check_filter(self, addon, ask.params.get("filter"))
    version = find_version(self, addon, wanted)

A need is any of its tests. The order of refusals is the contract's: unknown or
deleted (404), withheld from the country (451), not allowed (401, 403 with the
two flags), then what concerns a version or the filter alone (without them).
Sources: contract/addons.md 3, 7, 8; contract/auth.md 3, 5.1, 5.2.
"""

from collections.abc import Callable
from typing import Final

from conf.messages import text
from conf.model.addons import AddonDoc, VersionDoc
from conf.numbers import read_number
from handlers.http.base import SAFE, ApiHandler
from handlers.http.errors import bad_parameter, not_found, region_blocked
from handlers.http.request import ReadRequest
from index import facts
from index.documents.documents import Kept
from index.documents.identifiers import identify
from server.auth import permissions
from server.auth.callers import Caller
from server.site import Site

# Whether the caller passes; the last argument is whether the request only reads.
Test = Callable[[Caller, AddonDoc, bool], bool]
Rule = tuple[Test, ...]


def public(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return safe and facts.is_public(addon)


def author(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return permissions.is_author(caller, addon)


def owner(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return permissions.is_owner(caller, addon)


def editor(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    """An author, unless Mozilla has disabled the add-on."""
    return permissions.is_author(caller, addon) and addon["status"] != "disabled"


def deleter(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return permissions.is_owner(caller, addon) and addon["status"] != "disabled"


def listed_reviewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return permissions.is_listed_reviewer(caller, addon, safe=safe)


def unlisted_reviewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return permissions.is_unlisted_reviewer(caller, addon, safe=safe)


def deleted_viewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return safe and permissions.has(caller.user, permissions.VIEW_DELETED)


def deleted_addon_viewer(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
    return addon["status"] == "deleted" and deleted_viewer(caller, addon, safe)


def decider(*tests: Test) -> Rule:
    """Who passes one of the tests, the add-on's authors excepted: nobody decides about their own."""

    def test(caller: Caller, addon: AddonDoc, safe: bool) -> bool:
        return not permissions.is_author(caller, addon) and passes(tests, caller, addon, safe=safe)

    return (test,)


INSIDERS: Final[Rule] = (author, listed_reviewer, unlisted_reviewer)
VISIBLE: Final[Rule] = (public, *INSIDERS, deleted_addon_viewer)
AUTHORS: Final[Rule] = (author,)
OWNERS: Final[Rule] = (owner,)
EDITORS: Final[Rule] = (editor,)
DELETERS: Final[Rule] = (deleter,)

# Values of the versions list's `filter`, and who may use them; None for the default list.
FILTERS: Final[dict[str | None, Rule]] = {
    "all_without_unlisted": INSIDERS,
    "all_with_unlisted": (author, unlisted_reviewer),
    "all_with_deleted": (deleted_viewer,),
}
# Who sees a version that strangers do not, by channel; one that is deleted is its viewers' alone.
_VERSIONS: Final[dict[str, Rule]] = {
    "listed": (author, listed_reviewer),
    "unlisted": (author, unlisted_reviewer),
}


def passes(need: Rule, caller: Caller, addon: AddonDoc, *, safe: bool) -> bool:
    return any(test(caller, addon, safe) for test in need)


def sees_more(caller: Caller, kept: Kept) -> bool:
    """Whether the answer about a public add-on may differ from what strangers get."""
    user = caller.user
    return user is not None and (bool(user["permissions"]) or user["_id"] in kept.authors)


def sees_unlisted(caller: Caller, addon: AddonDoc) -> bool:
    """Whether `latest_unlisted_version` is shown, null included: it goes by the permission
    (contract/auth.md 5.2), not by the add-on's channels.
    """
    return permissions.is_author(caller, addon) or permissions.may_see_unlisted(caller, safe=True)


def sees_notes(caller: Caller, addon: AddonDoc) -> bool:
    """Whether a version's private keys are shown: to its authors and who may review it,
    not to mere viewers.
    """
    return passes(INSIDERS, caller, addon, safe=False)


async def load_addon(
    handler: ApiHandler, ask: ReadRequest, identifier: str, need: Rule = VISIBLE, *, region: bool = True
) -> AddonDoc:
    """The stored add-on, if the caller may do to it what the handler's verb does.

    Raises Refusal 404, 451 (unless `region` is False), 401 or 403, in this order;
    Unavailable when MongoDB is away.
    """
    addon = await _find(handler.site, identifier)
    locale, caller = ask.view.locale, handler.caller
    safe = handler.request.method in SAFE
    if addon is None or (addon["status"] == "deleted" and not deleted_viewer(caller, addon, True)):
        raise not_found(locale)
    withheld = region and ask.country in addon["region_exclusions"]
    if withheld and not permissions.has(caller.user, permissions.EDIT):
        raise region_blocked(locale)
    if not passes(need, caller, addon, safe=safe):
        raise handler.denied(
            is_disabled_by_developer=addon["disabled_by_user"],
            is_disabled_by_mozilla=addon["status"] == "disabled",
        )
    return addon


async def _find(site: Site, identifier: str) -> AddonDoc | None:
    """By the names memory knows, whatever their case, as strangers find it; else as written."""
    known = site.catalogue.find(identifier)
    found = await site.store.find_addon("id", known) if known is not None else None
    return found or await site.store.find_addon(*identify(identifier))


def check_filter(handler: ApiHandler, addon: AddonDoc, which: str | None) -> None:
    """Raises Refusal: 401 or 403 where the filter is for others, 400 where there is none of that name."""
    if which is None:
        return
    if which not in FILTERS:
        raise bad_parameter(text("filter_invalid", handler.locale_name))
    if not passes(FILTERS[which], handler.caller, addon, safe=True):
        raise handler.denied()


def visible_version(handler: ApiHandler, addon: AddonDoc, wanted: str) -> VersionDoc:
    """The version a path names. Raises Refusal 404, 401 or 403."""
    with_deleted = permissions.has(handler.caller.user, permissions.VIEW_DELETED)
    version = find_version(facts.versions(addon, "all_with_unlisted"), wanted)
    if version is None and with_deleted:
        version = find_version(facts.versions(addon, "all_with_deleted"), wanted)
    if version is None:
        raise not_found(handler.locale_name)
    if version["deleted"] or facts.is_public_version(version):
        return version
    if not passes(_VERSIONS[version["channel"]], handler.caller, addon, safe=True):
        raise handler.denied()
    return version


def find_version(versions: list[VersionDoc], wanted: str) -> VersionDoc | None:
    """By number after a `v` or where it has a dot, else by id (contract/addons.md 8)."""
    if wanted.startswith("v") or "." in wanted:
        number = wanted.removeprefix("v")
        return next((version for version in versions if version["version"] == number), None)
    version_id = read_number(wanted)
    return next((version for version in versions if version["id"] == version_id), None)
