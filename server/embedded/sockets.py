"""The socket of the private mongod, the only place where it listens, in a folder that only its owner can
enter.

    <data_dir>/mongod/mongod.sock        as a rule
    <data_dir>/mongod/socket             has another path, if that cannot be a socket's

Other users of the host cannot even connect to mongod, with or without a password. The
path of a socket may have some hundred bytes; for MongoDB a comma or a colon ends an
address, and its driver makes capital letters small, as in a host name. If the path of a
data folder breaks these rules, the socket is in a private folder below the temporary one.
"""

import contextlib
import os
import re
import socket
import stat
import sys
import tempfile
from pathlib import Path
from typing import Final

from conf.files import read_file
from server.embedded.folder import Folder, write_private
from server.errors import StartError

_NAME: Final = "mongod.sock"
_MAX_BYTES: Final = 103 if sys.platform == "darwin" else 107  # bytes of sun_path, without the NUL at its end
_VALID_PATH: Final = re.compile(r"[a-z0-9/._~+=-]+")


def find_socket(folder: Folder) -> Path | None:
    """The path where mongod listens if it runs; None if there is no safe one."""
    default = folder.root / _NAME
    if _can_be_socket(default):
        return default
    recorded = _recorded_path(folder)
    return recorded if recorded and _is_private(recorded.parent) else None


def prepare_socket(folder: Folder) -> Path:
    """The path where mongod should listen, after making its folder. Raises StartError."""
    recorded = _recorded_path(folder)
    if recorded and not _can_be_socket(folder.root / _NAME):
        with contextlib.suppress(OSError):  # it may have been removed with other temporary files
            recorded.parent.mkdir(mode=0o700)
    if path := find_socket(folder):
        return path
    try:
        path = Path(tempfile.mkdtemp(prefix="amoeba-", dir=_short_folder())) / _NAME
        write_private(folder.socket_file, str(path))
    except OSError as fault:
        raise StartError(
            f"The path {folder.root / _NAME} cannot be that of a socket"
            f" (it may have {_MAX_BYTES} small letters),"
            f" and no folder can be made for one elsewhere: {fault}. Choose a shorter --data-dir."
        ) from fault
    return path


def remove_socket(folder: Folder) -> None:
    """Remove the socket if it is in the temporary folder, with its own folder there."""
    if recorded := _recorded_path(folder):
        with contextlib.suppress(OSError):
            recorded.unlink(missing_ok=True)
            recorded.parent.rmdir()
            folder.socket_file.unlink()


def is_listening(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(str(path)) == 0


def _recorded_path(folder: Folder) -> Path | None:
    try:
        return Path(read_file(folder.socket_file, 4096).decode())
    except (OSError, ValueError):
        return None


def _short_folder() -> str:
    """The temporary folder, or /tmp if its path is too long."""
    default = tempfile.gettempdir()
    return default if _can_be_socket(Path(default) / "amoeba-12345678" / _NAME) else "/tmp"


def _can_be_socket(path: Path) -> bool:
    return len(os.fsencode(path)) <= _MAX_BYTES and bool(_VALID_PATH.fullmatch(str(path)))


def _is_private(folder: Path) -> bool:
    """Whether only we can enter it; anybody may make a folder of that name in the temporary one."""
    try:
        info = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(info.st_mode) and info.st_uid == os.geteuid() and not info.st_mode & 0o077
