"""Mozilla's addons-linter, which reads the code of a package; merges its messages into the result
(contract/uploads.md 3).

    program = find_linter(settings)
    result = merge_results(result, await lint(program, "/…/package.xpi", listed=True))

The linter only reads the package, and runs none of its code. Event loop only.
"""

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from conf.settings.settings import Settings
from conf.validation import LINTER_MESSAGES
from server.background.child_process import ChildFailed, run_program
from server.errors import StartError
from server.packages.validation.report import make_result

_SECONDS: Final = 360.0
_OPTIONS: Final = ("--boring", "--output=json")
_HAS_ERRORS: Final = 1  # exit status of a package with errors
_LISTS: Final = ("errors", "warnings", "notices")
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
        raise StartError(
            f"ADDONS_LINTER: {program} is not a program: server/operating/README.md says how to install it"
        )
    return program


async def lint(program: Path, package: Path, *, listed: bool) -> Mapping[str, Any]:
    """The parsed JSON output. Raises TimeoutError, ChildFailed, OSError."""
    hosting = () if listed else ("--self-hosted",)
    command = (str(program), str(package), *_OPTIONS, *hosting)
    answer = await run_program(command, seconds=_SECONDS, ok_statuses=(0, _HAS_ERRORS))
    try:
        output = orjson.loads(answer)
        if all(isinstance(output[kind], list) for kind in _LISTS) and isinstance(output["metadata"], dict):
            return dict(output)
    except (ValueError, TypeError, KeyError):
        pass
    raise ChildFailed("no answer of the linter's")


def merge_results(result: Result, linted: Mapping[str, Any]) -> Result:
    """The server's result with the linter's messages, which replace the server's of the same code."""
    messages = [_message(message) for kind in _LISTS for message in linted[kind] if isinstance(message, dict)]
    codes = {message["id"][0] for message in messages} & LINTER_MESSAGES.keys()
    kept_messages = [message for message in result["messages"] if message["id"][0] not in codes]
    metadata = {key: value for key, value in _truncated(linted["metadata"]).items() if value is not None}
    libraries = {name: {"path": path} for name, path in metadata.get("jsLibs", {}).items()}
    return make_result([*kept_messages, *messages], {**result["metadata"], **metadata}, libraries)


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    texts = {key: _truncated(value) for key, value in message.items() if key not in ("_type", "code")}
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


def _truncated(value: Any, depth: int = 3) -> Any:
    """A JSON value, truncated so that it can be stored."""
    match value:
        case str():
            return value[:_MAX_TEXT]
        case bool() | None:
            return value
        case int() | float():
            return value if abs(value) < _MAX_NUMBER else None
        case list() if depth:
            return [_truncated(item, depth - 1) for item in value[:_MAX_ITEMS]]
        case dict() if depth:
            return {key[:_MAX_TEXT]: _truncated(value[key], depth - 1) for key in list(value)[:_MAX_ITEMS]}
    return None
