"""Packages whose archive is good and whose content nobody should send (hostile.py has the table)."""

import json
import struct
import zlib
from random import Random
from typing import Any, Final

from conf.locales import SUPPORTED
from tests.packages import MANIFEST
from tests.server.packages.hostile_archives import squeezed, written

_GOOD: Final = json.dumps(MANIFEST)
_BYTES: Final = (
    *(
        _GOOD.encode("utf-16"),
        _GOOD.encode("utf-32"),
        b"\xef\xbb\xbf" * 2 + _GOOD.encode(),
        b"",
        b"\0",
        b"null",
    ),
    *(
        _GOOD.encode().replace(b"Tree", b"\xff\xfe"),
        _GOOD.replace("Tree", "\0").encode(),
        b"[]",
        b"1",
        b'"a"',
    ),
    *(_GOOD.replace("Tree", r"\ud800").encode(), _GOOD.replace("Tree", r"\u0000").encode(), b"{"),
    *(b"/*" * 200_000, b"//" * 200_000 + b"\n" + _GOOD.encode(), b'{"' * 100_000, b"{" + b'"a":1,' * 200_000),
    *(_GOOD.replace("1.0", "1" * 1_000_000).encode(), b'{"manifest_version": 1e999, "name": NaN}'),
    *(b'{"manifest_version": ' + b"9" * 1_000_000 + b"}", _GOOD.encode() * 2),
)


def manifest_bytes(random: Random) -> bytes:
    return written(manifest=random.choice(_BYTES))


def deep(random: Random) -> bytes:
    levels = random.choice([100, 1000, 2000, 100_000, 1_000_000])
    opened, closed = random.choice([(b"[", b"]"), (b'{"a":', b"}")])
    return written(
        manifest=b'{"manifest_version": 2, "x": ' + opened * levels + b"1" + closed * levels + b"}"
    )


def value(random: Random, depth: int = 2) -> Any:
    """Anything that JSON can say."""
    simple = [
        None,
        True,
        0,
        -1,
        2**70,
        1e308,
        "",
        " ",
        "x" * 5000,
        "__MSG_a__",
        "\u202e",
        "../../x",
        "\x00",
        "manifest.json",
    ]
    if depth and random.random() < 0.5:
        inner = [value(random, depth - 1) for _ in range(random.choice([0, 1, 3, 40]))]
        return inner if random.random() < 0.5 else {str(one)[:50]: one for one in inner}
    return random.choice(simple)


FIELDS: Final = (
    *(
        "manifest_version",
        "name",
        "version",
        "description",
        "author",
        "default_locale",
        "icons",
        "background",
    ),
    *("content_scripts", "permissions", "optional_permissions", "host_permissions", "applications", "theme"),
    *(
        "browser_specific_settings",
        "langpack_id",
        "dictionaries",
        "homepage_url",
        "developer",
        "devtools_page",
    ),
    *("install_origins", "update_url", "experiment_apis", "legacy", "languages", "sources", "options_ui"),
)


def odd_fields(random: Random) -> bytes:
    manifest = dict(MANIFEST)
    for name in random.sample(FIELDS, random.randint(1, 6)):
        manifest[name] = value(random)
    if random.random() < 0.5:
        gecko = {
            name: value(random) for name in ("id", "strict_min_version", "strict_max_version", "update_url")
        }
        gecko["data_collection_permissions"] = value(random)
        manifest["browser_specific_settings"] = {"gecko": gecko, "gecko_android": value(random)}
    return written(("a.js", b""), manifest=manifest)


def many_values(random: Random) -> bytes:
    count = random.choice([1000, 100_000])
    manifest = MANIFEST | random.choice(
        [
            {"permissions": [f"p{place}" for place in range(count)]},
            {"icons": {str(place): "x.png" for place in range(count)}},
            {
                "content_scripts": [
                    {"js": ["x.js"], "matches": [f"http://{place}/*"]} for place in range(count)
                ]
            },
            {"dictionaries": {f"x{place}": "a" for place in range(count)}},
            {"background": {"scripts": ["x" * 1000] * (count // 100)}},
        ]
    )
    return written(manifest=manifest)


def locales(random: Random) -> bytes:
    """In fifty languages, whose texts have each other in them."""
    long = "$A$" * 5000 if random.random() < 0.5 else "x" * 100_000
    message = {"message": long, "placeholders": {"a": {"content": "$A$" * 1000}}}
    text = json.dumps({"name": message, "Name": {"message": "__MSG_name__" * 1000}}).encode()
    names = [name.replace("-", "_") for name in SUPPORTED][:50]
    odd = random.choice(["..", "xx" * 500, "en_US", "%s", "zz"])
    members = [(f"_locales/{name}/messages.json", text) for name in (*names, odd)]
    if random.random() < 0.5:
        members[3] = (members[3][0], b"[" * 100_000)
    manifest = MANIFEST | {
        "name": "__MSG_name__" * random.choice([1, 500]),
        "default_locale": random.choice(["en_US", odd]),
    }
    return written(
        *members, manifest=manifest | {"description": "__MSG_NAME__", "homepage_url": "__MSG_name__"}
    )


def picture(random: Random) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    side = random.choice([0, 1, 6000, 60_000, 2**31 - 1])
    head = chunk(
        b"IHDR",
        struct.pack(">IIBBBBB", side, side, random.choice([1, 8, 16]), random.choice([0, 2, 3, 6]), 0, 0, 0),
    )
    texts = chunk(b"zTXt", b"a\0\0" + squeezed(50)) if random.random() < 0.3 else b""
    png = b"\x89PNG\r\n\x1a\n" + head + texts + chunk(b"IDAT", squeezed(5)) + chunk(b"IEND", b"")
    jpeg = b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 8, 8, 65_500, 65_500, 1) + random.randbytes(500)
    content = random.choice([png, png, jpeg, b"GIF89a" + bytes(50), b"<svg/>", png[:40]])
    icons = {"icons": {random.choice(["64", "512", "99999"]): "i.png"}}
    gecko = {"browser_specific_settings": {"gecko": {"id": f"p{random.getrandbits(32)}@example.org"}}}
    return written(("i.png", content), manifest=MANIFEST | icons | gecko)
