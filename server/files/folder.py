"""Copies of all stored files in a folder, as `ab/abcdef…` by their SHA-256 (server/README.md, Files).

    await copy_out(files, folder, report_fault, progress)      # skips existing copies
    await copy_in(files, folder, report_fault, progress)

A copy gets its name once it is complete. `report_fault` is called for each damaged file, and the others are
copied.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final

from server.errors import BadDocument, NotFound
from server.files.files import Files, copy_id, copy_path, hash_content

ReportFault = Callable[[str, str], None]  # (file, what is wrong with it)
Progress = Callable[[int], object]  # (how many more are done)

_PARTIAL: Final = ".partial"


async def copy_out(files: Files, folder: Path, report_fault: ReportFault, progress: Progress) -> None:
    """Raises OSError, Unavailable."""
    async for id_ in files.ids():
        path = folder / copy_path(id_)
        stored = await files.find(id_)
        if stored is not None and not await asyncio.to_thread(_is_copied, path, stored.size):
            try:
                await _write(path, files.read(id_))
            except (BadDocument, NotFound) as error:
                report_fault(id_, str(error))
        progress(1)


async def copy_in(files: Files, folder: Path, report_fault: ReportFault, progress: Progress) -> None:
    """Raises OSError, Unavailable."""
    for path in await asyncio.to_thread(lambda: list(_copies(folder))):
        if fault := await asyncio.to_thread(find_fault, path):
            report_fault(str(path), fault)
        else:
            await copy_file_in(files, path)
        progress(1)


async def copy_file_in(files: Files, path: Path) -> None:
    """Store a valid copy. Raises OSError, Unavailable."""
    with path.open("rb") as file:
        await files.restore(file)


def find_fault(path: Path) -> str | None:
    """Why this is not a valid copy of a stored file; reads all of it."""
    id_ = copy_id(path.name)
    if id_ is None:
        return "is not named after a SHA-256"
    try:
        with path.open("rb") as file:
            is_intact = hash_content(file)[0] == id_
    except OSError as fault:
        return f"cannot be read: {fault.strerror}"
    return None if is_intact else "has other bytes than it is named after"


def _copies(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != _PARTIAL:
            yield path


def _is_copied(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


async def _write(path: Path, parts: AsyncIterator[bytes]) -> None:
    partial = path.with_suffix(_PARTIAL)
    await asyncio.to_thread(path.parent.mkdir, 0o700, parents=True, exist_ok=True)
    try:
        # Only for the owner, because sources and unapproved packages are private.
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            async for part in parts:
                await asyncio.to_thread(file.write, part)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
