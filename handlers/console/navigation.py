"""The sections of the console, who may use each (contract/console.md 3), and the addresses of their pages."""

from typing import Final, NamedTuple
from urllib.parse import urlencode

from conf.numbers import read_number
from server.auth.access.permissions import OPERATOR, REVIEWERS, REVIEWS_ADMIN, VIEWERS

ROOT: Final = "/admin/"


class Section(NamedTuple):
    """A part of the console. Callers with one of `permissions` may use it; others do not see it."""

    path: str  # below ROOT
    title: str
    permissions: tuple[str, ...]


_REVIEWER_PERMISSIONS: Final = (REVIEWS_ADMIN, *REVIEWERS, *VIEWERS)
_ADMIN_PERMISSIONS: Final = (OPERATOR, REVIEWS_ADMIN)

STATE: Final = Section("state/", "State", (OPERATOR,))
QUEUES: Final = Section("queues/", "Queues", (OPERATOR,))
MAINTENANCE: Final = Section("maintenance/", "Maintenance", (OPERATOR,))
ADDONS: Final = Section("addons/", "Add-ons", _REVIEWER_PERMISSIONS)
REVIEWS: Final = Section("reviews/", "Review queue", _REVIEWER_PERMISSIONS)
REPORTS: Final = Section("reports/", "Abuse reports", _ADMIN_PERMISSIONS)
LOG: Final = Section("log/", "Log", _ADMIN_PERMISSIONS)
EXPLANATION: Final = Section("explain/", "Explain a search", _ADMIN_PERMISSIONS)
SECTIONS: Final = (STATE, QUEUES, MAINTENANCE, ADDONS, REVIEWS, REPORTS, LOG, EXPLANATION)


def page_url(section: Section, *parts: object, **parameters: object) -> str:
    """The URL of a section's page; parameters without a value are left out."""
    path = "".join(f"{part}/" for part in parts)
    query = urlencode({name: value for name, value in parameters.items() if value not in (None, "")})
    return f"{ROOT}{section.path}{path}{'?' if query else ''}{query}"


def read_position(text: str | None) -> int | None:
    """The parameter `before` of a list: it shows the documents below this number; None shows the newest."""
    return read_number(text or "")
