"""What stands in a table of facts is read by the program: settings, gates, texts, limits, collections."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from conf import limits
from conf.gates import GATES
from conf.messages import english
from conf.settings.settings import SETTINGS
from server.storage.schema import COLLECTIONS
from tests.sweep import sweep
from tests.test_layout import PROGRAM, tree

LEAST = 4  # letters that a text put together must have of its own, or it could be any


@cache
def words(path: Path) -> frozenset[str]:
    """Every name, attribute and text of a file."""
    return frozenset(_words(path))


def _words(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def patterns(path: Path) -> Iterator[str]:
    """What the texts that a file puts together may be: f"rating_{name}_fixed"."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.JoinedStr):
            parts = [one.value if isinstance(one, ast.Constant) else None for one in node.values]
            pattern = "".join(".+" if part is None else re.escape(str(part)) for part in parts)
            if sum(len(str(part)) for part in parts if part is not None) >= LEAST:
                yield pattern


@cache
def read_outside(table: str) -> frozenset[str]:
    """The words of the whole program but this file."""
    return frozenset(word for path in PROGRAM if path.as_posix() != table for word in words(path))


@cache
def put_together() -> re.Pattern[str]:
    return re.compile("|".join(sorted({pattern for path in PROGRAM for pattern in patterns(path)})))


@sweep("name", [setting.name for setting in SETTINGS])
def test_a_setting_does_something(name: str) -> None:
    assert name in read_outside("conf/settings/settings.py")


@sweep("name", GATES)
def test_a_gate_is_asked(name: str) -> None:
    assert name in read_outside("conf/gates.py")


@sweep("key", english())
def test_a_text_is_said(key: str) -> None:
    assert key in read_outside("conf/messages.py") or put_together().fullmatch(key)


@sweep("name", [name for name in vars(limits) if name.isupper() and name != "BOUNDS"])
def test_a_limit_holds(name: str) -> None:
    own = [node.id for node in ast.walk(tree(Path("conf/limits.py"))) if isinstance(node, ast.Name)]
    assert name in read_outside("conf/limits.py") or own.count(name) > 1


@sweep("name", COLLECTIONS)
def test_a_collection_is_read(name: str) -> None:
    assert name in read_outside("server/storage/schema.py")
