"""Provides MongoDB: an external one, or a private mongod that is started, kept running and stopped.

    async with starting(settings) as uri: await uri     # serve: owns the data folder
    async with mongodb(settings, attach=True) as uri:   # load, dump: beside a server, or alone
        store = await Store.open(uri, settings.mongodb_database, settings.mongodb_timeout)

Thread rule: event loop only.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from conf.settings.settings import Settings
from server.embedded import process as processes
from server.embedded.binary import find_binary
from server.embedded.folder import Folder, write_private
from server.embedded.lock import Lock
from server.embedded.replica import become_primary, connection_uri, is_usable
from server.embedded.sockets import find_socket, is_listening, prepare_socket, remove_socket
from server.errors import AmoebaError, FolderInUse, MongodFailed, StoreError
from server.retry import Backoff
from server.storage.patience import Patience

log = logging.getLogger(__name__)

STOP_PATIENCE = 5.0
WATCH_INTERVAL = 0.2
RESTART = Backoff(0.1, 5.0)
STABLE_AFTER = 60.0  # seconds after which the pauses between restarts are short again
USERS_PATIENCE = 600.0  # seconds a command waits for others that use its mongod


@contextlib.asynccontextmanager
async def mongodb(settings: Settings, *, attach: bool = False) -> AsyncIterator[str]:
    """The URI to open the store with; it contains a password, so do not log it.

    Raises FolderInUse (not with `attach`), MongodNotFound, MongodFailed, StartError.
    """
    if settings.mongodb_uri:
        yield settings.mongodb_uri
        return
    start = attach_or_start if attach else start_mongod
    mongod = await start(Path(settings.data_dir), settings.mongod, settings.mongod_cache_gb)
    try:
        yield mongod.uri
    finally:
        await _complete(mongod.stop())


@contextlib.asynccontextmanager
async def starting(settings: Settings) -> AsyncIterator[Awaitable[str]]:
    """As `mongodb`, but begins at once; exceptions are raised when the URI is awaited."""
    async with contextlib.AsyncExitStack() as stack:
        uri = asyncio.create_task(stack.enter_async_context(mongodb(settings)), name="mongod start")
        try:
            yield uri
        finally:
            uri.cancel()
            await asyncio.gather(uri, return_exceptions=True)


def is_owner(settings: Settings) -> bool:
    """Whether this process runs the private mongod, so that no server does."""
    return not settings.mongodb_uri and Folder(Path(settings.data_dir)).owner_pid() == os.getpid()


def is_used_elsewhere(settings: Settings) -> bool:
    """Whether another process owns the folder that `mongodb` was opened on."""
    return Folder(Path(settings.data_dir)).owner_pid() not in (None, os.getpid())


async def _complete(stopping: Coroutine[Any, Any, None]) -> None:
    """Finish even if cancelled, because a half-stopped mongod would block the next start."""
    task = asyncio.ensure_future(stopping)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


class Mongod:
    """A running mongod."""

    def __init__(self, folder: Folder, socket: Path) -> None:
        self.folder = folder
        self.socket = socket

    @property
    def uri(self) -> str:
        return connection_uri(self.socket, self.folder.credentials())


class AttachedMongod(Mongod):
    """The mongod of another process; holds the lock `users`, for which the owner waits before it stops
    mongod.
    """

    def __init__(self, folder: Folder, socket: Path, users: Lock) -> None:
        super().__init__(folder, socket)
        self._users = users

    async def stop(self) -> None:
        self._users.release()


class OwnMongod(Mongod):
    """A mongod that this process restarts when it dies, and stops at its own end."""

    def __init__(self, folder: Folder, lock: Lock, cache_gb: float) -> None:
        super().__init__(folder, Path())
        self._lock = lock
        self._binary = Path()
        self._cache_gb = cache_gb
        self._process: psutil.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self.waits_for_users = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self, binary: Path) -> None:
        """Adopt the mongod that a killed owner left, or start one. Raises MongodFailed."""
        self._binary = binary
        self.socket = prepare_socket(self.folder)
        # Waits as long as mongod runs, because after a crash it first replays its journal.
        with Patience().reporting(lambda: f"mongod, which is starting; {self.folder.log} says more"):
            if not await self._adopt():
                await self._start_until_it_stays()
        self._watch = asyncio.create_task(self._keep_running(), name="mongod supervisor")

    async def _adopt(self) -> bool:
        orphan = processes.find_running(self.folder)
        if orphan is None:
            return False
        if await is_usable(self.socket, self.folder.credentials()):
            log.info("adopted mongod (process id %d) that an earlier server left running", orphan.pid)
            self._process = orphan
            return True
        log.warning("ending mongod (process id %d), left by an earlier server and of no use", orphan.pid)
        await processes.end(orphan, STOP_PATIENCE)
        return False

    async def _start_until_it_stays(self) -> None:
        """Start mongod; again if it was killed meanwhile, as a system does that is short of memory."""
        for pause in RESTART:
            try:
                await self._start()
                return
            except MongodFailed:
                if self._process is None or not processes.was_killed(self._process):
                    raise
            await asyncio.sleep(pause)

    async def _start(self) -> None:
        self._process = processes.spawn(self._binary, self.folder, self.socket, self._cache_gb)
        try:
            write_private(self.folder.pid_file, str(self._process.pid))
            await self._wait_listening(self._process)
            alive = partial(processes.is_alive, self._process)
            await become_primary(self.socket, self.folder.credentials(), alive)
        except BaseException as fault:
            if processes.is_alive(self._process):
                process, self._process = self._process, None
                await processes.end(process, STOP_PATIENCE)
            if isinstance(fault, StoreError):
                raise self._failed(str(fault)) from fault
            raise

    async def _wait_listening(self, process: psutil.Process) -> None:
        while not is_listening(self.socket):
            if not processes.is_alive(process):
                raise self._failed("it ended at once")
            await asyncio.sleep(0.05)

    def _failed(self, reason: str) -> MongodFailed:
        return MongodFailed(
            f"mongod ({self._binary}) did not start: {reason}. From {self.folder.log}:\n"
            f"{self.folder.last_errors()}"
        )

    async def _keep_running(self) -> None:
        """Restart mongod whenever it dies or its socket is gone, on the same socket, because clients know no
        other.
        """
        loop = asyncio.get_running_loop()
        pauses, started = iter(RESTART), loop.time()
        while True:
            await asyncio.sleep(WATCH_INTERVAL)
            if self._process and processes.is_alive(self._process):
                if self.socket.exists():
                    processes.rotate_log(self._process, self.folder)
                    continue
                log.error("mongod cannot be reached any more: its socket %s is gone", self.socket)
                await processes.end(self._process, STOP_PATIENCE)
            if loop.time() - started > STABLE_AFTER:
                pauses = iter(RESTART)
            log.error("mongod has died; starting it again")
            await asyncio.sleep(next(pauses))
            started = loop.time()
            try:
                prepare_socket(self.folder)
                await self._start()
                log.warning("mongod runs again after %.1f s", loop.time() - started)
            except (AmoebaError, OSError) as fault:
                log.error("mongod cannot be started again yet: %s", fault)

    async def stop(self, discard: Path | None = None) -> None:
        """Stop mongod within some seconds and release the folder, with `waits_for_users` after its users.

        What a first start made, from the folder `discard` down, goes before anybody else may have it.
        """
        users = await self._wait_users() if self.waits_for_users else None
        if self._watch:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        try:
            if self._process and not await processes.end(self._process, STOP_PATIENCE):
                log.warning("mongod did not stop within %.0f s and was killed", STOP_PATIENCE)
            with contextlib.suppress(OSError):
                self.folder.pid_file.unlink()
            remove_socket(self.folder)
        finally:
            if discard:
                self.folder.discard(discard)
            self._lock.release()
            if users:
                users.release()

    async def _wait_users(self) -> Lock | None:
        """A lock that keeps new users out until mongod has stopped; None if the wait took too long."""
        deadline = asyncio.get_running_loop().time() + USERS_PATIENCE
        while asyncio.get_running_loop().time() < deadline:
            try:
                return Lock.acquire(self.folder.users_lock)
            except FolderInUse:
                await asyncio.sleep(0.2)
        return None


async def start_mongod(data_dir: Path, binary: str | None, cache_gb: float) -> OwnMongod:
    """Own the folder and run its mongod.

    Raises FolderInUse if another process owns it, MongodNotFound, MongodFailed, StartError.
    """
    program = find_binary(binary)
    folder = Folder(data_dir)
    created = folder.first_missing()
    # Before anything else is made in it: two first starts at once would each replace the other's key.
    mongod = OwnMongod(folder, folder.acquire(), cache_gb)
    if folder.root.exists():  # another process was faster, and has ended since
        created = None
    try:
        folder.prepare()
        await mongod.start(program)
    except BaseException:
        # A failed first start leaves nothing behind, because nothing was stored yet.
        await _complete(mongod.stop(discard=created))
        raise
    return mongod


async def attach_or_start(data_dir: Path, binary: str | None, cache_gb: float) -> AttachedMongod | OwnMongod:
    """Use the mongod of the process that owns the folder, or own the folder and start one.

    Waits while the owner's mongod does not answer. Raises as `start_mongod`, except FolderInUse.
    """
    try:
        return await _start_for_command(data_dir, binary, cache_gb)
    except FolderInUse:
        pass
    with Patience().reporting(lambda: f"the mongod of the program that has {data_dir}"):
        while (attached := await _attach(Folder(data_dir))) is None:
            await asyncio.sleep(0.2)
            with contextlib.suppress(FolderInUse):  # that program still runs
                return await _start_for_command(data_dir, binary, cache_gb)
    return attached


async def _start_for_command(data_dir: Path, binary: str | None, cache_gb: float) -> OwnMongod:
    mongod = await start_mongod(data_dir, binary, cache_gb)
    mongod.waits_for_users = True
    return mongod


async def _attach(folder: Folder) -> AttachedMongod | None:
    try:
        users = Lock.acquire_shared(folder.users_lock)
    except (FolderInUse, FileNotFoundError):  # the owner is about to stop, or removed what it began
        return None
    attached = None
    try:
        socket = find_socket(folder)
        has_credentials = folder.credentials_file.exists()  # otherwise the owner has only just begun
        if socket and has_credentials and await is_usable(socket, folder.credentials()):
            attached = AttachedMongod(folder, socket, users)
    finally:
        if attached is None:
            users.release()
    return attached
