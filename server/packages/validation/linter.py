"""Mozilla's addons-linter, which reads the code of a package; merges its messages into the result
(contract/uploads.md 3).

    program = find_linter(settings)
    result = merged(result, await lint(program, "/…/package.xpi", listed=True))

The program reads the package from its file and runs nothing of it. Event loop only.
"""

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from conf.settings.settings import Settings
from conf.validation import LINTED
from server.background.child_process import ChildFailed, run_program
from server.errors import StartError
from server.packages.validation.report import completed

_SECONDS: Final = 360.0
_WORDS: Final = ("--boring", "--output=json")
_HAS_ERRORS: Final = 1  # exit status of a package with errors
_KINDS: Final = ("errors", "warnings", "notices")
# Bounds of its messages, and of names in them.
_MAX_TEXT: Final = 2000
_MAX_ITEMS: Final = 100
_MAX_NUMBER: Final = 2**53

Result = dict[str, Any]


def find_linter(settings: Settings) -> Path | None:
    """Raises StartError if the program that the settings name does not exist."""
    if not settings.addons_linter:
        return None
    program = Path(settings.addons_linter).expanduser().absolute()
    if not os.access(program, os.X_OK) or program.is_dir():
        raise StartError(f"ADDONS_LINTER: {program} is not a program: README.md says how to install it")
    return program


async def lint(program: Path, package: Path, *, listed: bool) -> Mapping[str, Any]:
    """The parsed JSON output. Raises TimeoutError, ChildFailed, OSError."""
    hosting = () if listed else ("--self-hosted",)
    words = (str(program), str(package), *_WORDS, *hosting)
    answer = await run_program(words, seconds=_SECONDS, ok_statuses=(0, _HAS_ERRORS))
    try:
        output = orjson.loads(answer)
        if all(isinstance(output[kind], list) for kind in _KINDS) and isinstance(output["metadata"], dict):
            return dict(output)
    except (ValueError, TypeError, KeyError):
        pass
    raise ChildFailed("no answer of the linter's")


def merged(result: Result, linted: Mapping[str, Any]) -> Result:
    """The server's result with the linter's messages, which replace the server's of the same code."""
    messages = [_message(message) for kind in _KINDS for message in linted[kind] if isinstance(message, dict)]
    codes = {message["id"][0] for message in messages} & LINTED.keys()
    own = [message for message in result["messages"] if message["id"][0] not in codes]
    metadata = {key: value for key, value in _bounded(linted["metadata"]).items() if value is not None}
    libraries = {name: {"path": path} for name, path in metadata.get("jsLibs", {}).items()}
    return completed([*own, *messages], {**result["metadata"], **metadata}, libraries)


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    texts = {key: _bounded(value) for key, value in message.items() if key not in ("_type", "code")}
    kind = message.get("_type")
    return {
        **dict.fromkeys(("file", "line", "column")),
        "description": "",
        "message": "",
        **texts,
        "id": [str(message.get("code"))[:_MAX_TEXT]],
        "type": kind if kind in ("error", "warning") else "notice",
        "tier": 1,
        "uid": uuid.uuid4().hex,
    }


def _bounded(value: Any, depth: int = 3) -> Any:
    """A JSON value, cut to a size that can be stored."""
    match value:
        case str():
            return value[:_MAX_TEXT]
        case bool() | None:
            return value
        case int() | float():
            return value if abs(value) < _MAX_NUMBER else None
        case list() if depth:
            return [_bounded(item, depth - 1) for item in value[:_MAX_ITEMS]]
        case dict() if depth:
            return {key[:_MAX_TEXT]: _bounded(value[key], depth - 1) for key in list(value)[:_MAX_ITEMS]}
    return None
