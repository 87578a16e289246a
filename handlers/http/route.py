"""Rows of the route tables (handlers/urls.py, handlers/site_urls.py), and the handler of all other paths."""

from typing import NamedTuple

from tornado.httputil import HTTPServerRequest
from tornado.web import Application

from handlers.http.base import ApiHandler

ADDON = "([^/]+)"
VERSION = "([^/]+)"
USER = "([^/]+)"
MANIFEST = "([^/]+)[.]json"


class Route(NamedTuple):
    """A path, its handler, and how it is served."""

    path: str  # below /api/vN/ or the root, a regular expression
    handler: type[ApiHandler]
    gate: str | None = None  # the gate (conf/gates.py) of the versions that have it; None: all do
    fast: bool = False  # whether the fast lane may answer it
    files: bool = False  # accepts large files in forms
    label: str = ""  # its name, if the path is too complicated to make one from

    @property
    def name(self) -> str:
        """A readable form of the path, for metrics and the log: `addons/addon/{}/versions/`."""
        return self.label or _name(self.path)


def _name(path: str) -> str:
    """The pattern with braces in place of each outer group."""
    name, depth = "", 0
    for sign in path:
        depth -= sign == ")"
        if not depth and sign not in "()?\\":
            name += sign
        if sign == "(":
            name += "{}" if not depth else ""
            depth += 1
    return name or "/"


class NotFoundHandler(ApiHandler):
    """Unknown paths: a redirect if only the final slash is wrong, else 404 (contract/requests.md 12)."""

    works_before_ready = True
    mechanisms = ()

    def check_request(self) -> None:
        """Does nothing, because 404 comes before faults of the request."""

    def prepare(self) -> None:
        super().prepare()
        path = self.request.path
        alternative = path.rstrip("/") if path.endswith("/") else path + "/"
        if _has_route(self.application, self.request, alternative):
            query = f"?{self.request.query}" if self.request.query else ""
            raise self.moved_to(alternative + query, status=301)
        raise self.not_found()


def _has_route(application: Application, request: HTTPServerRequest, path: str) -> bool:
    original = request.path
    request.path = path
    try:
        delegate = application.find_handler(request)
    finally:
        request.path = original
    return getattr(delegate, "handler_class", NotFoundHandler) is not NotFoundHandler
