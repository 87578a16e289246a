"""Differences between two packages, for reviewers (contract/reviewers.md 4).

Run as a program it works like contents.py, with two packages, the earlier first, and `diff` instead of a
file's content.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from server.packages.archive import Archive
from server.packages.browsing.contents import (
    Entries,
    Facts,
    Task,
    arranged,
    default_file,
    digest_of,
    entry_of,
    facts_of,
    facts_without_bytes,
    is_in,
    joined,
    kind_in,
    run,
    text_of,
    with_address,
)
from server.packages.browsing.differences import File, difference, find_renames
from server.packages.browsing.file_kinds import FileKind, type_named


class Changes(NamedTuple):
    """Changes since an earlier package: new -> old names of renamed files, and paths of the others."""

    renamed: dict[str, str]
    changed: frozenset[str]
    removed: frozenset[str]
    added: frozenset[str]

    def status_of(self, path: str) -> str:
        """Git's letter for the change; "" for an unchanged file."""
        letters = (("R", self.renamed), ("M", self.changed), ("D", self.removed), ("A", self.added))
        return next((letter for letter, paths in letters if path in paths), "")


def changes_of(base: Archive, archive: Archive, path: str | None = None) -> Changes:
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
    if base.size_of(name) != archive.size_of(name):
        return True
    return any(old != new for old, new in zip(base.chunks(name), archive.chunks(name), strict=True))


def _files(archive: Archive, names: Iterable[str]) -> dict[str, File]:
    def file(name: str) -> File:
        size = archive.size_of(name)
        return File(digest_of(archive, name), size, lambda: archive.read(name, size))

    return {name: file(name) for name in sorted(names)}


def compare(base: Archive, archive: Archive, changes: Changes, path: str) -> Facts | None:
    """The facts of a file and its differences; None for an unknown file."""
    is_gone = path in changes.removed
    if not is_gone and not is_in(archive, path):
        return None
    diff = _diff(base, archive, changes, path) if is_gone or path in archive.names else None
    if is_gone:
        kind = FileKind(type_named(path), kind_in(base, path).category)
        return {"diff": diff, **facts_without_bytes(path, kind)}
    return {"diff": diff, **facts_of(archive, path)}


def _diff(base: Archive, archive: Archive, changes: Changes, path: str) -> Facts:
    """The differences; a file that cannot be compared by lines counts as binary."""
    old_path = changes.renamed.get(path, path)
    old = text_of(base, old_path) if old_path in base.names else ""
    new = text_of(archive, path) if path in archive.names else ""
    lines = difference(old, new) if old is not None and new is not None else None
    hunks = lines.hunks if lines else None
    return {
        "path": path,
        "old_path": old_path,
        "size": archive.size_of(path) if path in archive.names else None,
        "lines_added": lines.lines_added if lines else 0,
        "lines_deleted": lines.lines_deleted if lines else 0,
        "is_binary": hunks is None,
        "mode": changes.status_of(path),
        "hunks": hunks or [],
        "old_ending_new_line": not old or old.endswith("\n"),
        "new_ending_new_line": not new or new.endswith("\n"),
    }


def entries_since(base: Archive, archive: Archive, changes: Changes) -> Entries:
    """Every file and folder with its status; renamed ones under their new name. Raises TooMuch."""
    entries = {name: entry_of(archive, name, changes.status_of(name)) for name in archive.names}
    return arranged(entries | {name: entry_of(base, name, "D") for name in changes.removed})


def compared(task: Task, archives: Sequence[Archive]) -> bytes:
    """The answer to a task about two packages. Raises TooMuch."""
    base, archive = archives
    path = task["path"] or default_file(archive.names) or default_file(base.names) or ""
    changes = changes_of(base, archive, path if task["file_only"] else None)
    file = compare(base, archive, changes, path)
    if file is None:
        return b""
    forms = [with_address(task, file, is_shown=False)]
    if diff := file["diff"]:
        diff |= task["revisions"]
        bare = file | {"diff": diff | {"is_binary": True, "hunks": []}}
        forms = [
            with_address(task, file, is_shown=not diff["is_binary"]),
            with_address(task, bare, is_shown=False),
        ]
    return joined(forms, {} if task["file_only"] else entries_since(base, archive, changes))


if __name__ == "__main__":
    run(compared)
