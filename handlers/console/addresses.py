"""Addresses of the console's pages, as links and forms have them."""

from urllib.parse import urlencode

from conf.numbers import read_number
from handlers.console.navigation import ROOT, Section


def address(section: Section, *parts: object, **parameters: object) -> str:
    """Of a section's page; parameters without a value are left out."""
    path = "".join(f"{part}/" for part in parts)
    asked = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{ROOT}{section.path}{path}{'?' if asked else ''}{urlencode(asked)}"


def read_position(text: str | None) -> int | None:
    """The number that a page of a numbered collection goes on below; None: the newest page."""
    return read_number(text or "")
