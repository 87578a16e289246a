"""The sections of the console, as the navigation lists them, and who may use each (contract/console.md 3)."""

from typing import Final, NamedTuple

from handlers.http.access import Access
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


def section_access(section: Section, *verbs: str) -> dict[str, Access]:
    """Each of the verbs for those who may use the section."""
    return dict.fromkeys(verbs, Access(permission=section.permissions))
