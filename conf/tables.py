"""Reads tables of facts, which are data rather than code: TOML files of this folder and of others.

    read_table("synonyms.toml")["ads"]["en"]     -> ["ads", "advert", ...]

Callers should read a file once, because 20 KB take 10 ms.
"""

import tomllib
from importlib import resources
from typing import Any


def read_table(name: str, package: str = "conf") -> dict[str, Any]:
    """The file `name` of a package's folder, or of a folder inside it ("words/english.toml")."""
    return tomllib.loads((resources.files(package) / name).read_text(encoding="utf-8"))
