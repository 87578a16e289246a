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
    gate: str | None = None  # the gate of versions that have it; None: all have it
    fast: bool = False  # may be answered in the fast lane
    files: bool = False  # accepts large files in forms
    label: str = ""  # its name, if the path is too complicated for one

    @property
    def name(self) -> str:
        """A readable form of the path, for metrics and the log: `addons/addon/{}/versions/`."""
        return self.label or _name(self.path)


def _name(path: str) -> str:
    """With braces in place of each outer group."""
    name, depth = "", 0
    for sign in path:
        depth -= sign == ")"
        if not depth and sign not in "()?\\":
            name += sign
        if sign == "(":
            name += "{}" if not depth else ""
            depth += 1
    return name or "/"
