"""The layout holds: who imports whom, which library comes in by which door, sizes, names.

Everything is read from the source (ast), so nothing has to start for it, and an
import inside a function or for types alone counts as well.
"""

import ast
import fnmatch
import graphlib
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from run import COMMANDS
from tests.program import ROOT
from tests.sweep import sweep

# Each may import itself and what stands to its right.
ROOMS = ["run", "handlers", "server", "index", "conf"]
TOP_LEVEL = {
    "server", "index", "handlers", "conf", "tests",
    "run.py", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md",
}  # fmt: skip
# Library -> the files of the program that may import it.
DOORS = {
    "motor": ["server/storage/driver.py"],
    "pymongo": ["server/storage/driver.py"],
    "bson": ["server/storage/driver.py"],
    "gridfs": [],
    "python_multipart": ["handlers/http/bodies/form_reader.py"],
    "jinja2": ["handlers/console/templates.py"],
    "tantivy": ["index/*"],
    "aiohttp": ["server/outside/http_client.py"],
    "standardwebhooks": ["server/webhooks/requests.py"],
    "PIL": ["server/pictures/resizing.py"],
    "pygit2": ["server/packages/browsing/differences.py"],
    "tornado": ["run.py", "handlers/*", "server/*"],
}
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
# Of the program's own modules that one of these rooms may import, and what half of them keep to.
MAX_IMPORTS = 12
USUAL_IMPORTS = 5  # an endpoint has its model, page, rules, service and store
COUNTED = ("handlers", "server")
# What puts everything together imports more; so do some that are to be taken apart: these numbers only fall.
MORE_IMPORTS = {
    "handlers/urls.py": 30,
    "server/site.py": 23,
    "server/mail/inbox.py": 13,
    "server/auth/authenticator.py": 14,
}
# Classes that others use and functions of so many parameters say what they are, in these rooms; a resource
# has its title and a verb its path, and of these some are yet to say it: no name comes here, they only go.
MANY_PARAMETERS = 3
DESCRIBED = ("handlers", "server", "conf")
VERBS = {"get", "post", "put", "patch", "delete", "log_exception"}
UNDESCRIBED = {
    *("FileCleaner", "Files", "Inspection", "Report", "UploadedFile", "Validator"),
    *("open_archive", "inspect", "read_manifest", "invalid", "read_permissions"),
}
MAX_FLAT = 20  # modules that stand in one folder
NAMED_AS_TYPED = {"server/commands"}  # a module a command: whoever looks for one knows its name
MAX_LINES = 400
MAX_FUNCTION_LINES = 50

# Runs in a fresh interpreter: import every module named on the command line and
# name the first that made a socket (an event loop does), a process or a thread.
IMPORT_ALL = """
import importlib, sys, threading
seen = []
def audit(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.fork", "os.exec")):
        seen.append(event)
sys.addaudithook(audit)
for name in sys.argv[1:]:
    importlib.import_module(name)
    if threading.active_count() > 1:
        seen.append("a thread")
    if seen:
        sys.exit(f"{name} starts something: {seen}")
"""


def modules(*rooms: str) -> list[Path]:
    """Source files of these rooms, or of the whole program, relative to the project."""
    found = [path for room in rooms or ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    if not rooms and (ROOT / "run.py").exists():
        found.append(ROOT / "run.py")
    return [path.relative_to(ROOT) for path in found]


PROGRAM = modules()
ALL = [*PROGRAM, *modules("tests")]


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(), str(path))


@cache
def imports(path: Path) -> frozenset[str]:
    """Every dotted name the file imports, relative ones made absolute.

    `from index import engine` gives "index" and "index.text.engine": which of the two
    is a module, the caller knows.
    """
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = path.parent.parts
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def ids(paths: list[Path]) -> list[str]:
    return [path.as_posix() for path in paths]


@sweep("path", PROGRAM)
def test_rooms_import_to_the_right_only(path: Path) -> None:
    room = path.parts[0].removesuffix(".py")
    allowed = ROOMS[ROOMS.index(room) :]
    used = {name.split(".")[0] for name in imports(path)}
    assert used & {*ROOMS, "tests"} <= set(allowed)


