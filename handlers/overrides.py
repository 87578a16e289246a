"""Compatibility overrides, v3 only, in the shape of seed 001 (rulings).

`guid` filters; without it, all are listed: seed 001 does not call it required.
"""

import orjson

from conf.reference import OverrideDoc
from handlers.answer import Answer
from handlers.ask import Ask
from handlers.base import PageHandler
from handlers.paging import envelope, page_size, requested_page
from server.site import Site

_KEYS = ("addon_id", "addon_guid", "name", "version_ranges")


def overrides(site: Site, ask: Ask) -> Answer:
    guids = ask.params.get("guid")
    found = site.reference.find_overrides(guids.split(",") if guids else None)
    page = requested_page(ask, page_size(ask), lambda: len(found))
    rows = [_row(each) for each in found[page.start : page.stop]]
    return Answer(envelope(ask, page, len(found), rows))


def _row(override: OverrideDoc) -> bytes:
    return orjson.dumps({key: override[key] for key in _KEYS})  # type: ignore[literal-required]


class OverridesHandler(PageHandler):
    title = "Compat Override"
    page = staticmethod(overrides)
