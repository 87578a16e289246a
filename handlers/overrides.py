"""Compatibility overrides, v3 only, in the shape of seed 001 (rulings).

`guid` filters; without it, all are listed: seed 001 does not call it required.
"""

import orjson

from conf.limits import MAX_GUIDS
from conf.reference import OverrideDoc
from handlers.answer import Answer
from handlers.ask import Ask
from handlers.base import PageHandler
from handlers.errors import bad_request
from handlers.paging import envelope, page_size, requested_page
from index.errors import ParameterError
from index.parameters import values
from server.site import Site

_KEYS = ("addon_id", "addon_guid", "name", "version_ranges")


def overrides(site: Site, ask: Ask) -> Answer:
    found = site.reference.find_overrides(_guids(ask))
    page = requested_page(ask, page_size(ask), lambda: len(found))
    rows = [_row(each) for each in found[page.start : page.stop]]
    return Answer(envelope(ask, page, len(found), rows))


def _guids(ask: Ask) -> list[str] | None:
    sent = ask.params.get("guid")
    try:
        return values("guid", sent, MAX_GUIDS) if sent else None
    except ParameterError as error:
        raise bad_request(error.key, ask.view.locale, **error.values) from None


def _row(override: OverrideDoc) -> bytes:
    return orjson.dumps({key: override[key] for key in _KEYS})  # type: ignore[literal-required]


class OverridesHandler(PageHandler):
    title = "Compat Override"
    page = staticmethod(overrides)
