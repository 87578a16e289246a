"""A server on documents of a test's own: loaded as a dump, then served."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.program import Program


def load(folder: Path, documents: Iterable[Mapping[str, Any]]) -> None:
    """`documents` are lines of a dump, each with its `kind`; a server may run on the folder."""
    file = folder / "dump.jsonl"
    file.write_text("".join(json.dumps(document) + "\n" for document in documents))
    loading = Program("load", str(file), "--data-dir", str(folder / "data"), output=folder / "load")
    assert loading.wait() == 0, loading.stderr


@contextmanager
def serving(folder: Path, documents: Iterable[Mapping[str, Any]], **environment: str) -> Iterator[Program]:
    """The program in `folder`; anything it logs at WARNING or above is a failure."""
    load(folder, documents)
    words = ("serve", "--port", "0", "--data-dir", str(folder / "data"))
    with Program(*words, output=folder / "serve", env=environment) as program:
        program.wait_listening()
        yield program
        assert program.loud_records() == []
