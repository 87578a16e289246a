"""Copies stored files to and from a folder, for `dump` and `load`; reports progress and damaged files."""

from pathlib import Path

from server.cli.reporting import ProgressReporter
from server.files.files import FILES, Files
from server.files.folder import copy_in, copy_out
from server.storage.store import Store


async def dump_files(folder: Path, store: Store) -> bool:
    """Copy all files out; returns whether none was damaged."""
    with ProgressReporter("copying files", await store.size(FILES), "files") as reporter:
        await copy_out(Files(store), folder, reporter.report_fault, reporter.progress)
    return not reporter.faults


async def load_files(folder: Path, store: Store) -> bool:
    """Store all copies; returns whether none was damaged."""
    with ProgressReporter("storing files", unit="files") as reporter:
        await copy_in(Files(store), folder, reporter.report_fault, reporter.progress)
    return not reporter.faults
