"""JSON of manifests, which may have a byte order mark, `//` and `/* */`."""

import re
from typing import Any, Final

import orjson

# An unterminated comment or text goes on to the end: searching an end for each would take quadratic time.
_TOKEN: Final = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|//[^\n]*|/\*(?:.*?\*/|.*)', re.DOTALL)


def read_json(content: bytes) -> Any:
    """Raises ValueError."""
    text = content.decode("utf-8-sig")
    return orjson.loads(_TOKEN.sub(lambda match: match[1] or " ", text))
