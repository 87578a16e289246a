"""Contents of a package, for reviewers (contract/reviewers.md 4).

Run as a program (server/background/child_process.py) it reads a task from standard input and the package
from a descriptor. It writes JSON of a file, a line break, and JSON of all entries; for a raw file its media
type, a line break, and its bytes; nothing for an unknown file. It fails for a package that is too large,
because code could hide in what a reviewer does not see.
"""

import hashlib
import posixpath
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Final
from urllib.parse import quote

import orjson

from conf.limits import MAX_BROWSED_BYTES, MAX_BROWSED_ENTRIES, MAX_BROWSED_PATH, MAX_BROWSED_TEXT
from server.packages.archive import Archive, open_archive
from server.packages.browsing.file_kinds import DIRECTORY, HEAD, TEXT, FileKind, as_text, kind_of
from server.packages.validation.report import Report

_DEFAULTS: Final = ("manifest.json", "install.rdf", "package.json")

Facts = dict[str, Any]
Entries = dict[str, Facts]
Task = Mapping[str, Any]


class TooMuch(Exception):
    """A package that is too large to be shown whole."""


# -- the list of entries


def entries_of(archive: Archive) -> Entries:
    """Every file and folder by its path. Raises TooMuch."""
    return arranged({name: entry_of(archive, name) for name in archive.names})


def entry_of(archive: Archive, name: str, status: str = "") -> Facts:
    """The entry of a file."""
    return _entry(name, kind_in(archive, name), status)


def arranged(entries: Entries) -> Entries:
    """The entries with their folders, each before its files. Raises TooMuch."""
    _add_folders(entries)
    return dict(sorted(entries.items(), key=lambda item: item[0].split("/")))


def _add_folders(entries: Entries) -> None:
    for name in list(entries):
        if len(name) > MAX_BROWSED_PATH:
            raise TooMuch("a long path")
        folder = posixpath.dirname(name)
        while folder and folder not in entries:
            entries[folder] = _entry(folder, DIRECTORY)
            folder = posixpath.dirname(folder)
        if len(entries) > MAX_BROWSED_ENTRIES:
            raise TooMuch("many files")


def _entry(path: str, kind: FileKind, status: str = "") -> Facts:
    return {
        "depth": path.count("/"),
        "filename": posixpath.basename(path),
        "mime_category": kind.category,
        "path": path,
        "status": status,
    }


def kind_in(archive: Archive, name: str) -> FileKind:
    return kind_of(name, archive.read(name, HEAD))


# -- one file


def browse(archive: Archive, path: str | None) -> Facts | None:
    """The facts of a file, by default the manifest; None for an unknown file."""
    path = default_file(archive.names) if path is None else path
    if path is None or not is_in(archive, path):
        return None
    return {"content": text_of(archive, path), **facts_of(archive, path)}


def default_file(names: Collection[str]) -> str | None:
    return next((name for name in _DEFAULTS if name in names), min(names, default=None))


def is_in(archive: Archive, path: str) -> bool:
    return path in archive.names or any(name.startswith(path + "/") for name in archive.names)


def facts_of(archive: Archive, path: str) -> Facts:
    if path not in archive.names:
        return facts_without_bytes(path, DIRECTORY)
    sha256, size = digest_of(archive, path), archive.size_of(path)
    return facts_without_bytes(path, kind_in(archive, path)) | {"sha256": sha256, "size": size}


def facts_without_bytes(path: str, kind: FileKind) -> Facts:
    """The facts of a folder, or of a removed file."""
    return {
        "selected_file": path,
        "filename": posixpath.basename(path),
        "mimetype": kind.mimetype,
        "mime_category": kind.category,
        "sha256": None,
        "size": None,
    }


def digest_of(archive: Archive, path: str) -> str:
    hashed = hashlib.sha256()
    for part in archive.chunks(path):
        hashed.update(part)
    return hashed.hexdigest()


def text_of(archive: Archive, path: str) -> str | None:
    """The text of a file; None if it is binary, or too long to be shown."""
    if path not in archive.names or archive.size_of(path) > MAX_BROWSED_TEXT:
        return None
    content = archive.read(path, MAX_BROWSED_TEXT)
    return as_text(content) if kind_of(path, content[:HEAD]).category == TEXT else None


# -- the program


def run(answer: Callable[[Task, Sequence[Archive]], bytes]) -> None:
    """Answer the task of standard input. Raises TooMuch."""
    task = orjson.loads(sys.stdin.buffer.read())
    with ExitStack() as stack:
        packages = [stack.enter_context(open(descriptor, "rb")) for descriptor in task["descriptors"]]
        sys.stdout.buffer.write(answer(task, [_opened(package) for package in packages]))


def _opened(package: Any) -> Archive:
    archive = open_archive(package, "package.xpi", Report())
    if archive is None:
        raise TooMuch("no archive")
    return archive


def browsed(task: Task, archives: Sequence[Archive]) -> bytes:
    """The answer to a task about one package. Raises TooMuch."""
    [archive] = archives
    if task["raw"]:
        return _raw(archive, task["path"])
    file = browse(archive, task["path"])
    if file is None:
        return b""
    bare = file | {"content": None}
    forms = [
        with_address(task, file, is_shown=file["content"] is not None),
        with_address(task, bare, is_shown=False),
    ]
    return joined(forms, {} if task["file_only"] else entries_of(archive))


def _raw(archive: Archive, path: str) -> bytes:
    if path not in archive.names:
        return b""
    if archive.size_of(path) > MAX_BROWSED_BYTES:
        raise TooMuch("a large file")
    return kind_in(archive, path).mimetype.encode() + b"\n" + archive.read(path, MAX_BROWSED_BYTES)


def with_address(task: Task, file: Facts, *, is_shown: bool) -> Facts:
    """The facts with those the server sent, and with the address of the bytes if they are not shown."""
    path = file["selected_file"]
    return {
        **task["known"],
        **file,
        "download_url": None if is_shown or file["size"] is None else task["address"] + quote(path),
        "uses_unknown_minified_code": path in task["minified"],
    }


def joined(forms: Sequence[Facts], entries: Entries) -> bytes:
    """The first of a file's forms that is short enough, and the entries. Raises TooMuch."""
    file_json = next(
        (text for form in forms if len(text := orjson.dumps(form)) <= MAX_BROWSED_BYTES // 4 * 3), b""
    )
    parts = (file_json, orjson.dumps(entries))
    if not file_json or sum(map(len, parts)) > MAX_BROWSED_BYTES:
        raise TooMuch("a long list")
    return b"\n".join(parts)


if __name__ == "__main__":
    run(browsed)
