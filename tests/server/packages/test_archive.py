"""What is found in archives, and the program that looks (contract/uploads.md 3 and 4.1)."""

import io
import json
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from server.background.child_process import ChildFailed, run_child
from tests.packages import MANIFEST, package
from tests.server.packages.inspected import look, said

CORRUPT = "Invalid or corrupt add-on file."


def archive(change: Callable[[zipfile.ZipFile], Any]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("manifest.json", json.dumps(MANIFEST))
        change(opened)
    return content.getvalue()


def crx(kind: int) -> bytes:
    head = struct.pack("<III", 2, 4, 6) if kind == 2 else struct.pack("<II", 3, 10)
    return b"Cr24" + head + b"x" * 10 + package()


def linked() -> bytes:
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return archive(lambda opened: opened.writestr(info, "/etc/passwd"))


def lying(size: int) -> bytes:
    """Members that declare that size in the directory and before their data."""
    content = archive(lambda opened: opened.writestr("b", b"b" * 1000))
    return content.replace(struct.pack("<I", 1000), struct.pack("<I", size))


def encrypted() -> bytes:
    content = bytearray(package())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def named(name: str) -> bytes:
    """Names that the library would change are written over one as long."""
    content = archive(lambda opened: opened.writestr("n" * len(name), "x"))
    return content.replace(b"n" * len(name), name.encode("latin-1"))


def zip64() -> bytes:
    def add(opened: zipfile.ZipFile) -> None:
        with opened.open("large", "w", force_zip64=True) as member:
            member.write(b"x")

    return archive(add)


GOOD = {
    "plain": package(),
    "crx2": crx(2),
    "crx3": crx(3),
    "zip64": zip64(),
    "a comment": archive(lambda opened: setattr(opened, "comment", b"by hand")),
    "folders": archive(lambda opened: opened.writestr("a/", "")),
    "stored": archive(lambda opened: opened.writestr("a", "a", zipfile.ZIP_STORED)),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_good_archives(content: bytes) -> None:
    found = look(content)
    assert said(found) == []
    assert found.package is not None
    assert found.result["success"] is True


BAD_ARCHIVES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", CORRUPT),
    "text": (b"nothing of the kind", CORRUPT),
    "cut off": (package()[:-30], CORRUPT),
    "no directory": (package()[:60], CORRUPT),
    "something before": (b"#!/bin/sh\n" + package(), CORRUPT),
    "something after": (package() + b"x", CORRUPT),
    "a crx that is none": (b"Cr24" + b"\xff" * 12 + package(), CORRUPT),
    "a short crx": (b"Cr24", CORRUPT),
    "more than declared": (lying(10), CORRUPT),
    "less than declared": (lying(2000), CORRUPT),
    "encrypted": (encrypted(), "Encrypted file in archive: manifest.json"),
    "bzip2": (
        archive(lambda opened: opened.writestr("a", "a", zipfile.ZIP_BZIP2)),
        "Unsupported compression method in archive.",
    ),
    "a link": (linked(), "Links and special files are not allowed in archive: link"),
    "a large member": (lying(100 * 1024 * 1024 + 1), "File exceeding size limit in archive: b"),
    "a bomb": (lying(250 * 1024 * 1024), "Uncompressed size is too large"),
    "up": (named("../../x"), "Invalid file name in archive: ../../x"),
    "up inside": (named("a/../x"), "Invalid file name in archive: a/../x"),
    "from the root": (named("/etc/x"), "Invalid file name in archive: /etc/x"),
    "a backslash": (named("a\\b"), "Invalid file name in archive: a\\b"),
    "a drive": (named("C:/x"), "Invalid file name in archive: C:/x"),
    "dots": (named(".."), "Invalid file name in archive: .."),
    "no UTF-8": (named("\xe9t\xe9"), "Invalid file name in archive: "),
    "a null byte": (named("a\0b"), "Invalid file name in archive: a\ufffdb"),
    "no manifest": (package(""), "No manifest.json found"),
    "install.rdf": (package("", {"install.rdf": "<RDF/>"}), "No manifest.json found"),
    "a manifest below": (package("", {"a/manifest.json": "{}"}), "No manifest.json found"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "text"), BAD_ARCHIVES.values(), ids=BAD_ARCHIVES)
def test_archives_that_are_refused(content: bytes, text: str) -> None:
    found = look(content)
    assert found.package is None
    [(kind, message)] = said(found)
    assert (kind, message[: len(text)]) == ("error", text)
    assert found.result["errors"] == 1


@pytest.mark.parametrize("name", ["tree.xpi", "tree.ZIP", "tree.crx"])
def test_extensions_that_are_taken(name: str) -> None:
    assert look(package(), name).result["success"]


@pytest.mark.parametrize("name", ["tree", "tree.exe", "tree.xpi.sh", ""])
def test_extensions_that_are_not(name: str) -> None:
    [message] = [one for one in look(package(), name).result["messages"] if one["type"] == "error"]
    assert message["id"] == ["validation", "messages", "unsupported_filetype"]
    assert message["message"].startswith("Unsupported file type, please upload a supported file")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_and_files_of_no_use() -> None:
    def add(opened: zipfile.ZipFile) -> None:
        opened.writestr("a", "1")
        opened.writestr("a", "2")

    assert said(look(archive(add))) == [("error", "DUPLICATE_XPI_ENTRY")]
    files = {
        ".git/config": "HIDDEN_FILE",
        "a/.DS_Store": "FLAGGED_FILE",
        "Thumbs.db": "FLAGGED_FILE",
        "inner.zip": "FLAGGED_FILE_EXTENSION",
        "META-INF/mozilla.sf": "ALREADY_SIGNED",
    }
    found = look(package(files=dict.fromkeys(files, "x")))
    assert said(found) == [("warning", code) for code in files.values()]
    assert found.package is not None
    large = look(package(files={"a.js": b" " * (5 * 1024 * 1024 + 1), "a.png": b"x"}))
    assert said(large) == [("error", "FILE_TOO_LARGE")]


def test_a_theme_may_be_seven_megabytes() -> None:
    def large(**more: Any) -> bytes:
        """Stored as it is, which takes no time."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as opened:
            opened.writestr("manifest.json", json.dumps(MANIFEST | more))
            opened.writestr("a.bin", bytes(7 * 1024 * 1024))
        return content.getvalue()

    assert said(look(large(theme={"colors": {}}))) == [
        ("error", "Maximum size for WebExtension themes is 7.0 MB.")
    ]
    assert said(look(large())) == []


class TestResult:
    def test_it_has_the_documented_keys(self) -> None:
        result = look(package(permissions=["souls"])).result
        assert result["compatibility_summary"] == {"errors": 0, "warnings": 0, "notices": 0}
        assert (result["message_tree"], result["ending_tier"]) == ({}, 5)
        own = {"id", "type", "message", "description", "file", "line", "column", "tier", "uid"}
        for message in result["messages"]:
            more = {"compatibility_type"} if message["id"][0] == "validation" else {"instancePath"}
            assert own <= message.keys() <= own | more
        assert len({message["uid"] for message in result["messages"]}) == len(result["messages"])
        kinds = [message["type"] for message in result["messages"]]
        assert kinds == sorted(kinds, key=["error", "warning", "notice"].index)

    def test_five_hundred_messages_are_told_and_all_are_counted(self) -> None:
        result = look(package(permissions=[f"souls{place}" for place in range(600)])).result
        assert (len(result["messages"]), result["warnings"]) == (500, 600)


class TestChild:
    """The program that does it, with its limits."""

    async def test_it_says_the_same(self) -> None:
        with tempfile.TemporaryFile() as file:
            file.write(package())
            file.flush()
            options = {"file_name": "tree.xpi", "listed": True}
            task = {"descriptor": file.fileno(), "options": options}
            answer = await run_child(
                "server.packages.validation.inspection", orjson.dumps(task), seconds=20, files=[file]
            )
        assert orjson.loads(answer)["package"] == look(package()).package

    async def test_it_is_ended_when_it_takes_too_long(self) -> None:
        with pytest.raises(TimeoutError):
            await run_child("tests.server.packages.greedy", b"time", seconds=1)

    @pytest.mark.parametrize("what", ["memory", "disk", "files"])
    async def test_it_has_limits(self, what: str) -> None:
        with pytest.raises(ChildFailed):
            await run_child("tests.server.packages.greedy", what.encode(), seconds=20)
