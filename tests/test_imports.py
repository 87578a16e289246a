"""What the code imports is what pyproject.toml declares, and the other way round.

A package that is only there because another one brought it along would be gone
one day; one that nothing imports is installed for nothing.
"""

import importlib.metadata
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

from tests.program import ROOT
from tests.sweep import sweep
from tests.test_layout import ALL, PROGRAM, imports

OURS = {"run", "handlers", "server", "index", "conf", "tests"}
# Imported name -> distribution, where no installed package can tell: the wheels
# with mongod differ by platform.
KNOWN = {"fiftyone": "embedded"}
# Declared, but used otherwise than by an import.
TOOLS = {
    "mypy",
    "pytest-rerunfailures",
    "pytest-tornasync",
    "ruff",
    "types-psutil",
    "types-tqdm",
}

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def normal(name: str) -> str:
    """The distribution's name as the package index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[^\w.-]", requirement, maxsplit=1)[0]) for requirement in requirements}


RUNTIME = declared(PROJECT["dependencies"])
TESTS = declared(PROJECT["optional-dependencies"]["tests"])


@cache
def distributions() -> dict[str, set[str]]:
    """Top-level import name -> the declared distributions that provide it."""
    names: dict[str, set[str]] = {}
    for distribution in RUNTIME | TESTS:
        for name in top_level(distribution):
            names.setdefault(name, set()).add(distribution)
    return names


def top_level(distribution: str) -> set[str]:
    """Read as a text: `importlib.metadata` takes ten seconds for the files of all that is installed."""
    files = importlib.metadata.distribution(distribution).read_text("RECORD") or ""
    return {re.split(r"[/.,]", line, maxsplit=1)[0] for line in files.splitlines()}


def third_party(path: Path) -> set[str]:
    names = {name.split(".")[0] for name in imports(path)}
    return names - OURS - sys.stdlib_module_names - {""}


@sweep("path", ALL)
def test_imported_package_is_declared(path: Path) -> None:
    allowed = RUNTIME if path in PROGRAM else RUNTIME | TESTS
    undeclared = [
        name
        for name in third_party(path)
        if name not in KNOWN and not distributions().get(name, set()) & allowed
    ]
    assert undeclared == []


def test_declared_package_is_imported() -> None:
    used = {one for path in ALL for name in third_party(path) for one in distributions().get(name, set())}
    assert (RUNTIME | TESTS) - used - TOOLS == set()


def test_requirements_are_bounded() -> None:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    loose = [one for group in groups for one in group if "==" not in one and not (">=" in one and "<" in one)]
    assert loose == []
