"""Where settings' values come from: a TOML file, the environment, the command line.

Each reader gives what its source says, unjudged; `conf/settings/settings.py` knows the
settings. Pure but for the one file read.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from conf.files import read_file

PREFIX: Final = "AMOEBA_"
CONFIG_VARIABLE: Final = "AMOEBA_CONFIG"  # names the TOML file where no flag does
_MAX_BYTES: Final = 1024 * 1024  # of that file


class SettingFault(NamedTuple):
    """One thing wrong: where ("AMOEBA_PORT", "amoeba.toml: port", "--port") and what."""

    source: str
    problem: str

    def __str__(self) -> str:
        return f"{self.source}: {self.problem}"


class SettingsError(Exception):
    """The settings cannot be used; `faults` has every reason at once."""

    def __init__(self, faults: Iterable[SettingFault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(["the settings have faults:", *(f"  {fault}" for fault in self.faults)]))


class SourcedValue(NamedTuple):
    """A value as one source gives it; `typed` where the source has types of its own."""

    name: str
    source: str
    value: Any
    typed: bool


def from_file(path: Path) -> Iterator[SourcedValue]:
    """The top-level keys of a TOML file; SettingsError where it cannot be read."""
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
    """The flags that were given: None is one that was not."""
    for name, value in flags.items():
        if value is not None:
            yield SourcedValue(name, f"--{name.replace('_', '-')}", value, not isinstance(value, str))
