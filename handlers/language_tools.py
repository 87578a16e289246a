"""Dictionaries and language packs, all on one page (contract/addons.md 10.5, contract/versions.md 21)."""

from conf.limits import LANGUAGE_TOOLS_MAX_AGE
from handlers.http.base import PublicPage
from handlers.http.requests.request import Answer, ReadRequest
from index.documents.language_tools import AskedTools, parse_tools
from index.search_params.errors import ParameterError


def language_tools(request: ReadRequest) -> Answer | None:
    """None where the list is long and nobody has asked for it in this form since it changed."""
    tools = request.catalogue.tools
    body = tools.ready(_parsed(request), request.view)
    return Answer(body, tools.tag, LANGUAGE_TOOLS_MAX_AGE) if body is not None else None


def _parsed(request: ReadRequest) -> AskedTools:
    try:
        return parse_tools(request.params, request.view.version)
    except ParameterError as error:
        raise request.bad_request(error.key, **error.values) from None


class LanguageToolsHandler(PublicPage):
    title = "Language Tools"
    page = staticmethod(language_tools)
    kind = "tool"

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        tools = self.site.catalogue.tools
        tag = tools.tag
        return Answer(await tools.make(_parsed(request), request.view), tag, LANGUAGE_TOOLS_MAX_AGE)
