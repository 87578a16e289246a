"""Archives that nobody should send (hostile.py has the table)."""

import io
import json
import stat
import struct
import zipfile
import zlib
from functools import cache
from random import Random
from typing import Any, Final

from tests.packages import MANIFEST, package

MARK: Final = "amoeba-escaped"  # in the names of what must be nowhere
_MEGABYTE: Final = 1024 * 1024
# Where `^` goes up and `$` is the mark.
_TRICKS: Final = (
    *(
        "^$",
        "/tmp/$",
        "a/^$",
        "..\\..\\$",
        "C:\\$",
        "C:/$",
        "//host/$",
        "a/./../../$",
        "$/..",
        ".//$",
        "a//^$",
    ),
    *(
        "~/$",
        "\0^$",
        "a\0/^$",
        "CON/$",
        "$:stream",
        " /$",
        "%2e%2e/$",
        "\u202e$",
        "\uff0e\uff0e/$",
        "..",
        ".",
    ),
    *("/", "manifest.json/../$", "a/", "a/../a", "-$", "$ ", "$."),
)


def written(*members: tuple[str | zipfile.ZipInfo, bytes], manifest: Any = MANIFEST) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest) if isinstance(manifest, dict) else manifest)
        for name, body in members:
            archive.writestr(name, body)
    return content.getvalue()


def renamed(name: bytes, body: bytes = b"x") -> bytes:
    """A member with a name that no library would write."""
    return written(("n" * len(name), body)).replace(b"n" * len(name), name)


@cache
def zeros(megabytes: int) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join(deflate.compress(bytes(_MEGABYTE)) for _ in range(megabytes)) + deflate.flush()


@cache
def squeezed(megabytes: int) -> bytes:
    return zlib.compress(bytes(megabytes * _MEGABYTE), 1)


@cache
def zero_sum(megabytes: int) -> int:
    return zlib.crc32(bytes(megabytes * _MEGABYTE))


