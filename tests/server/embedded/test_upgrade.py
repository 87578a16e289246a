"""A data folder made by a release whose mongod listened on a port of loopback goes on working."""

import asyncio
import os
import subprocess
import time
from pathlib import Path
from urllib.parse import quote_plus

import psutil
import pytest

from server.embedded.binary import find_binary
from server.embedded.folder import Folder, write_private
from server.storage.driver import run_command
from server.storage.operations import Insert
from server.storage.store import Store
from tests.factories import make_addon
from tests.mongod_fixture import CACHE_GB, TIMEOUT, running
from tests.ports import HOST, free_port, is_listening


class Earlier:
    """The mongod of the release before, with one add-on in it."""

    def __init__(self, data_dir: Path) -> None:
        self.folder, self.port = Folder(data_dir).prepare(), free_port()
        options = {
            "dbpath": self.folder.db,
            "logpath": self.folder.log,
            "bind_ip": HOST,
            "port": self.port,
            "replSet": "amoeba",
            "keyFile": self.folder.key,
            "wiredTigerCacheSizeGB": CACHE_GB,
        }
        flags = [f"--{name}={value}" for name, value in options.items() if name != "dbpath"]
        command = [str(find_binary(None)), "--nounixsocket", "--dbpath", str(self.folder.db), *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        write_private(self.folder.pid_file, str(self.process.pid))
        write_private(self.folder.root / "port", str(self.port))
        while not is_listening(self.port):
            time.sleep(0.05)

    async def fill(self) -> None:
        local, (user, password) = f"mongodb://{HOST}:{self.port}", self.folder.credentials()
        direct = f"{local}/?directConnection=true"
        config = {"_id": "amoeba", "members": [{"_id": 0, "host": f"{HOST}:{self.port}"}]}
        await run_command(direct, {"replSetInitiate": config}, TIMEOUT)
        while not (await run_command(direct, {"hello": 1}, TIMEOUT))["isWritablePrimary"]:
            time.sleep(0.05)
        await run_command(direct, {"createUser": user, "pwd": password, "roles": ["root"]}, TIMEOUT)
        address = f"mongodb://{quote_plus(user)}:{quote_plus(password)}@{HOST}:{self.port}/?authSource=admin"
        async with await Store.open(f"{address}&replicaSet=amoeba", "amoeba", TIMEOUT) as store:
            await store.write([Insert("addons", dict(make_addon()))])


@pytest.mark.timeout(seconds=90)
@pytest.mark.parametrize("leftover", ["stopped", "killed", "running", "port taken"])
async def test_what_it_kept_is_there(tmp_path: Path, leftover: str) -> None:
    earlier = Earlier(tmp_path)
    try:
        await earlier.fill()
        if leftover != "running":
            earlier.process.send_signal(9 if leftover == "killed" else 15)
            earlier.process.wait(20)
        port = earlier.port if leftover == "port taken" else 0
        taken = await asyncio.start_server(lambda _, writer: writer.close(), HOST, port)
        async with taken, running(tmp_path) as mongod:
            assert psutil.Process(mongod.pid).net_connections("inet") == []
            async with await Store.open(mongod.uri, "amoeba", TIMEOUT) as store:
                addon = await store.find_addon("id", 1)
                assert addon and addon["slug"] == make_addon()["slug"]
                await store.write([Insert("addons", dict(make_addon(_id=2, guid="2@x", slug="two")))])
        assert not (tmp_path / "mongod" / "port").exists()
    finally:
        if earlier.process.poll() is None:
            os.kill(earlier.process.pid, 9)
            earlier.process.wait()
