"""Rewrites a package with another version in its manifest and without its signature (contract/packages.md 6).

Run as a program (server/background/child_process.py) it works like
server/packages/browsing/contents.py, and writes the new package.
"""

import io
import zipfile
from collections.abc import Sequence
from typing import Final

import orjson

from server.packages.archive import Archive
from server.packages.browsing.contents import Task, run
from server.packages.manifest.json_comments import read_json
from server.packages.manifest.manifest import FILE

_SIGNATURE: Final = ("manifest.mf", ".rsa", ".sf", ".sig", "cose.manifest")
_LEVEL: Final = 6


def renumber_package(task: Task, archives: Sequence[Archive]) -> bytes:
    """The new package, without comments in the manifest. Raises ValueError, KeyError for an invalid one."""
    [archive] = archives
    manifest = read_json(archive.read(FILE)) | {"version": task["version"]}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as package:
        package.writestr(zipfile.ZipInfo(FILE), orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        for name in sorted(archive.names - {FILE}):
            if not _is_signature(name):
                with package.open(_member(name), "w") as member:
                    for part in archive.chunks(name):
                        member.write(part)
    return out.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _is_signature(name: str) -> bool:
    lower = name.lower()
    return lower.startswith("meta-inf/") and lower.endswith(_SIGNATURE)


if __name__ == "__main__":
    run(renumber_package)
