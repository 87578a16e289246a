"""Extensions of other browsers and the add-ons that are the same (contract/addons.md 10.9)."""

from conf.limits import MAPPINGS_MAX_AGE, MAPPINGS_PAGE_SIZE
from conf.model.curated import MappingDoc
from conf.vocabulary import MAPPED_BROWSERS
from handlers.http.access import PUBLIC
from handlers.http.base import PageHandler
from handlers.http.errors import bad_request
from handlers.http.paging import page_of, page_size
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from server.site import Site


def mappings(site: Site, request: ReadRequest) -> Answer:
    browser = request.params.get("browser", "")
    if browser not in MAPPED_BROWSERS:
        raise bad_request("browser_invalid", request.view.locale)
    stored = site.curated.find_mappings(browser)
    size = page_size(request, MAPPINGS_PAGE_SIZE, MAPPINGS_PAGE_SIZE)
    return Answer(page_of(request, stored, _shape, size), max_age=MAPPINGS_MAX_AGE)


def _shape(mapping: MappingDoc) -> dict[str, str]:
    return {"extension_id": mapping["_id"], "addon_guid": mapping["addon_guid"]}


class MappingsHandler(PageHandler):
    title = "Browser Mappings"
    access = PUBLIC
    page = staticmethod(mappings)
