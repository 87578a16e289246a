"""The sections of the console, who may use each (contract/console.md 3), and the addresses of their pages."""

from typing import Final, NamedTuple
from urllib.parse import urlencode

from conf.numbers import read_number
from server.auth.access.permissions import OPERATOR, REVIEWERS, REVIEWS_ADMIN, VIEWERS

ROOT: Final = "/admin/"


class Section(NamedTuple):
    """`permissions`: who has one of them may use it; nobody else sees it in the navigation."""

    path: str  # below ROOT
    title: str
    permissions: tuple[str, ...]


_REVIEWING: Final = (REVIEWS_ADMIN, *REVIEWERS, *VIEWERS)
_WATCHING: Final = (OPERATOR, REVIEWS_ADMIN)

STATE: Final = Section("state/", "State", (OPERATOR,))
QUEUES: Final = Section("queues/", "Queues", (OPERATOR,))
MAINTENANCE: Final = Section("maintenance/", "Maintenance", (OPERATOR,))
ADDONS: Final = Section("addons/", "Add-ons", _REVIEWING)
REVIEWS: Final = Section("reviews/", "Review queue", _REVIEWING)
REPORTS: Final = Section("reports/", "Abuse reports", _WATCHING)
LOG: Final = Section("log/", "Log", _WATCHING)
EXPLANATION: Final = Section("explain/", "Explain a search", _WATCHING)
SECTIONS: Final = (STATE, QUEUES, MAINTENANCE, ADDONS, REVIEWS, REPORTS, LOG, EXPLANATION)


def address(section: Section, *parts: object, **parameters: object) -> str:
    """Of a section's page, as links and forms have it; parameters without a value are left out."""
    path = "".join(f"{part}/" for part in parts)
    query = urlencode({name: value for name, value in parameters.items() if value not in (None, "")})
    return f"{ROOT}{section.path}{path}{'?' if query else ''}{query}"


def read_position(text: str | None) -> int | None:
    """The number that a page of a numbered collection goes on below; None: the newest page."""
    return read_number(text or "")
