"""The route table, and what is made from it: the fast lane and Tornado's Application."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from tornado.httputil import HTTPServerRequest
from tornado.routing import PathMatches
from tornado.web import Application, URLSpec

from conf.gates import GATES
from conf.vocabulary import VERSIONS
from handlers.accounts.urls import ACCOUNT_ROUTES
from handlers.activity.inbound_mail import InboundMailHandler
from handlers.addons.urls import ADDON_ROUTES
from handlers.api_description.urls import with_descriptions
from handlers.applications import AppVersionHandler, AppVersionsHandler
from handlers.blocklist import BlockHandler
from handlers.catalogue.urls import CATALOGUE_ROUTES
from handlers.curated_lists import MappingsHandler, OverridesHandler, ReplacementsHandler, TagsHandler
from handlers.discovery import DiscoveryHandler, EditorialHandler
from handlers.featured import FeaturedHandler
from handlers.home_page.urls import HOME_PAGE_ROUTES
from handlers.http.base import ApiHandler, PageHandler
from handlers.http.bodies.multipart import MultipartForm
from handlers.http.bodies.streamed_body import streamed
from handlers.http.connections.exchange import Exchanges
from handlers.http.connections.fast_reads import FastReads, RouteMatch
from handlers.http.route import ADDON, MANIFEST, NotFoundHandler, Route
from handlers.language_tools import LanguageToolsHandler
from handlers.ratings.ratings import RatingFlagHandler, RatingHandler, RatingListHandler, RatingReplyHandler
from handlers.recommendations import RecommendationsHandler
from handlers.reports import (
    AddonReportHandler,
    CollectionReportHandler,
    RatingReportHandler,
    UserReportHandler,
)
from handlers.search import AutocompleteHandler, SearchHandler
from handlers.site_status import SiteHandler
from handlers.site_urls import SITE_ROUTES
from handlers.uploads.urls import UPLOAD_ROUTES
from server.site import Site
from server.telemetry.metrics import Metrics
from server.telemetry.requests import UNKNOWN, Requests

_MANIFEST = "*.json"

_API_ROUTES: tuple[Route, ...] = (
    Route("addons/search/", SearchHandler, fast=True),
    Route("addons/autocomplete/", AutocompleteHandler, fast=True),
    Route("addons/language-tools/", LanguageToolsHandler, fast=True),
    Route("addons/featured/", FeaturedHandler, gate="featured_endpoint"),  # shuffled anew for each request
    Route("addons/recommendations/", RecommendationsHandler, fast=True),
    Route("addons/replacement-addon/", ReplacementsHandler, fast=True),
    Route("addons/compat-override/", OverridesHandler, gate="compat_override", fast=True),
    Route("addons/browser-mappings/", MappingsHandler, gate="browser_mappings", fast=True),
    Route("discovery/", DiscoveryHandler, gate="discovery", fast=True),
    Route("discovery/editorial/", EditorialHandler, gate="discovery", fast=True),
    Route("addons/tags/", TagsHandler, gate="tags", fast=True),
    Route("applications/([^/]+)/", AppVersionsHandler, gate="applications"),
    Route("applications/([^/]+)/([^/]+)/", AppVersionHandler, gate="applications"),
    *HOME_PAGE_ROUTES,
    *CATALOGUE_ROUTES,
    *ADDON_ROUTES,
    *UPLOAD_ROUTES,
    Route("blocklist/block/([^/]+)/", BlockHandler, gate="blocklist"),
    Route("abuse/report/addon/", AddonReportHandler),
    Route("abuse/report/user/", UserReportHandler),
    Route("abuse/report/rating/", RatingReportHandler),
    Route("abuse/report/collection/", CollectionReportHandler),
    Route("activity/mail/?", InboundMailHandler),  # with and without the slash (contract/versions.md 19)
    Route("ratings/rating/", RatingListHandler, gate="ratings_paths"),
    Route("ratings/rating/([0-9]+)/", RatingHandler, gate="ratings_paths"),
    Route("ratings/rating/([0-9]+)/reply/", RatingReplyHandler, gate="ratings_paths"),
    Route("ratings/rating/([0-9]+)/flag/", RatingFlagHandler, gate="ratings_paths"),
    Route("reviews/review/", RatingListHandler, gate="reviews_paths"),
    Route("reviews/review/([0-9]+)/", RatingHandler, gate="reviews_paths"),
    Route("reviews/review/([0-9]+)/reply/", RatingReplyHandler, gate="reviews_paths"),
    Route("reviews/review/([0-9]+)/flag/", RatingFlagHandler, gate="reviews_paths"),
    *ACCOUNT_ROUTES,
    Route("site/", SiteHandler, gate="site", fast=True),
)
ROUTES = with_descriptions(_API_ROUTES)


def make_lanes(site: Site) -> tuple[FastReads, Exchanges]:
    """The fast lane, and the slow lane through Tornado's Application, which an HTTPServer needs."""
    requests = site.telemetry.requests

    def arguments(route: Route, version: str) -> dict[str, Any]:
        return {"site": site, "version": version, "endpoint": requests.endpoint(route.name, version)}

    specs = [
        URLSpec(f"/{route.path}", route.handler, {"site": site, "endpoint": requests.endpoint(route.name)})
        for route in SITE_ROUTES
    ]
    specs += [
        URLSpec(f"/api/{version}/{route.path}", route.handler, arguments(route, version))
        for route, version in _versioned_routes()
    ]
    for spec in specs:
        check_access(spec.handler_class)
    forms = [
        (_FormMatches(f"/api/{version}/{route.path}$"), streamed(route.handler), arguments(route, version))
        for route, version in _versioned_routes()
        if route.files
    ]
    application = Application(
        [*forms, *specs],
        default_handler_class=NotFoundHandler,
        default_handler_args={"site": site, "endpoint": requests.endpoint(UNKNOWN)},
        metrics=Metrics(site),
        log_function=lambda handler: handler.record(),
    )
    files = re.compile(
        "|".join(f"/api/{version}/{route.path}" for route, version in _versioned_routes() if route.files)
    )
    return FastReads(site, _fast_router(requests)), Exchanges(site, application, files)


