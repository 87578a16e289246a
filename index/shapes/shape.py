"""Documents as JSON objects of one API version: everything the versions share.

    shapes = shapes_for("v5", context)          # index/shapes/api_versions.py
    shapes.detail(addon, users, view)           # ready for orjson.dumps

What differs is said by class attributes and a few small methods, all in
api_versions.py. A shape shares lists and objects with its document: add keys to
the shape itself, change nothing inside it. Safe from any thread.

Sources: contract/addons.md 5 to 10, contract/versions.md 2.
"""

from collections.abc import Iterable
from typing import ClassVar, cast

from conf.model.addons import AddonDoc, VersionDoc
from index import facts
from index.shapes.fields import FIELDS, Field, addon_keys
from index.shapes.parts import AddonParts, Subject, UsersById
from index.shapes.translated_fields import resolve
from index.shapes.urls import ShapeContext, path_name, places
from index.shapes.versions import Shape
from index.shapes.view import View


def _fields(keys: Iterable[str], without: str | None = None) -> list[tuple[str, Field]]:
    return [(key, FIELDS[key]) for key in keys if key != without]


class Shapes(AddonParts):
    suggestion_keys: ClassVar[tuple[str, ...]]
    tool_keys: ClassVar[tuple[str, ...]]
    # Whether a search result ends with `_score`, which AddonDocuments.rows appends.
    score_key: ClassVar[bool]

    def __init__(self, context: ShapeContext) -> None:
        super().__init__(context)
        # Personas alone have `theme_data`, and no `weekly_downloads` (contract/addons.md 5).
        keys = addon_keys(self.version_name)
        self._persona_fields = _fields(keys, without="weekly_downloads")
        self._addon_fields = _fields(keys, without="theme_data")
        # All that an add-on object may have, to anybody.
        self.addon_keys = frozenset((*keys, "latest_unlisted_version", *(("_score",) * self.score_key)))
        self._suggestion_fields = _fields(self.suggestion_keys)
        self._tool_fields = _fields(self.tool_keys)

    # -- objects

    def detail(
        self,
        addon: AddonDoc,
        users: UsersById,
        view: View,
        *,
        current: VersionDoc | None = None,
        featured: bool | None = None,
    ) -> Shape:
        """The add-on object (contract/addons.md 5).

        `current` takes the current version's place (a language pack and `appversion`);
        `featured` is for v3, where None means as recommended.
        """
        subject = self._subject(addon, users, view, compact=False)
        subject.featured = featured
        if current is not None:
            subject.current = current
        return self._addon(subject)

    def row(
        self,
        addon: AddonDoc,
        users: UsersById,
        view: View,
        *,
        current: VersionDoc | None = None,
        featured: bool | None = None,
    ) -> Shape:
        """A search result, without the `_score` that follows where `score_key` holds.

        `current` takes the current version's place (`appversion`).
        """
        subject = self._subject(addon, users, view, compact=True)
        subject.featured = featured
        if current is not None:
            subject.current = current
        return self._addon(subject)

    def suggestion(self, addon: AddonDoc, view: View) -> Shape:
        """An autocomplete result (contract/addons.md 10.2)."""
        subject = self._subject(addon, {}, view, compact=True)
        return {key: make(self, subject) for key, make in self._suggestion_fields}

    def with_unlisted(self, detail: Shape, addon: AddonDoc, view: View) -> Shape:
        """A detail object for those who may know the latest unlisted version; the same object."""
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
        return self.version(cast(AddonDoc, {}), version, view, "tool")  # nothing of the add-on is in it

    # -- making

    def _subject(self, addon: AddonDoc, users: UsersById, view: View, *, compact: bool) -> Subject:
        current = facts.current_version(addon)
        promotions = facts.promotions(addon, current) if current else []
        return Subject(
            addon, users, view, places(self.context, view), path_name(addon), current, promotions, compact
        )

    def _addon(self, subject: Subject) -> Shape:
        fields = self._persona_fields if subject.addon["type"] == "persona" else self._addon_fields
        return {key: make(self, subject) for key, make in fields}
