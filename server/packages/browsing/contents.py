"""Contents of a package, for reviewers (contract/reviewers.md 4).

Run as a program (server/background/child_process.py) it reads a task from standard input and the package
from a descriptor. It writes the JSON of a file, a line break and the JSON of all entries; for a raw file, its
media type, a line break and its bytes; for an unknown file, nothing. It fails for a package that is too
large, because code could hide in what a reviewer does not see.
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
from server.packages.browsing.file_kinds import DIRECTORY, HEAD_BYTES, TEXT, FileKind, as_text, detect_kind
from server.packages.validation.report import Report

_DEFAULTS: Final = ("manifest.json", "install.rdf", "package.json")

Facts = dict[str, Any]
Entries = dict[str, Facts]
Task = Mapping[str, Any]


class TooLarge(Exception):
    """The package is too large for reviewers to see all of it."""


# -- the list of entries


def list_entries(archive: Archive) -> Entries:
    """Every file and folder by its path. Raises TooLarge."""
    return with_folders({name: file_entry(archive, name) for name in archive.names})


def file_entry(archive: Archive, name: str, status: str = "") -> Facts:
    """The entry of a file."""
    return _entry(name, file_kind(archive, name), status)


def with_folders(entries: Entries) -> Entries:
    """The entries with their folders, each before its files. Raises TooLarge."""
    _add_folders(entries)
    return dict(sorted(entries.items(), key=lambda item: item[0].split("/")))


def _add_folders(entries: Entries) -> None:
    for name in list(entries):
        if len(name) > MAX_BROWSED_PATH:
            raise TooLarge("a long path")
        folder = posixpath.dirname(name)
        while folder and folder not in entries:
            entries[folder] = _entry(folder, DIRECTORY)
            folder = posixpath.dirname(folder)
        if len(entries) > MAX_BROWSED_ENTRIES:
            raise TooLarge("many files")


def _entry(path: str, kind: FileKind, status: str = "") -> Facts:
    return {
        "depth": path.count("/"),
        "filename": posixpath.basename(path),
        "mime_category": kind.category,
        "path": path,
        "status": status,
    }


def file_kind(archive: Archive, name: str) -> FileKind:
    return detect_kind(name, archive.read(name, HEAD_BYTES))


# -- one file


def browse(archive: Archive, path: str | None) -> Facts | None:
    """The facts of a file, by default the manifest; None for an unknown file."""
    path = default_file(archive.names) if path is None else path
    if path is None or not has_path(archive, path):
        return None
    return {"content": read_text(archive, path), **file_facts(archive, path)}


def default_file(names: Collection[str]) -> str | None:
    return next((name for name in _DEFAULTS if name in names), min(names, default=None))


def has_path(archive: Archive, path: str) -> bool:
    return path in archive.names or any(name.startswith(path + "/") for name in archive.names)


def file_facts(archive: Archive, path: str) -> Facts:
    if path not in archive.names:
        return facts_without_content(path, DIRECTORY)
    sha256, size = file_digest(archive, path), archive.file_size(path)
    return facts_without_content(path, file_kind(archive, path)) | {"sha256": sha256, "size": size}


def facts_without_content(path: str, kind: FileKind) -> Facts:
    """The facts of a folder, or of a removed file."""
    return {
        "selected_file": path,
        "filename": posixpath.basename(path),
        "mimetype": kind.mimetype,
        "mime_category": kind.category,
        "sha256": None,
        "size": None,
    }


def file_digest(archive: Archive, path: str) -> str:
    hashed = hashlib.sha256()
    for part in archive.chunks(path):
        hashed.update(part)
    return hashed.hexdigest()


def read_text(archive: Archive, path: str) -> str | None:
    """The text of a file; None if it is binary, or too long to be shown."""
    if path not in archive.names or archive.file_size(path) > MAX_BROWSED_TEXT:
        return None
    content = archive.read(path, MAX_BROWSED_TEXT)
    return as_text(content) if detect_kind(path, content[:HEAD_BYTES]).category == TEXT else None


# -- the program


def run(answer: Callable[[Task, Sequence[Archive]], bytes]) -> None:
    """Answer the task of standard input. Raises TooLarge."""
    task = orjson.loads(sys.stdin.buffer.read())
    with ExitStack() as stack:
        packages = [stack.enter_context(open(descriptor, "rb")) for descriptor in task["descriptors"]]
        sys.stdout.buffer.write(answer(task, [_open(package) for package in packages]))


def _open(package: Any) -> Archive:
    archive = open_archive(package, "package.xpi", Report())
    if archive is None:
        raise TooLarge("no archive")
    return archive


def browse_package(task: Task, archives: Sequence[Archive]) -> bytes:
    """The answer to a task about one package. Raises TooLarge."""
    [archive] = archives
    if task["raw"]:
        return _raw(archive, task["path"])
    file = browse(archive, task["path"])
    if file is None:
        return b""
    without_content = file | {"content": None}
    forms = [
        with_download_url(task, file, has_content=file["content"] is not None),
        with_download_url(task, without_content, has_content=False),
    ]
    return encode_answer(forms, {} if task["file_only"] else list_entries(archive))


def _raw(archive: Archive, path: str) -> bytes:
    if path not in archive.names:
        return b""
    if archive.file_size(path) > MAX_BROWSED_BYTES:
        raise TooLarge("a large file")
    return file_kind(archive, path).mimetype.encode() + b"\n" + archive.read(path, MAX_BROWSED_BYTES)


def with_download_url(task: Task, file: Facts, *, has_content: bool) -> Facts:
    """The facts, with those in the task, and with an address for the bytes unless they have the content."""
    path = file["selected_file"]
    return {
        **task["known"],
        **file,
        "download_url": None if has_content or file["size"] is None else task["address"] + quote(path),
        "uses_unknown_minified_code": path in task["minified"],
    }


def encode_answer(forms: Sequence[Facts], entries: Entries) -> bytes:
    """The first of a file's forms that is short enough, then the entries, as JSON. Raises TooLarge."""
    file_json = next(
        (text for form in forms if len(text := orjson.dumps(form)) <= MAX_BROWSED_BYTES // 4 * 3), b""
    )
    parts = (file_json, orjson.dumps(entries))
    if not file_json or sum(map(len, parts)) > MAX_BROWSED_BYTES:
        raise TooLarge("a long list")
    return b"\n".join(parts)


if __name__ == "__main__":
    run(browse_package)