class _FormMatches(PathMatches):
    """Matches multipart forms that are sent to a path, and no other request."""

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        return super().match(request) if MultipartForm.from_headers(request.headers) else None


def check_access(handler: type[ApiHandler]) -> None:
    """Raises TypeError unless the resource declares an Access for each of its methods, and for no others."""
    verbs = set(handler.allow().split(", ")) - {"HEAD", "OPTIONS"}
    if verbs != handler.access.keys():
        raise TypeError(f"{handler.__name__} has {sorted(verbs)} and access for {sorted(handler.access)}")


def _versioned_routes() -> Iterator[tuple[Route, str]]:
    for route in ROUTES:
        for version in VERSIONS:
            if route.gate is None or version in GATES[route.gate]:
                yield route, version


def _fast_router(requests: Requests) -> Callable[[str], RouteMatch | None]:
    """Finds the resource of a fast path without regular expressions: by the path or its fixed segments."""
    table: dict[str, RouteMatch] = {}
    served = [(f"/api/{version}/{route.path}", route, version) for route, version in _versioned_routes()]
    for pattern, route, version in (*served, *((f"/{route.path}", route, "") for route in SITE_ROUTES)):
        if route.fast and issubclass(route.handler, PageHandler):
            path = pattern.replace(MANIFEST, _MANIFEST).replace(ADDON, "*")
            endpoint = requests.endpoint(route.name, version)
            table[path] = RouteMatch(version or VERSIONS[-1], route.handler, (), endpoint)

    def find(path: str) -> RouteMatch | None:
        match = table.get(path)
        if match is not None and "*" not in path:
            return match
        segments = path.split("/")
        args = []
        for position in (5, 7):  # /api/vN/addons/addon/<5>/versions/<7>/
            if len(segments) > position + 1 and segments[4] == "addon":
                args.append(unquote(segments[position], errors="replace"))
                segments[position] = "*"
        if path.startswith("/api/updates/") and len(segments) == 4 and segments[3].endswith(".json"):
            args.append(unquote(segments[3].removesuffix(".json"), errors="replace"))
            segments[3] = _MANIFEST
        match = table.get("/".join(segments))
        return RouteMatch(match.version, match.handler, tuple(args), match.endpoint) if match else None

    return find
