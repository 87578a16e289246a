"""What another process compiles is what a caller would be shown, and lies ready."""

import copy
import shutil
from pathlib import Path
from typing import cast

import pytest

from conf.model.addons import AddonDoc
from index.catalogue import Catalogue
from index.shapes.view import View
from index.snapshot.records import COMPILED
from tests.index.snapshot.catalogues import Contents, build, keep, make_contents

VIEWS = [View(version, lang, "de") for version in ("v5", "v4", "v3") for lang in ("de", None)]


@pytest.fixture(scope="module")
def contents() -> Contents:
    return make_contents(130)


def answers(catalogue: Catalogue, ids: list[int]) -> list[list[bytes]]:
    documents = catalogue.documents
    rows = [documents.rows(ids, view) for view in VIEWS]
    return [*rows, documents.details(ids, VIEWS[0]), documents.suggestions(ids, VIEWS[0])]


async def test_what_most_callers_ask_for_lies_ready(
    contents: Contents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = await build(contents, tmp_path)
    await keep(catalogue)
    plain = await build(contents)
    ids = [addon_id for addon_id in contents.addons if catalogue.is_listed(addon_id)]
    shaped = answers(plain, ids)
    plain.close()
    records = catalogue._parts.records
    await catalogue._precompiler.compile(lambda: catalogue._parts)
    assert records.waiting <= 10, "this process has made but the dictionaries, and what they are of"
    monkeypatch.setattr("index.documents.documents.compile_object", None)
    assert answers(catalogue, ids) == shaped
    monkeypatch.undo()
    addon = copy.deepcopy(contents.addons[ids[0]])
    addon["slug"] = "changed"
    await catalogue.apply(cast(list[AddonDoc], [addon]), ())
    assert b'"slug":"changed"' in catalogue.documents.rows(ids, VIEWS[0])[0]
    catalogue.close()


async def test_without_the_other_process_all_is_compiled_when_it_is_asked_for(
    contents: Contents, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    catalogue = await build(contents, tmp_path)
    await keep(catalogue)
    folder = catalogue._parts.folder
    assert folder is not None
    aside = folder.with_name("aside")
    shutil.move(folder, aside)
    await catalogue._precompiler.compile(lambda: catalogue._parts)
    assert ["the process for it ended" in one.message for one in caplog.records] == [True]
    shutil.move(aside, folder)
    ids = [addon_id for addon_id in contents.addons if catalogue.is_listed(addon_id)]
    assert len(catalogue.documents.rows(ids, VIEWS[0])) == len(ids)
    catalogue.close()


async def test_the_last_of_a_disk_is_left_to_mongodb(
    contents: Contents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    catalogue = await build(contents, tmp_path)
    await keep(catalogue)
    monkeypatch.setattr("index.snapshot.precompiler._RESERVE", shutil.disk_usage(tmp_path).total)
    await catalogue._precompiler.compile(lambda: catalogue._parts)
    assert catalogue._parts.records.count(COMPILED) == 0
    assert "the disk is nearly full" in caplog.text
    catalogue.close()
