"""One add-on: detail (reference/addons.md 2 to 5)."""

from conf.messages import text
from conf.vocabulary import APPS
from handlers.answer import Answer
from handlers.ask import Ask
from handlers.base import PageHandler
from handlers.errors import Refusal, bad_request, not_found, region_blocked
from index.appversion import search_range
from index.compatibility import newest_compatible
from index.identify import identify
from server.site import Site

_GROUPED = {"true": True, "1": True, "false": False, "0": False}


def public_addon(site: Site, ask: Ask, identifier: str) -> int | None:
    """The id of a public add-on the caller may see here; None when it is not public or unknown.

    Raises Refusal 451 where it is withheld from the caller's country.
    """
    addon_id = site.catalogue.find(identifier)
    kept = site.catalogue.documents.get(addon_id) if addon_id is not None else None
    if kept is not None and ask.country in kept.exclusions:
        raise region_blocked(ask.view.locale)
    return addon_id


def detail(site: Site, ask: Ask, identifier: str) -> Answer | None:
    addon_id = public_addon(site, ask, identifier)
    if addon_id is None:
        return None
    grouped = _show_grouped(ask)
    body = _for_appversion(site, ask, addon_id, grouped=grouped)
    if body is None:
        body = site.catalogue.documents.detail(addon_id, ask.view, grouped=grouped)
    return Answer(body + b"}", tag=site.catalogue.stamp(addon_id))


def _show_grouped(ask: Ask) -> bool:
    raw = ask.params.get("show_grouped_ratings")
    if raw is None or raw == "":
        return False
    if raw.lower() not in _GROUPED:
        raise bad_request("grouped_ratings_invalid", ask.view.locale)
    return _GROUPED[raw.lower()]


def _for_appversion(site: Site, ask: Ask, addon_id: int, *, grouped: bool) -> bytes | None:
    """A language pack with the newest version its caller's browser can use, else None."""
    wanted = ask.params.get("appversion")
    if not wanted:
        return None
    documents = site.catalogue.documents
    addon = documents.addon(addon_id)
    if addon["type"] != "language":
        return None
    app = ask.params.get("app", "").lower()
    if app not in APPS:
        raise bad_request("invalid_parameter", ask.view.locale, name="app")
    if search_range(wanted) is None:
        raise bad_request("invalid_parameter", ask.view.locale, name="appversion")
    current = newest_compatible(documents.versions(addon_id), app, wanted)
    return documents.detail_with(addon_id, ask.view, current, grouped=grouped) if current else None


class AddonHandler(PageHandler):
    title = "Addon"
    page = staticmethod(detail)

    async def look_closer(self, ask: Ask, *args: str) -> Answer:
        raise await hidden_addon(self.site, ask, args[0])


async def hidden_addon(site: Site, ask: Ask, identifier: str) -> Refusal:
    """Why an add-on that is not public is refused (reference/addons.md 3.2)."""
    addon = await site.store.find_addon(*identify(identifier))
    locale = ask.view.locale
    if addon is None or addon["status"] == "deleted":
        return not_found(locale)
    if ask.country in addon["region_exclusions"]:
        return region_blocked(locale)
    body = {
        "detail": text("not_authenticated", locale),
        "is_disabled_by_developer": addon["disabled_by_user"],
        "is_disabled_by_mozilla": addon["status"] == "disabled",
    }
    return Refusal(401, body, {"WWW-Authenticate": 'bearer realm="api"'})
