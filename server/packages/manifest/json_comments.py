"""JSON of manifests, which may have a byte order mark, `//` and `/* */`."""

import re
from typing import Any, Final

import orjson

from server.packages.archive import Archive

# An unterminated comment or text goes on to the end: searching an end for each would take quadratic time.
_TOKEN: Final = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|//[^\n]*|/\*(?:.*?\*/|.*)', re.DOTALL)


def read_json(content: bytes) -> Any:
    """Raises ValueError."""
    text = content.decode("utf-8-sig")
    return orjson.loads(_TOKEN.sub(lambda match: match[1] or " ", text))


def read_object(archive: Archive, name: str) -> dict[str, Any] | None:
    """The member's JSON object; None if it has none."""
    try:
        value = read_json(archive.read(name))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
