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


def mappings(site: Site, ask: ReadRequest) -> Answer:
    browser = ask.params.get("browser", "")
    if browser not in MAPPED_BROWSERS:
        raise bad_request("browser_invalid", ask.view.locale)
    found = site.reference.find_mappings(browser)
    size = page_size(ask, MAPPINGS_PAGE_SIZE, MAPPINGS_PAGE_SIZE)
    page = requested_page(ask, size, lambda: len(found))
    rows = [
        orjson.dumps({"extension_id": each["_id"], "addon_guid": each["addon_guid"]})
        for each in found[page.start : page.stop]
    ]
    return Answer(envelope(ask, page, len(found), rows), max_age=MAPPINGS_MAX_AGE)


class MappingsHandler(PageHandler):
    title = "Browser Mappings"
    access = PUBLIC
    page = staticmethod(mappings)
