"""The version of a language pack that an application can use (contract/search.md 4.4)."""

from collections.abc import Iterable

from conf.appversion import search_range
from conf.model.addons import VersionDoc
from index.criteria.compatibility import declared_range


def newest_compatible(versions: Iterable[VersionDoc], app: str, appversion: str) -> VersionDoc | None:
    """The first of a language pack's `versions` (public ones, newest first) that fits, or None
    (contract/search.md 4.4).

    The declared maximum counts only if compatibility is strict. No version fits an `appversion` that
    filters would refuse.
    """
    if bounds := search_range(appversion):
        for version in versions:
            if app in version["compatibility"]:
                low, high = declared_range(version, app)
                if low <= bounds[0] and high >= bounds[1]:
                    return version
    return None
