"""Every regular expression of the program, how it is used, and texts that are hard for it.

    for pattern in find_patterns():
        for text in hard_texts(pattern.compiled, 1000):
            pattern.run(text)

Texts follow from the pattern itself: a part of it that can repeat is repeated,
behind what stands before it and in front of what it cannot go on with. A
pattern that reads a text again from every place shows it on one of them.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.program import ROOT
from tests.test_layout import PROGRAM, module_name, tree

# Type checkers know them only where something else imports them.
codes: Final[Any] = importlib.import_module("re._constants")
parser: Final[Any] = importlib.import_module("re._parser")
_REPEATS: Final = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_WORD: Final = "word"  # our own code, beside the library's
_OFTEN: Final = 20  # a repeat of fewer is no danger
_SLICE: Final = 4  # neighbours that are repeated together
_ENDS: Final = ("", "\0", "\n!")
_FUNCTIONS: Final = frozenset({"search", "match", "fullmatch", "sub", "split", "findall", "finditer"})
_CATEGORIES: Final = {
    codes.CATEGORY_DIGIT: "1",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_WORD: "-",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    place: str  # "server/rules/values/links.py _LINK"
    compiled: re.Pattern[str]
    method: str

    def run(self, text: str) -> None:
        if self.method == "sub":
            self.compiled.sub("", text)
        elif self.method == "finditer":
            for _ in self.compiled.finditer(text):
                pass
        else:
            getattr(self.compiled, self.method)(text)


def find_patterns() -> Iterator[Pattern]:
    for path in PROGRAM:
        if path.name == "run.py" or path.name == "__init__.py":
            continue
        source = (ROOT / path).read_text()
        own = set(re.findall(r"^(\w+)\b.*=", source, re.MULTILINE))
        for name, compiled in _compiled(vars(importlib.import_module(module_name(path)))):
            if name not in own:
                continue
            for method in sorted(_methods(source, name)):
                yield Pattern(f"{path} {name}", compiled, method)
        for method, literal in _inline(tree(path)):
            yield Pattern(f"{path} {literal}", re.compile(literal), method)


def _compiled(values: dict[str, Any]) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns a module has, those in tuples and tables too."""
    for name, value in values.items():
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
        for one in inner:
            if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                yield name, one


def _methods(source: str, name: str) -> set[str]:
    """What is called on a pattern; `search` where that cannot be seen: it asks most of one."""
    called = set(re.findall(rf"\b{name}\.(\w+)", source)) & _FUNCTIONS
    return called or {"search", "sub"}


def _inline(module: ast.Module) -> Iterator[tuple[str, str]]:
    """`re.search(r"...", text)`, where the pattern has no name."""
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and (node.func.value.id, node.func.attr in _FUNCTIONS) == ("re", True)
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.func.attr, str(node.args[0].value)


# -- texts


def hard_texts(pattern: re.Pattern[str], size: int) -> Iterator[str]:
    """Texts of about `size` characters, each once."""
    seen = set()
    for before, part in _parts(list(parser.parse(pattern.pattern, pattern.flags))):
        for pump in filter(None, {part, before + part}):
            for head in {"", before}:
                for end in _ENDS:
                    text = head + pump * (size // len(pump)) + end
                    if text not in seen:
                        seen.add(text)
                        yield text


def _parts(sequence: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """(what stands before, a part of the pattern that repeats), of all parts, inner ones too."""
    sequence = _words(sequence)
    for start in range(len(sequence)):
        lead = before + "".join(map(_sample, sequence[:start]))
        for stop in range(start + 1, min(start + _SLICE, len(sequence)) + 1):
            part = sequence[start:stop]
            if any(map(_repeats, part)):
                for choose in (_sample, _sample_last):
                    yield lead, "".join(map(choose, part))
        for inner in _inner(sequence[start]):
            yield from _parts(inner, lead)


def _words(sequence: list[Any]) -> list[Any]:
    """The nodes of a sequence, letters behind each other as one."""
    nodes: list[Any] = []
    for node in sequence:
        if node[0] is codes.LITERAL and nodes and nodes[-1][0] is _WORD:
            nodes[-1] = (_WORD, nodes[-1][1] + chr(node[1]))
        else:
            nodes.append((_WORD, chr(node[1])) if node[0] is codes.LITERAL else node)
    return nodes


def _repeats(node: Any) -> bool:
    code, argument = node
    if code in _REPEATS and (argument[1] > _OFTEN or any(map(_repeats, argument[2]))):
        return True
    return any(any(map(_repeats, inner)) for inner in _inner(node))


def _inner(node: Any) -> list[list[Any]]:
    """The sequences inside a node."""
    code, argument = node
    if code in _REPEATS:
        return [list(argument[2])]
    if code is codes.SUBPATTERN:
        return [list(argument[3])]
    if code is codes.ATOMIC_GROUP:
        return [list(argument)]
    if code is codes.BRANCH:
        return [list(branch) for branch in argument[1]]
    return []


def _sample(node: Any) -> str:
    return _text_of(node, 0)


def _sample_last(node: Any) -> str:
    """Of a choice the last: sets often overlap with what follows in it."""
    return _text_of(node, -1)


def _text_of(node: Any, which: int) -> str:
    """A short text that a node matches."""
    code, argument = node
    if code is _WORD:
        return str(argument)
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.NOT_LITERAL:
        return "b" if argument == ord("a") else "a"
    if code is codes.ANY:
        return "a"
    if code is codes.IN:
        return _member(argument, which)
    if code in _REPEATS:
        once = "".join(_text_of(inner, which) for inner in argument[2])
        return once * max(1, min(argument[0], _OFTEN))
    inner = _inner(node)
    return "".join(_text_of(one, which) for one in inner[which]) if inner else ""


def _member(choices: list[Any], which: int) -> str:
    if choices[0][0] is codes.NEGATE:
        excluded = re.compile("[" + "".join(_source(choice) for choice in choices[1:]) + "]")
        return next(char for char in "a1 -<\0é" if not excluded.match(char))
    code, argument = choices[which]
    if code is codes.RANGE:
        return chr(argument[which])
    return _CATEGORIES[argument] if code is codes.CATEGORY else chr(argument)


def _source(choice: Any) -> str:
    code, argument = choice
    if code is codes.RANGE:
        return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
    if code is codes.CATEGORY:
        letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[str(argument).rsplit("_", 1)[1]]
        return "\\" + (letter.upper() if "NOT" in str(argument) else letter)
    return re.escape(chr(argument))
