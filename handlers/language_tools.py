"""Dictionaries and language packs, all on one page (contract/addons.md 10.5, contract/versions.md 21)."""

from conf.limits import LANGUAGE_TOOLS_MAX_AGE
from handlers.http.base import PublicPage
from handlers.http.requests.request import Answer, ReadRequest
from server.search_params.language_tools import parse_tools


def language_tools(request: ReadRequest) -> Answer | None:
    """None if the list is long and has not been rendered in this form since it changed."""
    tools = request.catalogue.tools
    tools_request = request.parsed(parse_tools, request.params, request.view.version)
    body = tools.ready(tools_request, request.view)
    return Answer(body, tools.tag, LANGUAGE_TOOLS_MAX_AGE) if body is not None else None


class LanguageToolsHandler(PublicPage):
    title = "Language Tools"
    page = staticmethod(language_tools)
    kind = "tool"

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        tools = self.site.catalogue.tools
        tag, tools_request = tools.tag, request.parsed(parse_tools, request.params, request.view.version)
        return Answer(await tools.make(tools_request, request.view), tag, LANGUAGE_TOOLS_MAX_AGE)
