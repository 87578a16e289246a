"""The list of language tools, that is, dictionaries and language packs, as finished bytes.

    query = parse_tools({"app": "firefox"}, "v5")   # server/search_params/language_tools.py
    tools.ready(query, view)            -> b'{"results":[...]}'; None: too long to be made at once
    await tools.make(query, view)

The list is not paginated and may have thousands of rows, so it is made once for each
query and view and cached until a language tool changes. A long one is made in portions,
between which the event loop serves others, and cached packed. Rules:
contract/addons.md 10.5, contract/search.md 4.4, contract/versions.md 21.

`put` and `drop` in any thread before the first query; everything else on the event loop.
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
from index.documents.compression import Compressor, PackedText, Text, stored_size
from index.documents.documents import AddonDocuments
from index.documents.language_packs import LanguagePack, VersionRange, make_pack, unpack_version
from index.runtime.time_slice import yield_to_loop
from index.shapes.shape import Shapes
from index.shapes.view import View

LANGUAGE_PACKS: Final = ("language",)
_ROWS_PER_TURN: Final = 200  # rows made before the event loop serves others: some 5 ms
_CACHE_BYTES: Final = 24 * 1024 * 1024
_LONG: Final = 128 * 1024  # bytes from which a list is cached packed
_LANGS: Final = frozenset((None, *SUPPORTED))


class ToolsQuery(NamedTuple):
    """A request for the list; hashable."""

    clauses: tuple[Clause, ...]
    app: str | None
    span: VersionRange | None  # of `appversion`
    packs_only: bool
    by_author: bool

    @property
    def by_version(self) -> bool:
        """Whether it asks for the packs that one release of an application can use."""
        return self.span is not None and self.packs_only


class Tool(NamedTuple):
    """What the list has in memory of a language tool; it depends on the tool's document alone."""

    pack: LanguagePack | None


def make_tool(addon: AddonDoc) -> Tool | None:
    """`addon` is public; None if it is no language tool."""
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
        self._bodies: BoundedCache[Text] = BoundedCache(_CACHE_BYTES)
        self._pending: dict[tuple[ToolsQuery, View], asyncio.Task[Text]] = {}
        self._turn = asyncio.Lock()  # many lists made at once would take many megabytes

    @property
    def memory(self) -> dict[int, Tool]:
        """The tools by id, for the image."""
        return self._tools

    @property
    def tag(self) -> str:
        """Names the state of all language tools."""
        return f"{self._instance}{self._changes:x}"

    def put(self, addon_id: int, tool: Tool | None) -> None:
        """Insert or replace a public add-on; None: it is no language tool, or no longer one."""
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

    def ready(self, query: ToolsQuery, view: View) -> Text | None:
        """The response body; None if it is not cached and too long to be made at once (`make`)."""
        body = self._bodies.get((query, view))
        if body is not None:
            return body
        ids = self._ids(query)
        return (
            self._finish(query, view, list(self._rows(ids, query, view)))
            if len(ids) <= _ROWS_PER_TURN
            else None
        )

    async def make(self, query: ToolsQuery, view: View) -> Text:
        """The response body, however long the list; made once for all who wait for the same one."""
        key = (query, view)
        task = self._pending.get(key)
        if task is None:
            task = self._pending[key] = asyncio.create_task(self._make(query, view))
            task.add_done_callback(lambda done: self._pending.pop(key, None))
        return await asyncio.shield(task)

    async def _make(self, query: ToolsQuery, view: View) -> Text:
        async with self._turn:
            ids, changes = self._ids(query), self._changes
            rows: list[bytes] = []
            for start in range(0, len(ids), _ROWS_PER_TURN):
                rows += self._rows(ids[start : start + _ROWS_PER_TURN], query, view)
                await yield_to_loop()
            # If tools changed meanwhile, the list is good enough for its callers but not for the cache.
            return self._finish(query, view, rows) if changes == self._changes else _joined(rows)

    def _ids(self, query: ToolsQuery) -> list[int]:
        ids: list[int] = self._columns.ids(query.clauses).tolist()
        return ids

    def _rows(self, ids: list[int], query: ToolsQuery, view: View) -> Iterator[bytes]:
        ids = [addon_id for addon_id in ids if addon_id in self._tools]
        for addon_id, tool in zip(ids, self._documents.tools(ids, view), strict=True):
            if query.span is None:
                yield tool
                continue
            compatible, pack = b"null", self._tools[addon_id].pack
            if query.by_version and query.app and pack:
                packed = pack.choose(query.app, query.span)
                if packed is None:
                    continue
                version = unpack_version(packed, self._packer)
                compatible = orjson.dumps(self._shapes[view.version].compatible_version(version, view))
            start, rest = tool.split(b",", 1)
            yield b'%b,"current_compatible_version":%b,%b' % (start, compatible, rest)

    def _finish(self, query: ToolsQuery, view: View, rows: list[bytes]) -> Text:
        text = _joined(rows)
        # Not cached: languages that anybody can invent, and authors' names, as nobody reports their changes.
        if view.lang not in _LANGS or query.by_author:
            return text
        body = text if len(text) < _LONG else PackedText.pack(text)
        self._bodies.put((query, view), body, stored_size(body) + 1000)
        return body


def _joined(rows: list[bytes]) -> bytes:
    return b'{"results":[%b]}' % b",".join(rows)
