"""Reads the values of settings from a TOML file, the environment and the command line.

Readers return what a source has, unchecked; `conf/settings/settings.py` defines the
settings. Pure, except that one file is read.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from conf.files import read_file

PREFIX: Final = "AMOEBA_"
CONFIG_VARIABLE: Final = "AMOEBA_CONFIG"  # the path of the TOML file, unless a flag has it
_MAX_BYTES: Final = 1024 * 1024  # of that file


class SettingFault(NamedTuple):
    """A fault: where it is ("AMOEBA_PORT", "amoeba.toml: port", "--port"), and what it is."""

    source: str
    problem: str

    def __str__(self) -> str:
        return f"{self.source}: {self.problem}"


class SettingsError(Exception):
    """The settings are invalid; `faults` has all their faults."""

    def __init__(self, faults: Iterable[SettingFault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(["the settings have faults:", *(f"  {fault}" for fault in self.faults)]))


class SourcedValue(NamedTuple):
    """A value from one source; it is `typed` if the source has types, as TOML does."""

    name: str
    source: str
    value: Any
    typed: bool


def from_file(path: Path) -> Iterator[SourcedValue]:
    """The top-level keys of a TOML file. Raises SettingsError if it cannot be read."""
    try:
        table = tomllib.loads(read_file(path, _MAX_BYTES).decode())
    except OSError as error:
        raise SettingsError([SettingFault(str(path), f"cannot be read ({error.strerror})")]) from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise SettingsError([SettingFault(str(path), f"is not TOML ({error})")]) from error
    for name, value in table.items():
        yield SourcedValue(name, f"{path}: {name}", value, True)


def from_environ(environ: Mapping[str, str]) -> Iterator[SourcedValue]:
    """The AMOEBA_ variables, by name."""
    for variable, text in sorted(environ.items()):
        if variable.startswith(PREFIX) and variable != CONFIG_VARIABLE:
            yield SourcedValue(variable.removeprefix(PREFIX).lower(), variable, text, False)


def from_flags(flags: Mapping[str, Any]) -> Iterator[SourcedValue]:
    """The flags that were given; None stands for one that was not."""
    for name, value in flags.items():
        if value is not None:
            yield SourcedValue(name, f"--{name.replace('_', '-')}", value, not isinstance(value, str))
