"""A server whose caller closed its standard streams, as some supervisors and cron scripts do."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.handlers.loaded_server import environment
from tests.ports import free_port
from tests.program import ROOT, clean_environment

PATIENCE = 60.0


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_it_serves(tmp_path: Path, mongod: OwnMongod, closed: str) -> None:
    port, log = free_port(), tmp_path / "log"
    script = f'exec "$0" run.py serve --port {port} >>{log} 2>&1 {closed}'
    env = clean_environment() | environment(tmp_path, mongod)
    with subprocess.Popen(["sh", "-c", script, sys.executable], cwd=ROOT, env=env) as process:
        try:
            deadline = time.monotonic() + PATIENCE
            while not is_ready(port):
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
        finally:
            process.terminate()
    assert process.returncode == 0


def is_ready(port: int) -> bool:
    client = Client(f"http://127.0.0.1:{port}")
    try:
        return client.get("/__heartbeat__").status == 200
    except OSError:
        return False
    finally:
        client.close()
