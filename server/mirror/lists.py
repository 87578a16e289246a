"""Reads what the public API shows beside add-ons, each in a request or two.

    await Lists(source, writer).run()

Taken: the locales of language tools, the list that browsers show (`discovery/`), other browsers'
extensions, released versions of applications. Categories are compared with ours, which are part of the
program. Not taken, because the public does not see them whole: accounts' profiles, collections, blocks,
shelves and heroes, featured sets, replacements, compatibility overrides.

Thread rule: event loop only.
"""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from conf import categories
from conf.vocabulary import APPS, MAPPED_BROWSERS
from server.intake.json_values import BadRecord, mapping, objects, string, strings
from server.intake.records import expand, parse_record
from server.mirror.client import BadAnswer
from server.mirror.records import source_records
from server.mirror.source import Refused, Source, has_id
from server.mirror.writer import MirrorWriter

Json = dict[str, Any]
_PAGES: Final = 1000


class Lists:
    """Reads one list after another."""

    def __init__(self, source: Source, writer: MirrorWriter) -> None:
        self._source = source
        self._writer = writer

    async def read_locales(self) -> None:
        """Read the locales of language tools, which add-on objects do not have. Raises SourceUnavailable."""
        await self._read_list("addons/language-tools/", self._language_tools)

    async def run(self) -> None:
        """Skip lists that the server does not have, and report those that cannot be read.

        Raises SourceUnavailable.
        """
        await self._read_list("addons/categories/", self._categories)
        await self._read_list("discovery/", self._discovery)
        for app in ("firefox", "android"):
            await self._read_list(f"applications/{app}/", partial(self._app_versions, app))
        if self._source.version == "v5":
            for browser in MAPPED_BROWSERS:
                await self._read_list("addons/browser-mappings/", partial(self._mappings, browser))

    async def _read_list(self, name: str, read: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await read()
        except Refused as refusal:
            self._writer.listener.print_line(f"without {name}: {refusal}")
        except (BadAnswer, BadRecord) as fault:
            self._writer.report(name, str(fault))

    async def _language_tools(self) -> None:
        """v4 requires an application (contract/versions.md 21)."""
        for app in APPS if self._source.version == "v4" else (None,):
            params = {"app": app} if app else None
            answer = mapping(await self._source.read("addons/language-tools/", params), "language tools")
            for tool in objects(answer.get("results"), "results"):
                if has_id(tool) and isinstance(tool.get("target_locale"), str):
                    self._writer.locales[tool["id"]] = tool["target_locale"]

    async def _categories(self) -> None:
        known = {(category.app, category.type, category.slug) for category in categories.BY_ID.values()}
        for category in objects(await self._source.read("addons/categories/"), "categories"):
            key = (category.get("application"), category.get("type"), category.get("slug"))
            if key not in known:
                self._writer.listener.print_line(f"category {key} is none of ours: nobody can search for it")

    async def _discovery(self) -> None:
        answer = await self._source.read("discovery/")
        for record in expand(answer):
            # The add-ons themselves have been read already.
            if isinstance(record, dict) and record.get("kind") == "discovery":
                id_ = record["_id"] if isinstance(record["_id"], int) else 0
                await self._store("discovery", id_, record)

    async def _app_versions(self, app: str) -> None:
        answer = mapping(await self._source.read(f"applications/{app}/"), "applications")
        versions = strings(answer.get("versions"), "versions")
        if versions:
            await self._store("app_versions", 0, {"kind": "app_versions", "_id": app, "versions": versions})

    async def _mappings(self, browser: str) -> None:
        for page in range(1, _PAGES + 1):
            params = {"browser": browser, "page": page}
            answer = mapping(await self._source.read("addons/browser-mappings/", params), "mappings")
            rows = objects(answer.get("results"), "results")
            for row in rows:
                await self._store("mapping", 0, _mapping(row, browser))
            if not rows or not answer.get("next"):
                return

    async def _store(self, kind: str, number: int, line: Json) -> None:
        """Store a line of a dump."""
        await self._writer.store(list(source_records(kind, number, partial(parse_record, line))))


def _mapping(row: Json, browser: str) -> Json:
    return {
        "kind": "mapping",
        "_id": string(row.get("extension_id"), "extension_id"),
        "browser": browser,
        "addon_guid": string(row.get("addon_guid"), "addon_guid"),
    }
