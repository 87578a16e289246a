"""JSON as manifests are written: with a byte order mark, `//` and `/* */`."""

import re
from typing import Any, Final

import orjson

# What is not ended goes on to the end, because to look for an end from each beginning would take its square.
_TOKEN: Final = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|//[^\n]*|/\*(?:.*?\*/|.*)', re.DOTALL)


def read_json(content: bytes) -> Any:
    """Raises ValueError."""
    text = content.decode("utf-8-sig")
    return orjson.loads(_TOKEN.sub(lambda match: match[1] or " ", text))
