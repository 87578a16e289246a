"""The parameters of the list of language tools (contract/addons.md 10.5)."""

from collections.abc import Mapping

from conf.appversion import search_range
from conf.gates import enabled
from conf.vocabulary import ANY_TYPE, LANGUAGE_TOOL_TYPES
from index.criteria.clauses import AnyOf, Clause
from index.documents.language_packs import VersionRange
from index.documents.language_tools import LANGUAGE_PACKS, ToolsQuery
from server.search_params import parameters as read
from server.search_params.errors import ParameterError
from server.search_params.parameters import SearchOptions, SearchRequest


def parse_tools(params: Mapping[str, str], version: str) -> ToolsQuery:
    """The query of `params`. Raises ParameterError, for the first fault in the order
    `app`, `appversion`, `type`.
    """
    request = SearchRequest(params, version, SearchOptions())
    app = _parse_app(request)
    span = _parse_span(params)
    types = _parse_types(request) if "type" in params or span else LANGUAGE_TOOL_TYPES
    packs_only = types == LANGUAGE_PACKS
    clauses: list[Clause] = [AnyOf(("target_locale",)), AnyOf(tuple(f"type:{name}" for name in types))]
    if enabled(version, "language_tools_need_app") and not (span and packs_only):
        clauses.append(AnyOf((f"app:{app}",)))
    author = params.get("author", "")
    if author:
        clauses += read.author(author, request)
    return ToolsQuery(tuple(clauses), app, span, packs_only, bool(author))


def _parse_app(request: SearchRequest) -> str | None:
    """The application. v3 and v4 require it; v5 requires it with `appversion`, and ignores it without."""
    is_required = enabled(request.version, "language_tools_need_app")
    if not is_required and "appversion" not in request.params:
        return None
    try:
        return read.parse_app(request)
    except ParameterError:
        raise ParameterError(
            "language_app_invalid" if is_required else "language_app_invalid_with_appversion"
        ) from None


def _parse_span(params: Mapping[str, str]) -> VersionRange | None:
    if "appversion" not in params:
        return None
    span = search_range(params["appversion"])
    if span is None:
        raise ParameterError("language_appversion_invalid")
    return span


def _parse_types(request: SearchRequest) -> tuple[str, ...]:
    try:
        types = read.parse_types(request)
    except ParameterError:
        raise ParameterError("language_type_invalid") from None
    return tuple(dict.fromkeys(name for name in types if name != ANY_TYPE[0]))
