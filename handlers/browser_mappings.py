"""Extensions of other browsers and the add-ons that are the same (contract/addons.md 10.9)."""

import orjson

from conf.limits import MAPPINGS_MAX_AGE, MAPPINGS_PAGE_SIZE
from conf.vocabulary import MAPPED_BROWSERS
from handlers.http.access import PUBLIC
from handlers.http.base import PageHandler
from handlers.http.errors import bad_request
from handlers.http.paging import envelope, page_size, requested_page
from handlers.http.reply import Answer
from handlers.http.request import ReadRequest
from server.site import Site


def mappings(site: Site, request: ReadRequest) -> Answer:
    browser = request.params.get("browser", "")
    if browser not in MAPPED_BROWSERS:
        raise bad_request("browser_invalid", request.view.locale)
    stored = site.reference.find_mappings(browser)
    size = page_size(request, MAPPINGS_PAGE_SIZE, MAPPINGS_PAGE_SIZE)
    page = requested_page(request, size, lambda: len(stored))
    rows = [
        orjson.dumps({"extension_id": mapping["_id"], "addon_guid": mapping["addon_guid"]})
        for mapping in stored[page.start : page.stop]
    ]
    return Answer(envelope(request, page, len(stored), rows), max_age=MAPPINGS_MAX_AGE)


class MappingsHandler(PageHandler):
    title = "Browser Mappings"
    access = PUBLIC
    page = staticmethod(mappings)
