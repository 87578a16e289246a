"""A row of the route tables (handlers/urls.py, handlers/site_urls.py), and parts that several paths have."""

from typing import NamedTuple

from handlers.http.base import ApiHandler

ADDON = "([^/]+)"
VERSION = "([^/]+)"
USER = "([^/]+)"
MANIFEST = "([^/]+)[.]json"


class Route(NamedTuple):
    """A row of the table of routes."""

    path: str  # below /api/vN/ or the root, a regular expression
    handler: type[ApiHandler]
    gate: str | None = None  # versions that have it; None: all
    fast: bool = False  # may be answered before a RequestHandler is built
    files: bool = False  # takes large files in forms
    label: str = ""  # its name, where the path is too odd for one

    @property
    def name(self) -> str:
        """The path for people, as metrics and the log call it: `addons/addon/{}/versions/`."""
        return self.label or _name(self.path)


def _name(path: str) -> str:
    """With a pair of braces for each group, however many stand in each other."""
    name, depth = "", 0
    for sign in path:
        depth -= sign == ")"
        if not depth and sign not in "()?\\":
            name += sign
        if sign == "(":
            name += "{}" if not depth else ""
            depth += 1
    return name or "/"
