"""The list of language tools: dictionaries and language packs, whole, as ready bytes.

    asked = parse_tools({"app": "firefox"}, "v5")   # server/search_params/language_tools.py
    tools.ready(asked, view)            -> b'{"results":[...]}', or None: still to be made
    await tools.make(asked, view)

The list has no pages and may have thousands of rows, so it is made once for each
question and view and kept until a language tool changes; a long one is made in
portions, between which the event loop goes on, and kept packed. Rules:
contract/addons.md 10.5, contract/search.md 4.4, contract/versions.md 21.

`put` and `drop` before the first question in any thread; else event loop only.
"""

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import orjson

from conf.locales import SUPPORTED
from conf.model.addons import AddonDoc
from index import facts
from index.cache import BoundedCache
from index.columns.columns import Columns
from index.criteria.clauses import Clause
from index.documents.compression import Compressor, PackedText, Text, room_of
from index.documents.documents import AddonDocuments
from index.documents.language_packs import Pack, VersionRange, make_pack, shown_version
from index.runtime.turns import let_others
from index.shapes.shape import Shapes
from index.shapes.view import View

LANGUAGE_PACKS: Final = ("language",)
_AT_ONCE: Final = 200  # rows made without giving the event loop a turn: some 5 ms
_KEPT_BYTES: Final = 24 * 1024 * 1024
_LONG: Final = 128 * 1024  # bytes of a list that is kept packed
_LANGS: Final = frozenset((None, *SUPPORTED))


class AskedTools(NamedTuple):
    """What a request asks of the list; hashable."""

    clauses: tuple[Clause, ...]
    app: str | None
    span: VersionRange | None  # of `appversion`
    packs_only: bool
    by_author: bool

    @property
    def by_version(self) -> bool:
        """Whether it is the packs that one release of an application can use."""
        return self.span is not None and self.packs_only


class Tool(NamedTuple):
    """What the list keeps of a language tool; follows from its document alone."""

    pack: Pack | None


def make_tool(addon: AddonDoc) -> Tool | None:
    """Of a public add-on; None when it is no language tool."""
    versions = facts.public_versions(addon) if addon["target_locale"] else []
    if not versions:
        return None
    return Tool(make_pack(versions, Compressor()) if addon["type"] in LANGUAGE_PACKS else None)


class LanguageTools:
    def __init__(self, shapes: Mapping[str, Shapes], documents: AddonDocuments, columns: Columns) -> None:
        self._shapes = shapes
        self._documents = documents
        self._columns = columns
        self._packer = Compressor()
        self._tools: dict[int, Tool] = {}
        self._instance = secrets.token_hex(4)
        self._changes = 0
        self._bodies: BoundedCache[Text] = BoundedCache(_KEPT_BYTES)
        self._making: dict[tuple[AskedTools, View], asyncio.Task[Text]] = {}
        self._turn = asyncio.Lock()  # the rows of many lists at once would be many megabytes

    @property
    def memory(self) -> dict[int, Tool]:
        """The tools by id."""
        return self._tools

    @property
    def tag(self) -> str:
        """Names the state of all language tools."""
        return f"{self._instance}{self._changes:x}"

    def put(self, addon_id: int, tool: Tool | None) -> None:
        """Take a public add-on as it is now; None: it is no language tool, or no longer."""
        self.drop(addon_id)
        if tool is not None:
            self._tools[addon_id] = tool
            self._changed()

    def drop(self, addon_id: int) -> None:
        if self._tools.pop(addon_id, None):
            self._changed()

    def _changed(self) -> None:
        self._changes += 1
        self._bodies.clear()

    def ready(self, asked: AskedTools, view: View) -> Text | None:
        """The answer's body; None when it takes `make` to have it."""
        body = self._bodies.get((asked, view))
        if body is not None:
            return body
        ids = self._ids(asked)
        return self._finish(asked, view, list(self._rows(ids, asked, view))) if len(ids) <= _AT_ONCE else None

    async def make(self, asked: AskedTools, view: View) -> Text:
        """The answer's body, however long the list; made once for all who wait for the same."""
        key = (asked, view)
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.create_task(self._make(asked, view))
            task.add_done_callback(lambda done: self._making.pop(key, None))
        return await asyncio.shield(task)

    async def _make(self, asked: AskedTools, view: View) -> Text:
        async with self._turn:
            ids, changes = self._ids(asked), self._changes
            rows: list[bytes] = []
            for start in range(0, len(ids), _AT_ONCE):
                rows += self._rows(ids[start : start + _AT_ONCE], asked, view)
                await let_others()
            # A list that changed meanwhile is good enough for its caller, but not to keep.
            return self._finish(asked, view, rows) if changes == self._changes else _joined(rows)

    def _ids(self, asked: AskedTools) -> list[int]:
        ids: list[int] = self._columns.ids(asked.clauses).tolist()
        return ids

    def _rows(self, ids: list[int], asked: AskedTools, view: View) -> Iterator[bytes]:
        ids = [addon_id for addon_id in ids if addon_id in self._tools]
        for addon_id, tool in zip(ids, self._documents.tools(ids, view), strict=True):
            if asked.span is None:
                yield tool
                continue
            compatible, pack = b"null", self._tools[addon_id].pack
            if asked.by_version and asked.app and pack:
                packed = pack.choose(asked.app, asked.span)
                if packed is None:
                    continue
                version = shown_version(packed, self._packer)
                compatible = orjson.dumps(self._shapes[view.version].compatible_version(version, view))
            start, rest = tool.split(b",", 1)
            yield b'%b,"current_compatible_version":%b,%b' % (start, compatible, rest)

    def _finish(self, asked: AskedTools, view: View, rows: list[bytes]) -> Text:
        text = _joined(rows)
        # Words that anybody can invent get no place; nor do names of authors, which change unnoticed.
        if view.lang not in _LANGS or asked.by_author:
            return text
        body = text if len(text) < _LONG else PackedText.of(text)
        self._bodies.put((asked, view), body, room_of(body) + 1000)
        return body


def _joined(rows: list[bytes]) -> bytes:
    return b'{"results":[%b]}' % b",".join(rows)
