"""The socket of the private mongod, which listens nowhere else, in a folder that only its owner can enter.

    <data_dir>/mongod/mongod.sock        as a rule
    <data_dir>/mongod/socket             names another path, if a socket cannot have that one

Other users of the host cannot even connect to mongod, with or without a password. A
socket's path has room for some hundred bytes; MongoDB takes a comma or a colon for the
end of an address, and its driver lowers capital letters, as in a host's name. A data
folder whose path breaks these rules has its socket in a private folder below the
temporary one.
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
_ROOM: Final = 103 if sys.platform == "darwin" else 107  # bytes of sun_path, without the NUL at its end
_PLAIN: Final = re.compile(r"[a-z0-9/._~+=-]+")


def find_socket(folder: Folder) -> Path | None:
    """The path where mongod listens if it runs; None if there is no safe one."""
    usual = folder.root / _NAME
    if _can_be_socket(usual):
        return usual
    noted = _noted(folder)
    return noted if noted and _is_private(noted.parent) else None


def place_socket(folder: Folder) -> Path:
    """The path where mongod should listen; makes its folder. Raises StartError."""
    noted = _noted(folder)
    if noted and not _can_be_socket(folder.root / _NAME):
        with contextlib.suppress(OSError):  # else it was removed with other temporary files
            noted.parent.mkdir(mode=0o700)
    if path := find_socket(folder):
        return path
    try:
        path = Path(tempfile.mkdtemp(prefix="amoeba-", dir=_short_folder())) / _NAME
        write_private(folder.socket_file, str(path))
    except OSError as fault:
        raise StartError(
            f"The path {folder.root / _NAME} cannot be that of a socket (it may have {_ROOM} small letters),"
            f" and no folder can be made for one elsewhere: {fault}. Choose a shorter --data-dir."
        ) from fault
    return path


def leave_socket(folder: Folder) -> None:
    """Remove the socket's folder from the temporary one."""
    if noted := _noted(folder):
        with contextlib.suppress(OSError):
            noted.unlink(missing_ok=True)
            noted.parent.rmdir()
            folder.socket_file.unlink()


def is_listening(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(str(path)) == 0


def _noted(folder: Folder) -> Path | None:
    try:
        return Path(read_file(folder.socket_file, 4096).decode())
    except (OSError, ValueError):
        return None


def _short_folder() -> str:
    """The temporary folder, or /tmp if the path of that is too long."""
    usual = tempfile.gettempdir()
    return usual if _can_be_socket(Path(usual) / "amoeba-12345678" / _NAME) else "/tmp"


def _can_be_socket(path: Path) -> bool:
    return len(os.fsencode(path)) <= _ROOM and bool(_PLAIN.fullmatch(str(path)))


def _is_private(folder: Path) -> bool:
    """Whether only we can enter it, because anybody may make a folder of this name in the temporary one."""
    try:
        info = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(info.st_mode) and info.st_uid == os.geteuid() and not info.st_mode & 0o077
