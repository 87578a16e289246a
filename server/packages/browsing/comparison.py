"""Differences between two packages, for reviewers (contract/reviewers.md 4).

Run as a program it works like contents.py, but takes two packages, the earlier first, and writes `diff`
instead of a file's content.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from server.packages.archive import Archive
from server.packages.browsing.contents import (
    Entries,
    Facts,
    Task,
    default_file,
    encode_answer,
    facts_without_content,
    file_digest,
    file_entry,
    file_facts,
    file_kind,
    has_path,
    read_text,
    run,
    with_download_url,
    with_folders,
)
from server.packages.browsing.differences import File, difference, find_renames
from server.packages.browsing.file_kinds import FileKind, guess_type


class Changes(NamedTuple):
    """The files that differ from an earlier package, by their paths."""

    renamed: dict[str, str]  # new -> old path
    changed: frozenset[str]
    removed: frozenset[str]
    added: frozenset[str]

    def status(self, path: str) -> str:
        """Git's letter for the change; "" for an unchanged file."""
        letters = (("R", self.renamed), ("M", self.changed), ("D", self.removed), ("A", self.added))
        return next((letter for letter, paths in letters if path in paths), "")


def find_changes(base: Archive, archive: Archive, path: str | None = None) -> Changes:
    """All changes; with a `path`, only those of that file."""
    common = base.names & archive.names
    if path in common:
        changed = frozenset({path} if _differ(base, archive, path) else ())
        return Changes({}, changed, frozenset(), frozenset())
    removed, added = base.names - archive.names, archive.names - base.names
    renamed = find_renames(_files(base, removed), _files(archive, added))
    changed = frozenset(name for name in common if path is None and _differ(base, archive, name))
    return Changes(renamed, changed, removed - set(renamed.values()), added)


def _differ(base: Archive, archive: Archive, name: str) -> bool:
    """Compares bytes, because CRCs of an archive can be forged."""
    if base.file_size(name) != archive.file_size(name):
        return True
    return any(old != new for old, new in zip(base.chunks(name), archive.chunks(name), strict=True))


def _files(archive: Archive, names: Iterable[str]) -> dict[str, File]:
    def file(name: str) -> File:
        size = archive.file_size(name)
        return File(file_digest(archive, name), size, lambda: archive.read(name, size))

    return {name: file(name) for name in sorted(names)}


def compare(base: Archive, archive: Archive, changes: Changes, path: str) -> Facts | None:
    """The facts of a file and its differences; None for an unknown file."""
    is_removed = path in changes.removed
    if not is_removed and not has_path(archive, path):
        return None
    diff = _diff(base, archive, changes, path) if is_removed or path in archive.names else None
    if is_removed:
        kind = FileKind(guess_type(path), file_kind(base, path).category)
        return {"diff": diff, **facts_without_content(path, kind)}
    return {"diff": diff, **file_facts(archive, path)}


def _diff(base: Archive, archive: Archive, changes: Changes, path: str) -> Facts:
    """The differences of a file, which counts as binary if it cannot be compared by lines."""
    old_path = changes.renamed.get(path, path)
    old = read_text(base, old_path) if old_path in base.names else ""
    new = read_text(archive, path) if path in archive.names else ""
    lines = difference(old, new) if old is not None and new is not None else None
    hunks = lines.hunks if lines else None
    return {
        "path": path,
        "old_path": old_path,
        "size": archive.file_size(path) if path in archive.names else None,
        "lines_added": lines.lines_added if lines else 0,
        "lines_deleted": lines.lines_deleted if lines else 0,
        "is_binary": hunks is None,
        "mode": changes.status(path),
        "hunks": hunks or [],
        "old_ending_new_line": not old or old.endswith("\n"),
        "new_ending_new_line": not new or new.endswith("\n"),
    }


def entries_since(base: Archive, archive: Archive, changes: Changes) -> Entries:
    """Every file and folder with its status, renamed files under their new name. Raises TooLarge."""
    entries = {name: file_entry(archive, name, changes.status(name)) for name in archive.names}
    return with_folders(entries | {name: file_entry(base, name, "D") for name in changes.removed})


def compare_packages(task: Task, archives: Sequence[Archive]) -> bytes:
    """The answer to a task about two packages. Raises TooLarge."""
    base, archive = archives
    path = task["path"] or default_file(archive.names) or default_file(base.names) or ""
    changes = find_changes(base, archive, path if task["file_only"] else None)
    file = compare(base, archive, changes, path)
    if file is None:
        return b""
    forms = [with_download_url(task, file, has_content=False)]
    if diff := file["diff"]:
        diff |= task["revisions"]
        without_hunks = file | {"diff": diff | {"is_binary": True, "hunks": []}}
        forms = [
            with_download_url(task, file, has_content=not diff["is_binary"]),
            with_download_url(task, without_hunks, has_content=False),
        ]
    return encode_answer(forms, {} if task["file_only"] else entries_since(base, archive, changes))


if __name__ == "__main__":
    run(compare_packages)
