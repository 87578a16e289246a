"""An add-on at a glance, for operators and reviewers.

    overview = await read_overview(site, caller, addon, page=1)
    overview.versions[0]["version"], overview.authors[0]["name"]

Event loop only.
"""

from typing import Any, Final, NamedTuple

from conf.locales import DEFAULT_LOCALE
from conf.model.addons import AddonDoc, PromotionDoc, VersionDoc
from index import facts
from server.auth.callers import Caller
from server.rules.review.reviewer_flags import all_flags
from server.services.review.review_notes import account_name
from server.services.versions import is_in_console
from server.site import Site

_VERSIONS: Final = 25  # a page


class Overview(NamedTuple):
    """Facts about an add-on, and its people."""

    names: list[tuple[str, str]]  # by locale
    authors: list[dict[str, Any]]  # id, name, role, listed, invited; invited ones last
    promotions: list[PromotionDoc]  # in force
    flags: list[str]  # names of set reviewer flags
    versions: list[VersionDoc]  # of the page, newest first, as far as the caller may see them
    version_count: int  # on all pages
    page: int
    last: int


async def read_overview(site: Site, caller: Caller, addon: AddonDoc, page: int) -> Overview:
    """The overview with one page of versions, the nearest that exists. Raises Unavailable."""
    visible = [
        version for version in facts.newest_first(addon["versions"]) if is_in_console(caller, addon, version)
    ]
    last = max(1, -(-len(visible) // _VERSIONS))
    page = min(max(page, 1), last)
    return Overview(
        names=sorted((addon["name"] or {}).items()),
        authors=await _authors(site, addon),
        promotions=facts.promotions(addon),
        flags=[name for name, value in all_flags(addon).items() if value],
        versions=visible[(page - 1) * _VERSIONS : page * _VERSIONS],
        version_count=len(visible),
        page=page,
        last=last,
    )


async def _authors(site: Site, addon: AddonDoc) -> list[dict[str, Any]]:
    people = (*addon["authors"], *addon["pending_authors"])
    users = await site.store.users_by_id({person["user_id"] for person in people})
    return [
        {
            "id": person["user_id"],
            "name": account_name(users.get(person["user_id"]), DEFAULT_LOCALE),
            "role": person["role"],
            "listed": person["listed"],
            "invited": index >= len(addon["authors"]),
        }
        for index, person in enumerate(people)
    ]
