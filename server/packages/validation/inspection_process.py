"""Inspects packages in child processes: by the server's own inspection (inspection.py), then by Mozilla's
linter, if it is installed (contract/uploads.md 3).

    inspection = await run_inspection(file, path, "tree-1.0.xpi", program, listed=True, app_versions={})

Event loop only.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from io import BufferedIOBase
from pathlib import Path
from typing import Final, TypeVar

import orjson

from server.background.child_process import ChildFailed, ChildSlots, run_child
from server.files.files import Files
from server.files.uploaded_file import UploadedFile
from server.packages.archive import CRX
from server.packages.browsing.browser import PackageBrowser
from server.packages.manifest.compatibility import AppVersions
from server.packages.validation.inspection import Inspection
from server.packages.validation.linter import lint, merge_results
from server.packages.validation.report import failure

T = TypeVar("T")

MAGIC_LENGTH: Final = len(CRX)  # bytes
_SECONDS: Final = 60.0  # for a child


async def run_inspection(
    file: BufferedIOBase,
    path: Path,
    name: str,
    linter: Path | None,
    *,
    listed: bool,
    app_versions: AppVersions,
    secrets: Sequence[str] = (),
) -> Inspection:
    """Inspect the open package `file` at `path`. `name` and `secrets` are its sender's; `app_versions`
    maps applications to their versions.

    Raises TimeoutError, ChildFailed.
    """
    options = {
        "file_name": name,
        "listed": listed,
        "scanned": linter is not None,
        "secrets": secrets,
        "app_versions": {app: list(versions) for app, versions in app_versions.items()},
    }
    input = orjson.dumps({"descriptor": file.fileno(), "options": options})
    answer = await _with_retry(
        lambda: run_child("server.packages.validation.inspection", input, seconds=_SECONDS, files=[file])
    )
    inspection = Inspection(**orjson.loads(answer))
    if linter is None or not inspection.is_readable:
        return inspection
    linted = await _with_retry(lambda: lint(linter, path, listed=listed))
    result = merge_results(inspection.result, linted)
    return inspection._replace(result=result, package=inspection.package if result["success"] else None)


async def _with_retry(call: Callable[[], Awaitable[T]]) -> T:
    """Call it again if the child was killed, but not by its own limits."""
    try:
        return await call()
    except ChildFailed as fault:
        if fault.args != (-signal.SIGKILL,):
            raise
    return await call()


class PackageInspector:
    """Work on packages that callers wait for: inspects them without the linter, checks source archives, and
    reads stored packages by its `browser`. All methods raise Busy.
    """

    def __init__(self, files: Files, data_dir: str) -> None:
        self._slots = ChildSlots()
        self.browser = PackageBrowser(files, data_dir)

    async def inspect(self, file: UploadedFile, *, listed: bool, app_versions: AppVersions) -> Inspection:
        """The inspection; a failed one if the package breaks its process."""
        async with self._slots:
            await asyncio.to_thread(file.content.flush)
            try:
                return await run_inspection(
                    file.content, Path(), file.name, None, listed=listed, app_versions=app_versions
                )
            except TimeoutError:
                return failed_inspection(listed=listed, timed_out=True)
            except ChildFailed:
                return failed_inspection(listed=listed)

    async def check_source(self, file: UploadedFile) -> None:
        """Raises TimeoutError, ChildFailed for an invalid source archive."""
        async with self._slots:
            await asyncio.to_thread(file.content.flush)
            task = orjson.dumps({"descriptor": file.content.fileno(), "name": file.name})
            await run_child("server.packages.source_archive", task, seconds=_SECONDS, files=[file.content])


def package_suffix(beginning: bytes) -> str:
    """The suffix by which the linter recognises the type of the package."""
    return ".crx" if beginning == CRX else ".xpi"


def failed_inspection(*, listed: bool, timed_out: bool = False) -> Inspection:
    """The inspection of a package that exceeded its limits."""
    return Inspection(failure(listed=listed, timed_out=timed_out), None)
