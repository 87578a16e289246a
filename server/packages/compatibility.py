"""Which applications a package is made for (contract/uploads.md 4.3)."""

from collections.abc import Mapping
from typing import Any, Final

from conf.vocabulary import ANY_VERSION, APPS, PACKAGE_MINS
from index.search_params.appversion import version_number
from server.packages.report import Report
from server.rules.compatibility import is_known

_LOWEST: Final = "42.0"
_THIRD_GENERATION: Final = "109.0a1"
_ANDROID_BY_NAME: Final = "113.0"

Limits = dict[str, dict[str, str]]


def compatibility_of(
    gecko: Mapping[str, Any], manifest: Mapping[str, Any], kind: str, generation: int, report: Report
) -> Limits:
    """App -> min and max; {} for dictionaries, whose compatibility nobody stores."""
    if kind == "dictionary":
        if "strict_max_version" in gecko:
            report.add("STRICT_MAX_OF_DICTIONARY", file="manifest.json")
        return {}
    least = _THIRD_GENERATION if generation == 3 and kind == "extension" else PACKAGE_MINS[kind]["firefox"]
    limits = {"firefox": _limits(gecko, "firefox", least, report)}
    if "strict_max_version" in gecko and kind == "extension":
        report.add("STRICT_MAX_VERSION", file="manifest.json")
    if kind == "extension" and isinstance(android := gecko.get("gecko_android"), dict):
        limits["android"] = _limits(android, "android", _ANDROID_BY_NAME, report)
    elif kind == "extension" and gecko:
        limits["android"] = {"min": PACKAGE_MINS[kind]["android"], "max": ANY_VERSION}
    return limits


def _limits(block: Mapping[str, Any], app: str, least: str, report: Report) -> dict[str, str]:
    lowest, highest = block.get("strict_min_version"), block.get("strict_max_version")
    if lowest is not None and not is_known(lowest, "min"):
        report.add("unknown_min", file="manifest.json", version=lowest, app=APPS[app].name)
        lowest = None
    if highest is not None and not is_known(highest, "max"):
        report.add("unknown_max", file="manifest.json", version=highest, app=APPS[app].name)
        highest = None
    if lowest is not None and version_number(lowest) < version_number(_LOWEST):
        report.add("min_too_low", file="manifest.json")
        lowest = None
    lowest = str(lowest or least)
    highest = str(highest or ANY_VERSION)
    if highest != ANY_VERSION and version_number(highest) < version_number(lowest):
        highest = lowest
    return {"min": lowest, "max": highest}
