"""Compatibility overrides, v3 only, in the shape v3 was documented with (contract/versions.md 7).

`guid` filters; without it, all are listed: contract/versions.md 16.
"""

from typing import Any

from conf.limits import MAX_GUIDS
from conf.model.curated import OverrideDoc
from handlers.http.access import PUBLIC
from handlers.http.base import PageHandler
from handlers.http.errors import bad_request
from handlers.http.paging import page_of
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from index.search_params.errors import ParameterError
from index.search_params.parameters import values
from server.site import Site

_KEYS = ("addon_id", "addon_guid", "name", "version_ranges")


def overrides(site: Site, request: ReadRequest) -> Answer:
    stored = site.curated.find_overrides(_guids(request))
    return Answer(page_of(request, stored, _shape))


def _guids(request: ReadRequest) -> list[str] | None:
    sent = request.params.get("guid")
    try:
        return values("guid", sent, MAX_GUIDS) if sent else None
    except ParameterError as error:
        raise bad_request(error.key, request.view.locale, **error.values) from None


def _shape(override: OverrideDoc) -> dict[str, Any]:
    return {key: override[key] for key in _KEYS}  # type: ignore[literal-required]


class OverridesHandler(PageHandler):
    title = "Compat Override"
    access = PUBLIC
    page = staticmethod(overrides)
