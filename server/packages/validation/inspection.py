"""Inspects a whole package: its faults, and its description (contract/uploads.md 4).

    inspection = inspect(file, "tree-1.0.xpi", listed=True)
    inspection.result, inspection.package

Run as a program (server/background/child_process.py) it reads a Task from standard input and the package
from a descriptor, and writes an Inspection. It needs its own process, because a malicious archive may take
any amount of time and memory.
"""

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from io import BufferedIOBase
from typing import Any, Final, NamedTuple

import orjson

from conf.limits import MAX_THEME_BYTES
from server.packages.archive import Archive, open_archive
from server.packages.manifest.manifest import read_manifest
from server.packages.validation.report import Report

_MEGABYTE: Final = 1024 * 1024


class Inspection(NamedTuple):
    result: dict[str, Any]  # as callers see it
    # Its description (server/packages/manifest/manifest.py); None if it has errors.
    package: dict[str, Any] | None
    has_secret: bool = False
    is_readable: bool = False  # whether its members can be read


def inspect(
    file: BufferedIOBase,
    file_name: str,
    *,
    listed: bool,
    scanned: bool = False,
    secrets: Sequence[str] = (),
    app_versions: Mapping[str, Collection[str]] = {},
) -> Inspection:
    """Inspect an open package; with `scanned`, a linter reads the code afterwards (linter.py). A package that
    contains one of the `secrets` is invalid. `app_versions` maps applications to their versions.
    """
    report = Report()
    metadata: dict[str, Any] = {"listed": listed}
    package = None
    archive = open_archive(file, file_name, report, [secret.encode() for secret in secrets])
    if archive is not None:
        package = read_manifest(archive, report, listed=listed, app_versions=app_versions)
        metadata |= _metadata(archive, package)
        if package and package["type"] == "statictheme" and file.seek(0, os.SEEK_END) > MAX_THEME_BYTES:
            report.add("theme_too_large", limit=MAX_THEME_BYTES / _MEGABYTE)
    if not scanned:
        report.add("not_scanned")
    package = None if report.failed else package
    return Inspection(report.result(metadata), package, report.has("api_key_detected"), archive is not None)


def _metadata(archive: Archive, package: dict[str, Any] | None) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "totalScannedFileSize": archive.size,
        "emptyFiles": [name[:1000] for name in archive.empty_files[:100]],
        "jsLibs": {},
    }
    if package:
        names = {"id": package.get("guid"), "version": package["version"], "type": package["type"]}
        names["name"] = package["name"].get(package["default_locale"])
        names["firefoxMinVersion"] = package["compatibility"].get("firefox", {}).get("min")
        metadata |= {key: value for key, value in names.items() if value is not None}
    return metadata


if __name__ == "__main__":
    task = orjson.loads(sys.stdin.buffer.read())
    with open(task["descriptor"], "rb") as package_file:
        inspection = inspect(package_file, **task["options"])
    sys.stdout.buffer.write(orjson.dumps(inspection._asdict()))
