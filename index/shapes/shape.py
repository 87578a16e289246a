"""Documents as JSON objects of one API version.

    shapes = shapes_for("v5", context)          # index/shapes/api_versions.py
    shapes.detail(addon, users, view)           # ready for orjson.dumps

The versions differ in their keys (keys.py) and in a few parts (api_versions.py). A shape
shares lists and objects with its document: keys may be added to it, but nothing in it may be
changed. Safe from any thread.

Sources: contract/addons.md 5 to 10, contract/versions.md 2.
"""

from collections.abc import Iterable
from typing import TypedDict, Unpack, cast

from conf.model.addons import AddonDoc, VersionDoc
from index import facts
from index.shapes.fields import FIELDS, Field, addon_keys
from index.shapes.keys import object_keys
from index.shapes.parts import AddonParts, Subject, UsersById
from index.shapes.translated_fields import resolve
from index.shapes.urls import ShapeContext, path_name, url_bases
from index.shapes.versions import Shape
from index.shapes.view import View


def _fields(names: Iterable[str], without: str | None = None) -> list[tuple[str, Field]]:
    return [(key, FIELDS[key]) for key in names if key != without]


class Overrides(TypedDict, total=False):
    """What may differ from the document."""

    current: VersionDoc | None  # shown in place of the current version (`appversion`)
    featured: bool | None  # v3; None: as recommended


class Shapes(AddonParts):
    def __init__(self, version_name: str, context: ShapeContext) -> None:
        super().__init__(version_name, context)
        # Personas alone have `theme_data`, and no `weekly_downloads` (contract/addons.md 5).
        names = addon_keys(version_name)
        self._persona_fields = _fields(names, without="weekly_downloads")
        self._addon_fields = _fields(names, without="theme_data")
        self._suggestion_fields = _fields(object_keys("suggestion", version_name))
        self._tool_fields = _fields(object_keys("tool", version_name))

    def detail(self, addon: AddonDoc, users: UsersById, view: View, **overrides: Unpack[Overrides]) -> Shape:
        """The add-on object (contract/addons.md 5)."""
        return self._addon(self._subject(addon, users, view, compact=False), **overrides)

    def row(self, addon: AddonDoc, users: UsersById, view: View, **overrides: Unpack[Overrides]) -> Shape:
        """A search result, without the `_score` that v4 and v5 have after it."""
        return self._addon(self._subject(addon, users, view, compact=True), **overrides)

    def suggestion(self, addon: AddonDoc, view: View) -> Shape:
        """An autocomplete result (contract/addons.md 10.2)."""
        subject = self._subject(addon, {}, view, compact=True)
        return {key: make(self, subject) for key, make in self._suggestion_fields}

    def with_unlisted(self, detail: Shape, addon: AddonDoc, view: View) -> Shape:
        """Adds the latest unlisted version, for those who may see it; returns the same object."""
        latest = facts.latest_unlisted_version(addon)
        detail["latest_unlisted_version"] = latest and self.version(addon, latest, view, "current")
        return detail

    def eula_policy(self, addon: AddonDoc, view: View) -> Shape:
        wrap, default = self.context.links.wrap_all, addon["default_locale"]
        return {key: resolve(addon[key], view, default, wrap) for key in ("eula", "privacy_policy")}

    def language_tool(self, addon: AddonDoc, view: View) -> Shape:
        """A language-tools result (contract/addons.md 10.5), which begins with the id."""
        subject = self._subject(addon, {}, view, compact=False)
        return {key: make(self, subject) for key, make in self._tool_fields}

    def compatible_version(self, version: VersionDoc, view: View) -> Shape:
        """A language tool's `current_compatible_version`, which follows its id."""
        return self.version(cast(AddonDoc, {}), version, view, "tool")  # it needs nothing of the add-on

    def _subject(self, addon: AddonDoc, users: UsersById, view: View, *, compact: bool) -> Subject:
        current = facts.current_version(addon)
        promotions = facts.promotions(addon, current) if current else []
        return Subject(
            addon, users, view, url_bases(self.context, view), path_name(addon), current, promotions, compact
        )

    def _addon(
        self, subject: Subject, current: VersionDoc | None = None, featured: bool | None = None
    ) -> Shape:
        subject.current, subject.featured = current or subject.current, featured
        fields = self._persona_fields if subject.addon["type"] == "persona" else self._addon_fields
        return {key: make(self, subject) for key, make in fields}
