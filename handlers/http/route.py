"""A row of the route tables (urls.py, site_urls.py), and the parts of paths that several rows have."""

from typing import NamedTuple

from handlers.http.base import ApiHandler

ADDON = "([^/]+)"
VERSION = "([^/]+)"
USER = "([^/]+)"


class Route(NamedTuple):
    """A row of the table of routes."""

    path: str  # below /api/vN/ or the root, a regular expression
    handler: type[ApiHandler]
    gate: str | None = None  # versions that have it; None: all
    fast: bool = False  # may be answered before a RequestHandler is built
    files: bool = False  # takes large files in forms
