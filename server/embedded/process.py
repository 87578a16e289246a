"""Starts the process of mongod, finds it again, and ends it.

mongod runs in a session of its own, so that a Ctrl-C in the terminal reaches only this
process, which then stops mongod in order. mongod is not tied to our death
(PR_SET_PDEATHSIG): that signal follows the thread that started it, exists only on Linux,
and would take the database away from a running `load`. After a `kill -9` of the server
mongod goes on. The next start finds it by its recorded process id, and checks that the
process is a mongod on our files.
"""

import asyncio
import contextlib
import itertools
import os
import signal
import subprocess
from pathlib import Path

import psutil

from server.embedded.folder import Folder

OPLOG_MB = 1024  # the default is a share of the disk, up to 50 GB


def spawn(binary: Path, folder: Folder, socket: Path, cache_gb: float) -> psutil.Popen:
    """Start mongod."""
    folder.rotate_large_log()
    # For its output before it opens its log. O_NONBLOCK refuses a pipe in place of the log.
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK
    with os.fdopen(os.open(folder.log, flags, 0o600), "ab") as log:
        return psutil.Popen(
            _command(binary, folder, socket, cache_gb),
            cwd=folder.root,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            umask=0o077,
        )


def _command(binary: Path, folder: Folder, socket: Path, cache_gb: float) -> list[str]:
    parameters = {
        # Diagnostic samples take megabytes a day and a thread.
        "diagnosticDataCollectionEnabled": "false",
        # The default waits for another member to take over, and there is none.
        "shutdownTimeoutMillisForSignaledShutdown": "100",
        # How long transactions of a killed program block their documents; a minute by default.
        "transactionLifetimeLimitSeconds": "15",
    }
    options = {
        "dbpath": folder.db,
        "logpath": folder.log,
        "logRotate": "reopen",
        "bind_ip": socket,  # and no TCP address
        # Otherwise it would unpack messages of clients that have not authenticated.
        "networkMessageCompressors": "disabled",
        "replSet": "amoeba",
        "keyFile": folder.key,
        "oplogSize": OPLOG_MB,
        "wiredTigerCacheSizeGB": cache_gb,
    }
    command = [str(binary), "--logappend", "--nounixsocket", "--noscripting"]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    for name, value in parameters.items():
        command += ["--setParameter", f"{name}={value}"]
    return command


def find_running(folder: Folder) -> psutil.Process | None:
    """The mongod on our files that an earlier process left running."""
    for pid in (folder.pid(), folder.lock_pid()):
        if pid and (process := _mongod_process(pid, folder)):
            return process
    return None


def _mongod_process(pid: int, folder: Folder) -> psutil.Process | None:
    """The process, if it is a mongod with our --dbpath, because process ids are reused."""
    try:
        process = psutil.Process(pid)
        command = process.cmdline()
    except psutil.Error:
        return None
    paths = [value for option, value in itertools.pairwise(command) if option == "--dbpath"]
    return process if str(folder.db) in paths and is_alive(process) else None


def is_alive(process: psutil.Process) -> bool:
    """Whether the process runs; also reaps a dead child, which would remain a zombie."""
    if isinstance(process, psutil.Popen):
        return process.poll() is None
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def was_killed(process: psutil.Process) -> bool:
    """Whether somebody else killed or stopped a child of ours."""
    return isinstance(process, psutil.Popen) and process.poll() in (-signal.SIGKILL, -signal.SIGTERM)


async def end(process: psutil.Process, patience: float) -> bool:
    """Ask mongod to stop, wait `patience` seconds, then kill it; returns whether it stopped by itself.

    A killed mongod loses nothing that was acknowledged: its journal has it.
    """
    _send(process, signal.SIGTERM)
    _send(process, signal.SIGCONT)  # because a suspended process would not handle SIGTERM
    if await wait_ended(process, patience):
        return True
    _send(process, signal.SIGKILL)
    await wait_ended(process, patience)
    return False


async def wait_ended(process: psutil.Process, seconds: float) -> bool:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while is_alive(process):
        if loop.time() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


def rotate_log(process: psutil.Process, folder: Folder) -> None:
    """Begin a new log if the present one is too large."""
    if folder.rotate_large_log():
        _send(process, signal.SIGUSR1)


def _send(process: psutil.Process, number: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
