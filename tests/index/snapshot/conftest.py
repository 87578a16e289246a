"""A data folder with the snapshot of a module's `contents`."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.index.snapshot.catalogues import Contents, build, expected_answers, keep


@pytest.fixture(scope="module")
def plain(contents: Contents) -> dict[str, Any]:
    """What a catalogue says that read everything."""
    return asyncio.run(expected_answers(contents))


@pytest.fixture(scope="module")
def written(contents: Contents, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a snapshot; not to be changed."""
    data = tmp_path_factory.mktemp("data")

    async def write() -> None:
        catalogue = await build(contents, data)
        await keep(catalogue)
        catalogue.close()

    asyncio.run(write())
    return data


@pytest.fixture
def data(written: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    return tmp_path
