"""Collects messages about a package, and makes the result that callers see (contract/uploads.md 3).

report = Report()
report.add("bad_name", name="../x")
report.result(metadata)      # {"errors": 1, ..., "messages": [...]}
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from conf.limits import MAX_QUOTE, MAX_VALIDATION_MESSAGES
from conf.validation import CRASHED, LINTER_MESSAGES, PUBLIC_CODES, SERVER_MESSAGES, TIMED_OUT

_ORDER: Final = ("error", "warning", "notice")
_MAX_FILE: Final = 1000  # characters of its name in messages


class Report:
    """The messages about one package."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    @property
    def failed(self) -> bool:
        return any(message["type"] == "error" for message in self.messages)

    def has(self, code: str) -> bool:
        """Whether a message with a public code was added."""
        return any(message["id"][-1] == code for message in self.messages)

    def add(
        self,
        code: str,
        *,
        severity: str | None = None,
        file: str | None = None,
        path: str | None = None,
        **values: object,
    ) -> None:
        """Add a message: `severity` overrides its own, `path` is in the manifest, `values` fill the text."""
        template = LINTER_MESSAGES[code] if code in LINTER_MESSAGES else SERVER_MESSAGES[code]
        values = {key: _quoted(value) for key, value in values.items()}
        description = template.description.format(**values)
        message: dict[str, Any] = {
            "type": severity or template.kind,
            "message": template.text.format(**values),
            "file": file and file[:_MAX_FILE],
            "line": None,
            "column": None,
            "tier": 1,
            "uid": uuid.uuid4().hex,
        }
        if code in LINTER_MESSAGES:
            message |= {"id": [code], "description": description}
            message |= {"instancePath": path} if path is not None else {}
        else:
            public_code = code if code in PUBLIC_CODES else ""
            message |= {"id": ["validation", "messages", public_code], "compatibility_type": None}
            message["description"] = [description] if description else []
        self.messages.append(message)

    def add_invalid_field(self, path: str, fault: str) -> None:
        """Report a field of the manifest."""
        self.add("MANIFEST_FIELD_INVALID", file="manifest.json", path=path, place=path, fault=fault)

    def result(self, metadata: dict[str, Any]) -> dict[str, Any]:
        return make_result(self.messages, metadata)


def _quoted(value: object) -> object:
    """A value of a manifest, for messages; of lists and objects, which may be large, only the type."""
    if isinstance(value, str):
        return value[:MAX_QUOTE]
    return value if isinstance(value, int | float) else type(value).__name__


def make_result(
    messages: list[dict[str, Any]], metadata: dict[str, Any], libraries: Mapping[str, Any] = {}
) -> dict[str, Any]:
    """The result: errors, then warnings, then notices. `libraries` are known third-party ones, by file."""
    ordered = sorted(messages, key=lambda message: _ORDER.index(message["type"]))[:MAX_VALIDATION_MESSAGES]
    counts = {f"{kind}s": sum(message["type"] == kind for message in messages) for kind in _ORDER}
    return {
        **counts,
        "success": counts["errors"] == 0,
        "compatibility_summary": dict.fromkeys(counts, 0),
        "metadata": {**metadata, "identified_files": dict(libraries), "is_webextension": True},
        "messages": ordered,
        "message_tree": {},
        "ending_tier": 5,
    }


def first_error(result: dict[str, Any], *, server_only: bool) -> str | None:
    """The text of the first error; with `server_only`, the first that makes the server refuse a package."""
    errors = (message for message in result["messages"] if message["type"] == "error")
    return next((message["message"] for message in errors if not server_only or len(message["id"]) > 1), None)


def refused(result: dict[str, Any], text: str) -> dict[str, Any]:
    """The result of a successful validation, with the reason why no version was made."""
    message = _server_message(("validation", "messages", ""), text)
    return make_result([message, *result["messages"]], result["metadata"])


def failure(*, listed: bool, timed_out: bool) -> dict[str, Any]:
    """The result of a run that was ended by its limits."""
    message = _server_message(TIMED_OUT if timed_out else CRASHED, "Sorry, we couldn't load your add-on.")
    message["description"] = ["Validation was unable to complete: the package takes more than it may."]
    return make_result([message | {"fatal": True}], {"listed": listed})


def _server_message(id: Sequence[str], text: str) -> dict[str, Any]:
    return {
        "id": list(id),
        "type": "error",
        "message": text,
        "description": [],
        "file": None,
        "line": None,
        "column": None,
        "tier": 1,
        "uid": uuid.uuid4().hex,
        "compatibility_type": None,
    }
