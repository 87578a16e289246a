"""The contract holds together: citations have their rules, rules have tests, named functions exist."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.program import ROOT
from tests.sweep import sweep
from tests.test_layout import ALL, PROGRAM

CONTRACT = ROOT / "conf" / "contract"
PAGES = sorted(CONTRACT.glob("*.md"))
CITING = [*ALL, *(path.relative_to(ROOT) for path in sorted((ROOT / "conf").rglob("*.toml")))]
# "contract/search.md 2.1", "contract/writes.md 3 to 5", "contract/addons.md 5, 7 and 10"
_NUMBER = r"\d+(?:\.\d+)*"
_BREAK = r"(?:\s+(?:#\s+)?)"  # a citation may go on in the next line of a comment
CITATION = re.compile(
    rf"contract/([a-z]+)\.md((?:{_BREAK}{_NUMBER}(?:(?:,|{_BREAK}and|{_BREAK}to)(?={_BREAK}{_NUMBER}))?)*)"
)
RULE = re.compile(rf"^#+ ({_NUMBER})\.? ", re.MULTILINE)
FUNCTION = re.compile(r"`([\w/]+\.py): ([\w.]+)`")
OUTSIDE = re.compile(r"\breference/[a-z-]+\.md|\bseed 00\d|\brulings\b")

# "server/errors.py", "errors.py"
FILE = re.compile(r"(?<![\w./<{*-])[a-z_]+(?:/\w+)*\.py\b")

Rule = tuple[str, str]  # page, number; "" for the page as a whole


@cache
def rules() -> frozenset[Rule]:
    return frozenset((page.stem, number) for page in PAGES for number in RULE.findall(page.read_text()))


def citations(path: Path) -> Iterator[Rule]:
    for page, numbers in CITATION.findall((ROOT / path).read_text()):
        yield page, ""
        for first, last in re.findall(rf"({_NUMBER})(?:\s+to\s+({_NUMBER}))?", numbers):
            if last and "." not in first + last:
                yield from ((page, str(number)) for number in range(int(first), int(last) + 1))
            else:
                yield from ((page, number) for number in (first, last) if number)


@sweep("path", CITING)
def test_what_is_cited_is_a_rule(path: Path) -> None:
    known = rules() | {(page.stem, "") for page in PAGES}
    assert set(citations(path)) <= known


def test_every_rule_is_named_by_a_test() -> None:
    named = {rule for path in ALL if path not in PROGRAM for rule in citations(path)}
    assert sorted(rules() - named) == []


@sweep("path", CITING)
def test_nothing_outside_the_repository_is_cited(path: Path) -> None:
    if path.name != "test_contract.py":
        assert OUTSIDE.findall((ROOT / path).read_text()) == []


def prose(path: Path) -> Iterator[str]:
    """Comments and docstrings."""
    source = (ROOT / path).read_text()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


@sweep("path", [path for path in PROGRAM if FILE.search((ROOT / path).read_text())])
def test_a_file_that_is_named_is_there(path: Path) -> None:
    """By its whole path, or from the folder of who names it: moves leave no stale one."""
    names = {name for text in prose(path) for name in FILE.findall(text)}
    gone = {name for name in names if not any((ROOT / base / name).exists() for base in ("", path.parent))}
    assert gone == set()


def definitions(path: Path) -> set[str]:
    """Functions and classes of a file, methods with their class."""
    names = set()
    for node in ast.parse((ROOT / path).read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (it for it in node.body if isinstance(it, ast.FunctionDef | ast.AsyncFunctionDef))
            names |= {f"{node.name}.{method.name}" for method in methods}
    return names


STEPS = FUNCTION.findall((CONTRACT / "architecture.md").read_text())


@sweep("file, name", STEPS)
def test_the_steps_name_what_exists(file: str, name: str) -> None:
    assert name in definitions(Path(file))
