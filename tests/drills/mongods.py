"""mongod processes of a drill's own, outside the server: a replica set of one or of three.

They listen on loopback without passwords, their files are below the drill's folder.
"""

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Final

from server.embedded.binary import find_binary
from server.errors import StoreError
from server.storage.driver import run_command
from tests.drills.service import wait_until
from tests.ports import free_port

SET: Final = "drill"
_PATIENCE: Final = 5.0


class Member:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        (self.folder / "db").mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {
            "dbpath": self.folder / "db",
            "logpath": self.folder / "log",
            "bind_ip": "127.0.0.1",
            "port": self.port,
            "replSet": SET,
            "oplogSize": 200,
            "wiredTigerCacheSizeGB": 0.25,
        }
        words = [str(find_binary(None)), "--nounixsocket", "--logappend"]
        for name, value in options.items():
            words += [f"--{name}", str(value)]
        words += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, start_new_session=True)

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def run(self, command: dict[str, Any]) -> dict[str, Any]:
        """A command on exactly this member. Raises StoreError."""
        uri = f"mongodb://{self.address}/?directConnection=true"
        return asyncio.run(run_command(uri, command, _PATIENCE))

    def hello(self) -> dict[str, Any]:
        """What it says of itself; nothing when it does not answer."""
        if self.process is None or self.process.poll() is not None:
            return {}
        try:
            return self.run({"hello": 1})
        except StoreError:
            return {}


class ReplicaSet:
    """`size` members; after `election` seconds of silence of the primary they choose another."""

    def __init__(self, folder: Path, size: int, election: float = 10.0) -> None:
        self.members = [Member(folder / f"mongod{number}") for number in range(size)]
        self._election = election

    @property
    def uri(self) -> str:
        return f"mongodb://{','.join(one.address for one in self.members)}/?replicaSet={SET}"

    def start(self) -> None:
        for member in self.members:
            member.start()
        members = [{"_id": number, "host": one.address} for number, one in enumerate(self.members)]
        settings = {"electionTimeoutMillis": int(self._election * 1000)}
        config = {"_id": SET, "version": 1, "members": members, "settings": settings}
        wait_until(lambda: all(one.hello() for one in self.members), 60, "each mongod answers")
        self.members[0].run({"replSetInitiate": config})
        self.wait_whole()

    def restart_dead(self) -> None:
        for member in self.members:
            if member.process is not None and member.process.poll() is not None:
                member.start()
        self.wait_whole()

    def primary(self) -> Member | None:
        return next((one for one in self.members if one.hello().get("isWritablePrimary")), None)

    def wait_whole(self) -> None:
        """One primary, all others secondaries."""
        wait_until(self._is_whole, 60, "the replica set is whole")

    def _is_whole(self) -> bool:
        said = [one.hello() for one in self.members]
        primaries = [one for one in said if one.get("isWritablePrimary")]
        return len(primaries) == 1 and sum(bool(one.get("secondary")) for one in said) == len(said) - 1

    def __enter__(self) -> "ReplicaSet":
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *fault: object) -> None:
        self.close()

    def close(self) -> None:
        for member in self.members:
            if member.process is not None and member.process.poll() is None:
                member.kill()


def kill_process(pid: int) -> float:
    """`kill -9`, and when."""
    os.kill(pid, signal.SIGKILL)
    return time.monotonic()
