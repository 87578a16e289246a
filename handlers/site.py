"""Site status: read-only mode and notice (reference/conventions.md 14)."""

import orjson

from handlers.answer import Answer
from handlers.ask import Ask
from handlers.base import PageHandler
from server.site import Site


def status(site: Site, ask: Ask) -> Answer:
    return Answer(orjson.dumps({"read_only": site.status.read_only, "notice": site.status.notice}), max_age=0)


class SiteHandler(PageHandler):
    title = "Site Status"
    page = staticmethod(status)
