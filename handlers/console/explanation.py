"""Explains the results of a search, and what would rank an add-on higher (contract/console.md 10)."""

from typing import Any, Final

from conf.locales import is_code, normalise
from conf.vocabulary import APPS, TYPES
from handlers.console.navigation import ADDONS, EXPLANATION, page_url
from handlers.console.pages import ConsoleHandler
from handlers.search import parse
from index.criteria.sorting import KEYS, RELEVANCE
from server.operating.explanation import explain
from server.search_params.errors import ParameterError

_TOP: Final = 10
_SEARCH: Final = ("q", "lang", "app", "type", "sort")  # parameters of the search


class ExplanationHandler(ConsoleHandler):
    """Takes the parameters of a v5 search, and `addon`: an add-on to explain, whatever its rank."""

    section = EXPLANATION

    async def get(self) -> None:
        fields = self.filters(*_SEARCH, "addon")
        explanation, fault = None, None
        if any(fields.values()):
            explanation, fault = await self._explain(fields)
        self.render_page(
            "explanation.html",
            400 if fault else 200,
            fields=fields,
            explanation=explanation,
            fault=fault,
            apps={app.short: app.name for app in APPS.values()},
            types={kind.name: kind.label for kind in TYPES.values()},
            sorts=[RELEVANCE, *KEYS],
        )

    async def _explain(self, fields: dict[str, str]) -> tuple[dict[str, Any] | None, str | None]:
        """The explanation, or the fault of a parameter."""
        catalogue, lang = self.site.catalogue, fields["lang"]
        if lang and not is_code(lang):
            return None, "The language is not a language code."
        name = fields["addon"]
        addon_id = catalogue.find_listed(name) if name else None
        if name and addon_id is None:
            return None, f"No search shows an add-on {name!r:.200}: it does not exist, or is not public."
        try:
            search = {name: fields[name] for name in _SEARCH if fields[name]}
            query = parse(self.site, "v5", search)
        except ParameterError as error:
            return None, error.text(self.locale_name)
        locale = normalise(lang) or self.locale_name
        explanation = await explain(catalogue, query, locale, _TOP, addon_id)
        for row in (*explanation["results"], *([explanation["addon"]] if "addon" in explanation else [])):
            row["address"] = page_url(ADDONS, row["id"])
        for better in explanation.get("addon", {}).get("better", ()):
            better["address"] = page_url(EXPLANATION, **{**fields, "q": better["q"]})
        return explanation, None
