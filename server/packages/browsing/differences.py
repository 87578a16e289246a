"""Differences of a file by lines, and renamed files, as Git finds them (contract/reviewers.md 4).

    difference(old, new)             -> Difference(hunks, ...), the whole of the file in one hunk
    find_renames(old, new)           -> {"new name": "old name"}

Uses libgit2, in memory. Runs in a child process (contents.py), because both can take long.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import pygit2
from pygit2.enums import DiffOption, FileMode

from conf.limits import MAX_COMPARED_LINES

_TYPES: Final = {
    " ": "normal",
    "+": "insert",
    "-": "delete",
    "=": "normal-eofnl",
    ">": "insert-eofnl",
    "<": "delete-eofnl",
}
# Files per side, and bytes of all files. Above these limits only equal files are detected.
_MAX_RENAMES: Final = 1000
_MAX_BYTES: Final = 64 * 1024**2


class Difference(NamedTuple):
    """Between two texts; `hunks` is None if they are too long to be compared by lines."""

    hunks: list[dict[str, Any]] | None
    lines_added: int = 0
    lines_deleted: int = 0


class File(NamedTuple):
    """A file of one of the packages."""

    digest: str
    size: int  # bytes
    read: Callable[[], bytes]


def difference(old: str, new: str) -> Difference:
    old_bytes, new_bytes = old.encode(), new.encode()
    lines = old_bytes.count(b"\n") + new_bytes.count(b"\n") + 2
    if lines > MAX_COMPARED_LINES:
        return Difference(None)
    if old_bytes == new_bytes:
        return Difference(_unchanged(new))
    # The context is the whole file, because reviewers read whole files. Files named as code are text, even if
    # their bytes are not.
    patch: Any = pygit2.Patch.create_from(
        old_bytes, new_bytes, flag=DiffOption.FORCE_TEXT, context_lines=lines
    )
    _, added, deleted = patch.line_stats
    return Difference([_hunk(hunk) for hunk in patch.hunks], added, deleted)


def _hunk(hunk: Any) -> dict[str, Any]:
    return {
        "header": hunk.header.rstrip("\r\n"),
        "old_start": hunk.old_start,
        "new_start": hunk.new_start,
        "old_lines": hunk.old_lines,
        "new_lines": hunk.new_lines,
        "changes": [
            {
                "content": line.raw_content.decode().rstrip("\r\n"),
                "type": _TYPES[line.origin],
                "old_line_number": line.old_lineno,
                "new_line_number": line.new_lineno,
            }
            for line in hunk.lines
        ],
    }


def _unchanged(text: str) -> list[dict[str, Any]]:
    """One hunk with all lines; Git makes none for equal files."""
    lines = text.removesuffix("\n").split("\n") if text else []
    changes = [
        {
            "content": line.rstrip("\r"),
            "type": "normal",
            "old_line_number": number,
            "new_line_number": number,
        }
        for number, line in enumerate(lines, 1)
    ]
    count = len(lines)
    ranges = {"old_start": 1, "new_start": 1, "old_lines": count, "new_lines": count}
    return [{"header": f"@@ -1,{count} +1,{count} @@", **ranges, "changes": changes}] if lines else []


def find_renames(old: Mapping[str, File], new: Mapping[str, File]) -> dict[str, str]:
    """New name -> old name of files that only one package has and that share at least half of their lines.

    Empty files do not count.
    """
    removed = {name: file for name, file in old.items() if file.size}
    added = {name: file for name, file in new.items() if file.size}
    renames = _equal(removed, added)
    for name, earlier in renames.items():
        del added[name], removed[earlier]
    size = sum(file.size for files in (removed, added) for file in files.values())
    if removed and added and max(len(removed), len(added)) <= _MAX_RENAMES and size <= _MAX_BYTES:
        renames |= _similar(removed, added)
    return renames


def _equal(old: Mapping[str, File], new: Mapping[str, File]) -> dict[str, str]:
    """New name -> old name of equal files; prefers the same file name in another folder."""
    names: dict[str, list[str]] = {}
    for name, file in old.items():
        names.setdefault(file.digest, []).append(name)
    renamed = {}
    for name, file in new.items():
        if candidates := names.get(file.digest):
            base_name = name.rpartition("/")[2]
            same_name = (path for path in candidates[:100] if path.rpartition("/")[2] == base_name)
            renamed[name] = next(same_name, candidates[0])
            candidates.remove(renamed[name])
    return renamed


def _similar(old: Mapping[str, File], new: Mapping[str, File]) -> dict[str, str]:
    repository = _repository()
    difference = _tree(repository, "old", old).diff_to_tree(_tree(repository, "new", new))
    difference.find_similar()
    old_names, new_names = list(old), list(new)
    return {
        new_names[int(delta.new_file.path[3:])]: old_names[int(delta.old_file.path[3:])]
        for delta in difference.deltas
        if delta.status_char() == "R"
    }


def _tree(repository: Any, side: str, files: Mapping[str, File]) -> Any:
    """A flat tree with numbers as names, because Git would want a tree for each folder."""
    builder = repository.TreeBuilder()
    for number, file in enumerate(files.values()):
        builder.insert(f"{side}{number:06d}", repository.create_blob(file.read()), FileMode.BLOB)
    return repository[builder.write()]


def _repository() -> Any:
    repository: Any = pygit2.Repository()
    database = pygit2.Odb()
    database.add_backend(_Memory(), 1)
    repository.set_odb(database)
    return repository


class _Memory(pygit2.OdbBackend):
    """Objects of a repository that has no folder."""

    def __init__(self) -> None:
        super().__init__()
        self._objects: dict[str, tuple[int, bytes]] = {}

    def read_cb(self, oid: Any) -> tuple[int, bytes]:
        return self._objects[str(oid)]

    def read_header_cb(self, oid: Any) -> tuple[int, int]:
        kind, content = self._objects[str(oid)]
        return kind, len(content)

    def exists_cb(self, oid: Any) -> bool:
        return str(oid) in self._objects

    def write_cb(self, oid: Any, content: bytes, kind: int) -> None:
        """Called by libgit2 to store an object."""
        self._objects[str(oid)] = kind, bytes(content)

    def refresh_cb(self) -> None:
        """Nothing to refresh."""
