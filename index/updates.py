"""Which version of an add-on an application is to update to (contract/updates.md 4 and 5).

    asking = Asking("firefox", version_number("119.0"), "normal", "WINNT")
    newest_for(addon, versions, asking)   -> the newest that fits, or None

Pure functions, safe from any thread.
"""

from collections.abc import Iterable
from typing import NamedTuple

from conf.model.addons import AddonDoc, FileDoc, VersionDoc
from conf.vocabulary import APPS, DEFAULT_MAX, PLATFORM_ALIASES
from index import facts
from index.search_params.appversion import version_number


class Asking(NamedTuple):
    """What an application says of itself."""

    app: str  # "firefox"
    version: int  # as in search_params/appversion.py
    mode: str  # `compatMode`: "strict", "normal", anything else as "ignore"
    system: str  # `appOS`


def newest_for(addon: AddonDoc, versions: Iterable[VersionDoc], asking: Asking) -> VersionDoc | None:
    """The first of `versions` (public ones, newest first) that the application can use."""
    return next((version for version in versions if _fits(addon, version, asking)), None)


def _fits(addon: AddonDoc, version: VersionDoc, asking: Asking) -> bool:
    declared = range_for(addon, version, asking.app)
    if declared is None or version_number(declared["min"]) > asking.version:
        return False
    if asking.mode == "strict" or (asking.mode == "normal" and version["is_strict_compatibility_enabled"]):
        return version_number(declared["max"]) >= asking.version
    return True


def range_for(addon: AddonDoc, version: VersionDoc, app: str) -> dict[str, str] | None:
    """The versions of the application that one of the add-on is for; None: it is for others."""
    declared = version["compatibility"].get(app)
    if declared is None and not facts.declares_compatibility(addon, version):
        return {"min": APPS[app].default_min, "max": DEFAULT_MAX}
    return declared


def file_for(version: VersionDoc, system: str = "") -> FileDoc:
    """Of an approved version the file for an operating system; old versions have one for each."""
    files = [file for file in version["files"] if file["status"] == "public"]
    if len(files) > 1:
        wanted = ("all", PLATFORM_ALIASES.get(system.lower()))
        files.sort(key=lambda file: file["platform"] not in wanted)
    return files[0]
