"""What the tests of commands that load begin with."""

from pathlib import Path

import pytest

from server.demo.catalogue import lines


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def demo(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A file of the module's ADDONS generated add-ons."""
    path = tmp_path / "demo.jsonl"
    path.write_bytes(b"".join(lines(request.module.ADDONS)))
    return path
