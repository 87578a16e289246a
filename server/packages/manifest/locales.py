"""Texts of a manifest in the languages of its package: `__MSG_name__` and `_locales/`
(contract/uploads.md 4.2).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from conf.locales import normalise
from server.packages.archive import Archive
from server.packages.manifest.json_comments import read_object
from server.packages.validation.report import Report

_FILE: Final = re.compile(r"_locales/([^/]+)/messages\.json")
_MESSAGE: Final = re.compile(r"__MSG_([A-Za-z0-9@_]+)__")
_PLACEHOLDER: Final = re.compile(r"\$([A-Za-z0-9@_]+)\$")
_MAX_TEXT: Final = 20_000  # characters of a text after its messages are inserted


Messages = Mapping[str, Any]


class Locales:
    """`default`: the supported locale of the package's own default."""

    def __init__(self, archive: Archive, default_locale: Any, report: Report) -> None:
        self.default = "en-US"
        self._messages: dict[str, Messages] = {}
        folders = {match[1]: name for name in archive.names if (match := _FILE.fullmatch(name))}
        if not isinstance(default_locale, str):
            if any(name.startswith("_locales/") for name in archive.names):
                report.add("NO_DEFAULT_LOCALE", file="manifest.json")
            return
        self.default = normalise(default_locale.replace("_", "-")) or "en-US"
        if default_locale not in folders:
            report.add("NO_MESSAGES_FILE", file="manifest.json", locale=default_locale)
        # If two folders mean one locale, the exact name is last, and wins.
        for folder in sorted(folders, key=lambda name: (name == default_locale, name)):
            messages = _read(archive, folders[folder], report)
            locale = self.default if folder == default_locale else normalise(folder.replace("_", "-"))
            if locale and messages is not None:
                self._messages[locale] = messages

    def texts(self, value: Any) -> dict[str, str]:
        """A text of the manifest by locale; {} for a value that is not text."""
        if not isinstance(value, str) or not value.strip():
            return {}
        if not _MESSAGE.search(value):
            return {self.default: value.strip()}
        default = self._messages.get(self.default, {})
        texts = {
            locale: _filled(value, messages, default).strip() for locale, messages in self._messages.items()
        }
        return {locale: text for locale, text in texts.items() if text}


def _read(archive: Archive, name: str, report: Report) -> Messages | None:
    if (messages := read_object(archive, name)) is None:
        report.add("INVALID_MESSAGES_FILE", file=name)
        return None
    return {key.lower(): message for key, message in messages.items() if isinstance(message, dict)}


def _filled(text: str, messages: Messages, default: Messages) -> str:
    def replace(match: re.Match[str]) -> str:
        name = match[1].lower()
        message = messages.get(name) or default.get(name)
        return _message(message) if message else match[0]

    return _MESSAGE.sub(replace, text)[:_MAX_TEXT]


def _message(message: Mapping[str, Any]) -> str:
    text, placeholders = message.get("message"), message.get("placeholders")
    if not isinstance(text, str):
        return ""
    contents = {
        name.lower(): value["content"]
        for name, value in (placeholders if isinstance(placeholders, dict) else {}).items()
        if isinstance(value, dict) and isinstance(value.get("content"), str)
    }
    return _PLACEHOLDER.sub(lambda match: contents.get(match[1].lower(), match[0]), text[:_MAX_TEXT])
