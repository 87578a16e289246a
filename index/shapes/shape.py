"""Documents as JSON objects of one API version: everything the versions share.

    shapes = shapes_for("v5", context)          # index/shapes/api_versions.py
    shapes.detail(addon, users, view)           # ready for orjson.dumps

What differs is said by class attributes and a few small methods, all in
api_versions.py. A shape shares lists and objects with its document: add keys to
the shape itself, change nothing inside it. Safe from any thread.

Sources: contract/addons.md 5 to 10, contract/versions.md 2.
"""

from collections.abc import Iterable
from typing import ClassVar, Final, cast

from conf import categories
from conf.categories import Category
from conf.model.addons import AddonDoc, VersionDoc
from index import facts
from index.shapes.fields import FIELDS, Field, addon_keys
from index.shapes.parts import AddonParts, Subject, UsersById
from index.shapes.translated_fields import resolve
from index.shapes.urls import ShapeContext, path_name, places
from index.shapes.versions import Shape
from index.shapes.view import View

_DISCOVERY_PREVIEW: Final = [680, 92]  # what browsers show of a theme


def _fields(keys: Iterable[str], without: str | None = None) -> list[tuple[str, Field]]:
    return [(key, FIELDS[key]) for key in keys if key != without]


class Shapes(AddonParts):
    suggestion_keys: ClassVar[tuple[str, ...]]
    tool_keys: ClassVar[tuple[str, ...]]
    # Whether a search result ends with `_score`, which AddonDocuments.rows appends.
    score_key: ClassVar[bool]
    # What the categories endpoint lists; None for no limit.
    category_apps: ClassVar[frozenset[str] | None] = None
    category_types: ClassVar[frozenset[str] | None] = None

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

    def discovery_item(
        self,
        addon: AddonDoc,
        users: UsersById,
        view: View,
        *,
        heading_text: str,
        description_text: str,
        is_recommendation: bool = False,
        row: object = None,
    ) -> Shape:
        """A result of the list browsers show; of a theme, the one preview made for it.

        `row` is the search result where that is ready; a theme's is another here.
        """
        shown = {} if row else self.row(addon, users, view)
        if addon["type"] == "statictheme":
            banners = [image for image in shown["previews"] if image["image_size"] == _DISCOVERY_PREVIEW]
            shown["previews"] = banners[:1] or shown["previews"]
        return {
            "addon": row or shown,
            "description_text": description_text,
            "heading_text": heading_text,
            "is_recommendation": is_recommendation,
            **self.discovery_html(addon, users, view, heading_text, description_text),
        }

    def discovery_html(
        self, addon: AddonDoc, users: UsersById, view: View, heading: str, description: str
    ) -> Shape:
        """The same texts as markup, where a version has them."""
        return {}

    def categories(self) -> list[Category]:
        """The categories this version knows, by id."""
        return [
            category
            for category in categories.CATEGORIES
            if (self.category_apps is None or category.app in self.category_apps)
            and (self.category_types is None or category.type in self.category_types)
        ]

    def category(self, category: Category, view: View) -> Shape:
        """A result of the categories endpoint (contract/addons.md 10.4)."""
        return {
            "id": category.id,
            "name": categories.name(category, view.locale),
            "slug": category.slug,
            "application": category.app,
            "misc": category.misc,
            "type": category.type,
            "weight": category.weight,
            "description": None,  # no category of the reference has one
        }

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
