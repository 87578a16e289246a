"""Who may download the files of a version and their source code (contract/downloads.md 3, 6).

    is_open(addon, version, file)                 # to everybody, regions aside
    can_download(caller, addon, version, file)
    can_download_source(caller, addon, version)

Pure; any thread.
"""

from typing import Final

from conf.model.addons import AddonDoc, FileDoc, VersionDoc
from conf.vocabulary import THEME_TYPES
from index import facts
from server.auth.access import permissions
from server.auth.callers import Caller

_RECOMMENDED_REVIEW: Final = "Addons:RecommendedReview"
_SOURCES: Final = "Reviews:Admin"


def is_open(addon: AddonDoc, version: VersionDoc, file: FileDoc) -> bool:
    """Whether everybody may download the file, regions aside. The file may await review, and its add-on need
    not be public, as long as neither is disabled or deleted.
    """
    return (
        facts.is_listed(version) and not _is_disabled(addon, version, file) and addon["status"] != "deleted"
    )


def can_download(caller: Caller, addon: AddonDoc, version: VersionDoc, file: FileDoc) -> bool:
    """Whether the caller may download a file that is not open."""
    if _reviews(caller, addon, version):
        return True
    if version["deleted"] or addon["status"] == "deleted":
        return False
    return permissions.is_author(caller, addon) or caller.has(permissions.EDIT)


def can_download_source(caller: Caller, addon: AddonDoc, version: VersionDoc) -> bool:
    """Whether the caller may download the source: administrators of reviews every one, authors their own
    unless the add-on or a file is disabled.
    """
    if caller.has(_SOURCES):
        return True
    if version["deleted"] or addon["status"] in ("deleted", "disabled"):
        return False
    disabled = any(file["status"] == "disabled" for file in version["files"])
    return not disabled and permissions.is_author(caller, addon)


def _is_disabled(addon: AddonDoc, version: VersionDoc, file: FileDoc) -> bool:
    return facts.is_disabled(addon) or version["is_disabled"] or file["status"] == "disabled"


def _reviews(caller: Caller, addon: AddonDoc, version: VersionDoc) -> bool:
    """Whether the caller reviews the version's channel; viewers of unlisted versions count as well."""
    if version["channel"] == "unlisted":
        return permissions.can_see_unlisted(caller, safe=True)
    if permissions.is_listed_reviewer(caller, addon, safe=False):
        return True
    return addon["type"] not in THEME_TYPES and caller.has(_RECOMMENDED_REVIEW)
