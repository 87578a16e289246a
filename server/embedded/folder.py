"""Files of the private mongod, below the data folder.

    <data_dir>/owner.lock                held by the process that owns the folder
    <data_dir>/users.lock                shared by processes that use the owner's mongod
    <data_dir>/mongod/db/                MongoDB's own files
    <data_dir>/mongod/key                the key that members of the replica set share
    <data_dir>/mongod/credentials.json   {"user", "password"} of the only user
    <data_dir>/mongod/mongod.sock        where it listens (sockets.py)
    <data_dir>/mongod/mongod.pid         the running process
    <data_dir>/mongod/log, log.1         its log and the one before

Only their owner may read folders (0700) and files (0600), because the password or
the key opens the database.
"""

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple, Self

from conf.files import open_file, read_file
from server.embedded.lock import Lock
from server.errors import StartError

USER = "amoeba"
KEY_BYTES = 512  # MongoDB takes up to 1024 characters, base64
MAX_LOG_BYTES = 16 * 1024 * 1024
_MAX_BYTES = 4096  # of the small files
_LOG_LINES = 40  # read from the end
_MAX_ERRORS = 5
_LOCK_TRIES = 10


class Credentials(NamedTuple):
    """The credentials of the only user of the private MongoDB."""

    user: str
    password: str


class Folder:
    """The paths of a data folder, and their contents."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self.root = self.data_dir / "mongod"
        self.db = self.root / "db"
        self.key = self.root / "key"
        self.credentials_file = self.root / "credentials.json"
        self.socket_file = self.root / "socket"
        self.pid_file = self.root / "mongod.pid"
        self.log = self.root / "log"
        self.owner_lock = self.data_dir / "owner.lock"
        self.users_lock = self.data_dir / "users.lock"

    def first_missing(self) -> Path | None:
        """The topmost folder that `acquire` will make; None if the data folder exists."""
        missing = [path for path in (self.data_dir, *self.data_dir.parents) if not path.exists()]
        return missing[-1] if missing else None

    def acquire(self) -> Lock:
        """Make the data folder, and own it. Raises FolderInUse if another process does, StartError."""
        with self._raising_start_errors():
            for _ in range(_LOCK_TRIES):
                with contextlib.suppress(FileNotFoundError):  # a first start that failed removed the folder
                    return self._make_and_lock()
            return self._make_and_lock()

    def _make_and_lock(self) -> Lock:
        self._make()
        return Lock.acquire(self.owner_lock)

    def _make(self) -> None:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)

    def discard(self, first: Path) -> None:
        """Remove the data folder, and the empty folders above it up to `first`."""
        shutil.rmtree(self.data_dir, ignore_errors=True)
        with contextlib.suppress(OSError):
            for parent in takewhile(lambda parent: parent.is_relative_to(first), self.data_dir.parents):
                parent.rmdir()

    @contextlib.contextmanager
    def _raising_start_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            raise StartError(f"The data folder {self.data_dir} cannot be used: {fault}") from fault

    def prepare(self) -> Self:
        """Make what is missing, and close it to other users; the caller has the lock. Raises StartError."""
        with self._raising_start_errors():
            self._make()
            for folder in (self.root, self.db):
                folder.mkdir(mode=0o700, exist_ok=True)
                _check_owner(folder)
                folder.chmod(0o700)
            if not self.key.exists():
                write_private(self.key, secrets.token_hex(KEY_BYTES))
            if not self.credentials_file.exists():
                fresh = {"user": USER, "password": secrets.token_urlsafe(32)}
                write_private(self.credentials_file, json.dumps(fresh))
            for file in (self.key, self.credentials_file):
                os.close(open_file(file))  # mongod itself would wait for a pipe's writer
                file.chmod(0o600)
            (self.root / "port").unlink(missing_ok=True)  # written by an earlier release
        return self

    def credentials(self) -> Credentials:
        """Raises StartError when the file is not as `prepare` made it."""
        try:
            stored = json.loads(read_file(self.credentials_file, _MAX_BYTES))
            return Credentials(str(stored["user"]), str(stored["password"]))
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise StartError(f"{self.credentials_file} cannot be read: {type(fault).__name__}") from fault

    def pid(self) -> int | None:
        return _read_number(self.pid_file)

    def owner_pid(self) -> int | None:
        """The process that owns the folder, or owned it last."""
        return _read_number(self.owner_lock)

    def lock_pid(self) -> int | None:
        """The process that mongod's own lock file names."""
        return _read_number(self.db / "mongod.lock")

    def log_tail(self) -> list[str]:
        try:
            with open(open_file(self.log), errors="replace") as log:
                return log.read().splitlines()[-_LOG_LINES:]
        except OSError:
            return []

    def last_errors(self) -> str:
        """mongod's last errors; if there are none, its last lines."""
        tail = self.log_tail()
        last_errors = [text for line in tail if (text := _error_text(line))]
        return "\n".join((last_errors or tail)[-_MAX_ERRORS:])

    def rotate_large_log(self) -> bool:
        """Rename the log to log.1 if it is too large; returns whether it was."""
        if not self.log.exists() or self.log.stat().st_size < MAX_LOG_BYTES:
            return False
        self.log.replace(self.log.with_name("log.1"))
        return True


def _error_text(line: str) -> str | None:
    """The text of an error in a line of the log, which is a JSON object; None for lesser messages."""
    try:
        entry = json.loads(line)
        if entry["s"] not in ("E", "F"):
            return None
        return f"{entry['msg']}: {json.dumps(entry.get('attr', {}))}"
    except (ValueError, KeyError, TypeError):
        return line or None  # text from before mongod opened its log


def write_private(path: Path, text: str) -> None:
    """Write a file, whole or not at all, that only its owner may read; it is on disk afterwards."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _read_number(path: Path) -> int | None:
    try:
        return int(read_file(path, _MAX_BYTES))
    except (OSError, ValueError):
        return None


def _check_owner(folder: Path) -> None:
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise StartError(f"{folder} belongs to user {owner}, and this process runs as {os.geteuid()}.")
