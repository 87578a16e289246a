"""Compatibility overrides, v3 only, in the shape v3 was documented with (contract/versions.md 7).

`guid` filters; without it, all are listed: contract/versions.md 16.
"""

import orjson

from conf.limits import MAX_GUIDS
from conf.model.curated import OverrideDoc
from handlers.http.access import PUBLIC
from handlers.http.base import PageHandler
from handlers.http.errors import bad_request
from handlers.http.paging import envelope, page_size, requested_page
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from index.search_params.errors import ParameterError
from index.search_params.parameters import values
from server.site import Site

_KEYS = ("addon_id", "addon_guid", "name", "version_ranges")


def overrides(site: Site, ask: ReadRequest) -> Answer:
    found = site.reference.find_overrides(_guids(ask))
    page = requested_page(ask, page_size(ask), lambda: len(found))
    rows = [_row(each) for each in found[page.start : page.stop]]
    return Answer(envelope(ask, page, len(found), rows))


def _guids(ask: ReadRequest) -> list[str] | None:
    sent = ask.params.get("guid")
    try:
        return values("guid", sent, MAX_GUIDS) if sent else None
    except ParameterError as error:
        raise bad_request(error.key, ask.view.locale, **error.values) from None


def _row(override: OverrideDoc) -> bytes:
    return orjson.dumps({key: override[key] for key in _KEYS})  # type: ignore[literal-required]


class OverridesHandler(PageHandler):
    title = "Compat Override"
    access = PUBLIC
    page = staticmethod(overrides)