def test_no_module_imports_itself_by_way_of_others() -> None:
    names = {module_name(path): path for path in PROGRAM}
    graph = {name: set(imports(path)) & names.keys() - {name} for name, path in names.items()}
    for package in {name for name, path in names.items() if path.name == "__init__.py"}:
        graph[package] = set()
    graphlib.TopologicalSorter(graph).prepare()  # CycleError names the cycle


@cache
def own_imports() -> dict[str, int]:
    """How many of the program's modules each of the counted rooms imports."""
    names = {module_name(path) for path in PROGRAM if path.name != "__init__.py"}
    return {path.as_posix(): len(names & set(imports(path))) for path in modules(*COUNTED)}


@sweep("path", ids(modules(*COUNTED)))
def test_a_module_needs_few_others(path: str) -> None:
    assert own_imports()[path] <= MORE_IMPORTS.get(path, MAX_IMPORTS)


def test_most_modules_need_fewer() -> None:
    counts = [count for path, count in own_imports().items() if not path.endswith("__init__.py")]
    assert statistics.median(counts) <= USUAL_IMPORTS


def test_what_lies_in_one_folder_is_seen_at_a_glance() -> None:
    folders = Counter(path.parent.as_posix() for path in PROGRAM if path.name != "__init__.py")
    full = {folder: count for folder, count in folders.items() if count > MAX_FLAT}
    assert full.keys() <= NAMED_AS_TYPED, full
    commands = {path.stem for path in PROGRAM if path.parent.as_posix() in NAMED_AS_TYPED}
    assert commands - {"__init__"} == {*COMMANDS}


@pytest.mark.parametrize("library", DOORS)
def test_library_comes_in_by_its_door(library: str) -> None:
    users = [path for path in PROGRAM if any(name.split(".")[0] == library for name in imports(path))]
    outside = [
        path.as_posix()
        for path in users
        if not any(fnmatch.fnmatch(path.as_posix(), door) for door in DOORS[library])
    ]
    assert outside == []


def test_top_level_is_the_documented_one() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: which files are the project's is unknown")
    names = {name.split("/")[0] for name in listed.stdout.split("\0") if name}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


@sweep("path", ALL)
def test_module_is_small_named_and_introduced(path: Path) -> None:
    text = (ROOT / path).read_text()
    assert not NO_NAMES & set(path.with_suffix("").parts), "a name that says nothing"
    if path.name == "__init__.py":
        assert text == "", "__init__.py is not empty"
        return
    assert text.count("\n") <= MAX_LINES
    assert ast.get_docstring(tree(path)), "no docstring that says what the module is for"


@sweep("path", PROGRAM)
def test_functions_fit_a_screen(path: Path) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in ast.walk(tree(path))
        if isinstance(node, functions) and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert long == []


@cache
def imported_names() -> set[str]:
    """What any module takes from another by name."""
    nodes = (node for path in PROGRAM for node in ast.walk(tree(path)))
    return {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}


def needs_docstring(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        return node.name in imported_names() and not node.name.endswith("Handler")
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name in VERBS:
        return False
    names = [each.arg for each in (*node.args.args, *node.args.kwonlyargs)]
    return not node.name.startswith("_") and len(set(names) - {"self", "cls"}) >= MANY_PARAMETERS


@sweep("path", ids(modules(*DESCRIBED)))
def test_what_others_use_says_what_it_is(path: str) -> None:
    bodies = [tree(Path(path)).body]
    bodies += [node.body for node in bodies[0] if isinstance(node, ast.ClassDef)]
    silent = [
        node.name  # type: ignore[attr-defined]
        for body in bodies
        for node in body
        if needs_docstring(node) and not ast.get_docstring(node)  # type: ignore[arg-type]
    ]
    assert set(silent) <= UNDESCRIBED


def test_importing_starts_nothing() -> None:
    names = [module_name(path) for path in PROGRAM]
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout + done.stderr == "", "importing prints"
