"""Why a search finds what it finds, and what would bring an add-on higher (contract/console.md 10)."""

from typing import Any, Final

from conf.locales import is_code, normalise
from conf.vocabulary import APPS, TYPES
from handlers.console.addresses import address
from handlers.console.navigation import ADDONS, EXPLANATION, section_access
from handlers.console.pages import ConsoleHandler
from handlers.search import parse
from index.search_params.filters import ParameterError
from index.search_params.sorting import KEYS, RELEVANCE
from server.operating.explanation import explain

_TOP: Final = 10
_SEARCH: Final = ("q", "lang", "app", "type", "sort")  # fields that are parameters of the search


class ExplanationHandler(ConsoleHandler):
    """The parameters of a v5 search, and `addon`: one to be explained wherever it stands."""

    title = "Explain a search"
    section = EXPLANATION
    access = section_access(EXPLANATION, "GET")

    async def get(self) -> None:
        asked = self.filters(*_SEARCH, "addon")
        told, fault = None, None
        if any(asked.values()):
            told, fault = await self._explain(asked)
        self.show(
            "explanation.html",
            400 if fault else 200,
            asked=asked,
            told=told,
            fault=fault,
            apps={app.short: app.name for app in APPS.values()},
            types={kind.name: kind.label for kind in TYPES.values()},
            sorts=[RELEVANCE, *KEYS],
        )

    async def _explain(self, asked: dict[str, str]) -> tuple[dict[str, Any] | None, str | None]:
        """What is told, or what is wrong."""
        catalogue, lang = self.site.catalogue, asked["lang"]
        if lang and not is_code(lang):
            return None, "The language is no language code."
        addon_id = catalogue.find_listed(asked["addon"]) if asked["addon"] else None
        if asked["addon"] and addon_id is None:
            return None, f"No search shows an add-on {asked['addon']!r:.200}: it is not public, or not there."
        try:
            search = {name: asked[name] for name in _SEARCH if asked[name]}
            query = parse(self.site, "v5", search)
        except ParameterError as error:
            return None, error.text(self.locale_name)
        locale = normalise(lang) or self.locale_name
        told = await explain(catalogue, query, locale, _TOP, addon_id)
        for row in (*told["results"], *([told["addon"]] if "addon" in told else [])):
            row["address"] = address(ADDONS, row["id"])
        for better in told.get("addon", {}).get("better", ()):
            better["address"] = address(EXPLANATION, **{**asked, "q": better["q"]})
        return told, None
