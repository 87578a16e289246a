"""A server whose standard streams are closed, as by some supervisors and cron scripts, or full."""

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


@pytest.mark.parametrize(
    "streams",
    [
        pytest.param("<&-", id="no input"),
        pytest.param(">&-", id="no output"),
        pytest.param("2>&-", id="no error output"),
        pytest.param("<&- >&- 2>&-", id="none"),
        pytest.param(
            ">/dev/full 2>&1",
            id="a full disk",
            marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full"),
        ),
    ],
)
def test_it_serves(tmp_path: Path, mongod: OwnMongod, streams: str) -> None:
    port, log = free_port(), tmp_path / "log"
    script = f'exec "$0" run.py serve --port {port} >>{log} 2>&1 {streams}'
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