class Raw:
    """An archive of headers as they are said, right or wrong."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.directory = bytearray()
        self.count = 0

    def add(
        self,
        name: bytes,
        data: bytes,
        *,
        size: int = 1,
        crc: int = 0,
        method: int = 8,
        flags: int = 0,
        at: int | None = None,
        local_name: bytes | None = None,
        extra: bytes = b"",
        external: int = 0,
    ) -> None:
        place = len(self.body) if at is None else at
        fields = (20, flags, method, 0, 0, crc, len(data) & 0xFFFFFFFF, size & 0xFFFFFFFF)
        said = name if local_name is None else local_name
        if at is None:
            self.body += struct.pack("<4s5H3L2H", b"PK\x03\x04", *fields, len(said), 0) + said + data
        head = struct.pack(
            "<4sH5H3L3H2H2L", b"PK\x01\x02", 20, *fields, len(name), len(extra), 0, 0, 0, external, place
        )
        self.directory += head + name + extra
        self.count += 1

    def end(
        self,
        *,
        count: int | None = None,
        offset: int | None = None,
        size: int | None = None,
        comment: bytes = b"",
    ) -> bytes:
        said = self.count if count is None else count
        return bytes(
            self.body
            + self.directory
            + struct.pack(
                "<4s4H2LH",
                b"PK\x05\x06",
                *(0, 0, said & 0xFFFF, said & 0xFFFF),
                len(self.directory) if size is None else size,
                len(self.body) if offset is None else offset,
                len(comment),
            )
            + comment
        )

    def manifest(self, **more: Any) -> "Raw":
        text = json.dumps(MANIFEST | more).encode()
        self.add(b"manifest.json", text, size=len(text), crc=zlib.crc32(text), method=0)
        return self


def real_bomb(random: Random) -> bytes:
    raw, megabytes = Raw().manifest(), 90
    for place in range(random.randint(1, 4)):
        raw.add(b"b%d" % place, zeros(megabytes), size=megabytes * _MEGABYTE, crc=random.getrandbits(32))
    return raw.end()


def declared_bomb(random: Random) -> bytes:
    raw = Raw().manifest()
    raw.add(b"b", zeros(1), size=random.choice([_MEGABYTE + 1, 100 * _MEGABYTE + 1, 2**31, 2**32 - 1]))
    return raw.end()


def hidden_bomb(random: Random) -> bytes:
    """More comes out than is said."""
    raw = Raw().manifest()
    raw.add(b"b", zeros(90), size=random.choice([0, 1, 1000, _MEGABYTE]))
    return raw.end()


def overlapping(random: Random) -> bytes:
    """Many members, one body."""
    raw, body, crc = Raw().manifest(), zeros(20), zero_sum(20)
    start = len(raw.body)
    raw.add(b"b", body, size=20 * _MEGABYTE, crc=crc)
    for place in range(random.choice([1, 10, 11, 12, 2000])):
        name = b"b" if random.random() < 0.2 else b"c%d" % place
        raw.add(name, body, size=20 * _MEGABYTE, crc=crc, at=start)
    return raw.end()


def path_trick(random: Random) -> bytes:
    up, mark = "../" * random.randint(1, 12), f"{MARK}-{random.getrandbits(32):08x}"
    return renamed(random.choice(_TRICKS).replace("^", up).replace("$", mark).encode())


def long_name(random: Random) -> bytes:
    length = random.choice([256, 1024, 4096, 65_535])
    names = [("." + "n" * (length - 5) + f"{place:04}", b"") for place in range(random.choice([1, 20, 600]))]
    return written(*names)


def many_members(random: Random) -> bytes:
    raw = Raw().manifest()
    for place in range(random.choice([19_999, 20_000, 65_534, 70_000])):
        raw.add(b"%d" % place, b"", size=0, method=0)
    return raw.end()


def special(random: Random) -> bytes:
    info = zipfile.ZipInfo(random.choice(["link", "manifest.json", "a/b"]))
    kind = random.choice([stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFCHR, stat.S_IFSOCK, 0o170000])
    info.external_attr = (kind | 0o777) << 16
    return written((info, b"/etc/passwd"))


def duplicate(random: Random) -> bytes:
    raw = Raw().manifest()
    name = random.choice(
        [b"manifest.json", b"a", b"MANIFEST.JSON", b"manifest.json/", "é".encode(), "e\u0301".encode()]
    )
    for _ in range(random.randint(1, 3)):
        raw.add(name, b"{}", size=2, method=0, crc=zlib.crc32(b"{}"))
    return raw.end()


def odd_flags(random: Random) -> bytes:
    raw = Raw().manifest()
    method = random.choice([0, 1, 8, 9, 12, 14, 93, 95, 99, 65_535])
    raw.add(
        b"a",
        random.randbytes(50),
        size=50,
        method=method,
        flags=random.getrandbits(16),
        crc=random.getrandbits(32),
    )
    return raw.end()


def two_names(random: Random) -> bytes:
    raw = Raw().manifest()
    raw.add(
        b"a", b"x", method=0, crc=zlib.crc32(b"x"), local_name=random.choice([b"b", b"../a", b"", b"a" * 999])
    )
    return raw.end()


def zip64(random: Random) -> bytes:
    raw = Raw().manifest()
    sizes = [random.choice([0, 1, 2**32, 2**62, 2**64 - 1]) for _ in range(random.randint(0, 4))]
    extra = struct.pack("<2H", 1, random.choice([len(sizes) * 8, 0, 65_535])) + b"".join(
        struct.pack("<Q", one) for one in sizes
    )
    raw.add(b"a", b"x", size=0xFFFFFFFF, method=0, extra=extra)
    end = raw.end(offset=0xFFFFFFFF, count=0xFFFF)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, random.choice([0, len(end) - 22, 2**63]), 1)
    return end[:-22] + locator + end[-22:] if random.random() < 0.7 else end


def lying_end(random: Random) -> bytes:
    raw = Raw().manifest()
    wrong: dict[str, Any] = random.choice(
        [{"count": 9999}, {"count": 0}, {"offset": 2**31}, {"offset": 1}, {"size": 2**31}, {"size": 0}]
    )
    return raw.end(**wrong)


def comment(random: Random) -> bytes:
    text = random.choice([b"PK\x05\x06" + bytes(18), b"x" * 65_535, bytes(1000), package()[:60_000]])
    return Raw().manifest().end(comment=text)


def around(random: Random) -> bytes:
    more = random.choice([random.randbytes(100), package(), b"#!/bin/sh\n", bytes(70_000), b"PK\x03\x04"])
    return more + package() if random.random() < 0.5 else package() + more


def cut(random: Random) -> bytes:
    content = package(files={"a.js": "x" * 1000, "b.js": "y"})
    return content[: random.randrange(len(content))]


def flipped(random: Random) -> bytes:
    content = bytearray(package(files={"a.js": "x" * 1000}))
    for _ in range(random.randint(1, 20)):
        content[random.randrange(len(content))] = random.randrange(256)
    return bytes(content)


def noise(random: Random) -> bytes:
    return random.choice(
        [b"", b"PK", b"PK\x05\x06" + bytes(18), random.randbytes(5000), b"\x7fELF", b"<xml/>"]
    )


def crx(random: Random) -> bytes:
    kind = random.choice([0, 2, 2, 3, 3, 4, 2**32 - 1])
    sizes = [random.choice([0, 4, 6, 2**31, 2**32 - 1]) for _ in range(2)]
    return (
        b"Cr24" + struct.pack("<3I", kind, *sizes) + random.randbytes(random.choice([0, 4, 10])) + package()
    )


def nested(random: Random) -> bytes:
    content = package()
    for _ in range(random.choice([1, 5, 30])):
        content = written(("inner.zip", content))
    return content


def folder(random: Random) -> bytes:
    """The manifest is none."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            random.choice(["manifest.json/", "manifest.json/x", "Manifest.json", "manifest.json "]), ""
        )
    return content.getvalue()
