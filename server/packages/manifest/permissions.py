"""The permissions of a manifest, as a version's file stores them (contract/uploads.md 4.2)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from conf.limits import MAX_PERMISSION, MAX_PERMISSIONS
from server.packages.validation.report import Report

_LISTS: Final = ("permissions", "optional_permissions", "host_permissions")
# Names that browsers know. Any other name that is not a match pattern is reported.
_NAMES: Final = """
    activeTab alarms background bookmarks browserSettings browsingData captivePortal clipboardRead
    clipboardWrite contentSettings contextMenus contextualIdentities cookies debugger declarativeContent
    declarativeNetRequest declarativeNetRequestFeedback declarativeNetRequestWithHostAccess devtools dns
    downloads downloads.open experiments find fontSettings geckoProfiler geolocation history identity idle
    management menus menus.overrideContext mozillaAddons nativeMessaging nativeMessagingFromContent
    networkStatus normandyAddonStudy notifications offscreen pageCapture pkcs11 power privacy proxy scripting
    search sessions sidePanel storage system.cpu system.display system.memory system.storage tabGroups
    tabHide tabCapture tabs telemetry theme topSites trialML ttsEngine unlimitedStorage urlbar userScripts
    webNavigation webRequest webRequestAuthProvider webRequestBlocking webRequestFilterResponse
    webRequestFilterResponse.serviceWorkerScript wallpaper <all_urls>
    accountsFolders accountsIdentities accountsRead addressBooks compose compose.save compose.send
    messagesDelete messagesImport messagesMove messagesModify messagesModifyPermanent messagesRead
    messagesTags messagesTagsList messagesUpdate sensitiveDataUpload
"""
_PERMISSIONS: Final = frozenset(_NAMES.split())
_PATTERN: Final = re.compile(r"(?:\*|[a-z][a-z0-9+.-]*)://.*|about:.*|file:.*|moz-extension:.*", re.DOTALL)
_DATA: Final = """
    none authenticationInfo bookmarksInfo browsingActivity financialAndPaymentInfo healthInfo locationInfo
    personalCommunications personallyIdentifyingInfo searchTerms technicalAndInteraction websiteActivity
    websiteContent
"""
_DATA_TYPES: Final = frozenset(_DATA.split())


def read_permissions(
    manifest: Mapping[str, Any], gecko: Mapping[str, Any], report: Report, *, is_code: bool
) -> dict[str, list[str]]:
    lists = {key: _strings(manifest.get(key), f"/{key}", report) for key in _LISTS}
    for name in lists["permissions"]:
        if name not in _PERMISSIONS and not _PATTERN.fullmatch(name):
            report.add("MANIFEST_PERMISSIONS", file="manifest.json", path="/permissions", name=name[:200])
    permissions = dict.fromkeys(lists["permissions"])  # without limit, unlike the stored lists
    scripts = manifest.get("content_scripts")
    for script in scripts if isinstance(scripts, list) else []:
        if isinstance(script, dict):
            permissions |= dict.fromkeys(_strings(script.get("matches"), "/content_scripts/matches", report))
    if "devtools_page" in manifest:
        permissions["devtools"] = None
    lists["permissions"] = list(permissions)
    collected = gecko.get("data_collection_permissions")
    if collected is None and is_code:
        report.add("MISSING_DATA_COLLECTION_PERMISSIONS", file="manifest.json")
    path = "/browser_specific_settings/gecko/data_collection_permissions"
    required, optional = (_data_types(collected, key, path, report) for key in ("required", "optional"))
    if "none" in required and len(required) > 1:
        report.add_invalid_field(f"{path}/required", '"none" stands alone')
    return {
        **{key: values[:MAX_PERMISSIONS] for key, values in lists.items()},
        "data_collection_permissions": required,
        "optional_data_collection_permissions": optional,
    }


def _strings(value: Any, path: str, report: Report) -> list[str]:
    """The texts of a list, without duplicates; objects are old Chrome permissions, and are left out."""
    if value is None:
        return []
    if not isinstance(value, list) or any(not isinstance(item, str | dict) for item in value):
        report.add("MANIFEST_BAD_PERMISSION", file="manifest.json", path=path, place=path)
        return []
    return list(
        dict.fromkeys(item for item in value if isinstance(item, str) and len(item) <= MAX_PERMISSION)
    )


def _data_types(value: Any, key: str, path: str, report: Report) -> list[str]:
    if value is None:
        return []
    names = value.get(key, []) if isinstance(value, dict) else None
    if not isinstance(names, list) or any(not isinstance(name, str) for name in names):
        report.add_invalid_field(f"{path}/{key}", "must be a list of texts")
        return []
    for name in names:
        if name not in _DATA_TYPES or (name == "none" and key == "optional"):
            report.add_invalid_field(f"{path}/{key}", f"has no value {name[:100]}")
    return [name for name in dict.fromkeys(names) if name in _DATA_TYPES]
