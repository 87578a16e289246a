"""An add-on's JSON in each version of the API, side by side (contract/console.md 8)."""

from typing import Any, Final

import orjson

from conf.locales import is_code, normalise
from conf.model.addons import AddonDoc
from conf.vocabulary import VERSIONS
from handlers.addons.page import detail_for
from handlers.console.addons.page import AddonPage
from index import facts
from index.runtime.time_slice import yield_to_loop
from index.shapes.view import View
from server.auth.callers import ANONYMOUS

_MAX_TEXT: Final = 100_000  # characters of an object on the page
_PUBLIC, _PEOPLE = "public", "people"


class AddonObjectsHandler(AddonPage):
    """What anonymous callers get, or with `to=people` its authors and reviewers; `lang` as in the API."""

    async def get(self, addon_id: str) -> None:
        addon = await self.load(addon_id)
        params = self.read_request().params
        to = _PEOPLE if params.get("to") == _PEOPLE else _PUBLIC
        lang = params.get("lang", "").strip()
        fault = "This is not a language code." if lang and not is_code(lang) else None
        texts = {}
        for version in VERSIONS:
            texts[version] = self._object(addon, version, "" if fault else lang, to)
            await yield_to_loop()  # because an object may have some hundred kilobytes
        self.render_addon(
            "addon_objects.html", addon, 400 if fault else 200, texts=texts, to=to, lang=lang, fault=fault
        )

    def _object(self, addon: AddonDoc, version: str, lang: str, to: str) -> dict[str, Any] | None:
        """The indented JSON; None if the API's answer is 401 or 404."""
        view = View(version, lang=lang or None, locale=normalise(lang) or self.locale_name)
        if to == _PUBLIC and not facts.is_public(addon):
            return None
        caller = self.caller if to == _PEOPLE else ANONYMOUS
        value = detail_for(self.site, caller, addon, view)
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
        return {"text": text[:_MAX_TEXT], "is_cut": len(text) > _MAX_TEXT}
