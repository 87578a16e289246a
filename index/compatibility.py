"""Which version of a language pack an application can use (reference/search-ranking.md 4.4)."""

from collections.abc import Iterable

from conf.model import VersionDoc
from index.appversion import search_range, version_number


def newest_compatible(versions: Iterable[VersionDoc], app: str, appversion: str) -> VersionDoc | None:
    """The first of `versions` (public ones, newest first) that fits; None without any.

    The declared maximum binds only where compatibility is strict. A version of
    an application that filters refuse fits nothing.
    """
    wanted = search_range(appversion)
    if wanted is None:
        return None
    return next((version for version in versions if _fits(version, app, *wanted)), None)


def _fits(version: VersionDoc, app: str, low: int, high: int) -> bool:
    declared = version["compatibility"].get(app)
    if declared is None or version_number(declared["min"]) > low:
        return False
    return not version["is_strict_compatibility_enabled"] or version_number(declared["max"]) >= high
