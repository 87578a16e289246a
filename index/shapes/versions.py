"""The version object and what is in it: files, compatibility, licence (contract/addons.md 6)."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final, NamedTuple, get_args

from conf import licenses
from conf.gates import enabled
from conf.model.addons import AddonDoc, FileDoc, VersionDoc
from conf.vocabulary import APPS, DEFAULT_MAX
from index import facts
from index.shapes.keys import VersionContext, keys_of, license_keys, version_keys
from index.shapes.translated_fields import TranslatedValue, fallback_locale, resolve, translated_license_name
from index.shapes.urls import ShapeContext, download, path_name, places
from index.shapes.view import View

Shape = dict[str, Any]


class VersionSubject(NamedTuple):
    """One version being shown to one caller."""

    addon: AddonDoc
    version: VersionDoc
    view: View
    place: VersionContext


class VersionShapes:
    """Versions as one API version shows them."""

    def __init__(self, version_name: str, context: ShapeContext) -> None:
        """`version_name`: "v3"."""
        self.context = context
        self._file_keys = keys_of("file", version_name)
        self._file_values = itemgetter(*self._file_keys)
        # Shown for types that store no compatibility.
        self._everywhere = {
            app.short: {"min": app.default_min, "max": DEFAULT_MAX}
            for app in APPS.values()
            if not app.legacy or enabled(version_name, "legacy_apps")
        }
        contexts: tuple[VersionContext, ...] = get_args(VersionContext)
        self._license_keys = {place: license_keys(version_name, place) for place in contexts}
        self._version_keys = {
            (place, private): version_keys(version_name, place, private=private)
            for place in contexts
            for private in (False, True)
        }

    def version(
        self,
        addon: AddonDoc,
        version: VersionDoc,
        view: View,
        place: VersionContext,
        *,
        private: bool = False,
    ) -> Shape:
        """A version in the shape its place calls for.

        `private` adds what only authors and reviewers see, where the API version has that.
        """
        subject = VersionSubject(addon, version, view, place)
        shape: Shape = {}
        for key in self._version_keys[place, private]:
            make = _MADE.get(key)
            shape[key] = make(self, subject) if make else version[key]  # type: ignore[literal-required]
        return shape

    def _compatibility(self, subject: VersionSubject) -> Mapping[str, Any]:
        declared = subject.version["compatibility"]
        if not declared:
            return {} if facts.declares_compatibility(subject.addon, subject.version) else self._everywhere
        if declared.keys() <= APPS.keys():
            return declared
        return {app: span for app, span in declared.items() if app in APPS}

    def _edit_url(self, subject: VersionSubject) -> str:
        developers = places(self.context, subject.view).developers
        return f"{developers}{path_name(subject.addon)}/versions/{subject.version['id']}"

    def _source(self, subject: VersionSubject) -> str | None:
        source = subject.version["source"]
        if source and "source_stored" in subject.version:
            return download(self.context, source, subject.view.printed_app)
        return source

    def _files(self, subject: VersionSubject) -> list[Shape]:
        return [self._shape_of_file(file, subject.view) for file in subject.version["files"]]

    def _file(self, subject: VersionSubject) -> Shape:
        return self._shape_of_file(subject.version["files"][0], subject.view)

    def _shape_of_file(self, file: FileDoc, view: View) -> Shape:
        shape: Shape = dict(zip(self._file_keys, self._file_values(file), strict=True))
        shape["url"] = download(self.context, file["url"], view.printed_app)
        return shape

    def _release_notes(self, subject: VersionSubject) -> TranslatedValue:
        notes = subject.version["release_notes"]
        default = fallback_locale(notes, subject.addon["default_locale"])
        compact = subject.place == "search"
        return resolve(notes, subject.view, default, self.context.links.wrap_all, compact=compact)

    def _license(self, subject: VersionSubject) -> Shape | None:
        """Of a built-in one the site itself knows name and URL, whatever is stored."""
        license = subject.version["license"]
        if license is None:
            return None
        addon, view, slug = subject.addon, subject.view, license["slug"]
        default, name, text = addon["default_locale"], license["name"], license["text"]
        shape: Shape = {"id": license["id"], "is_custom": slug is None, "slug": slug}
        if built_in := licenses.by_slug(slug) if slug else None:
            shape |= {
                "name": view.site_text(translated_license_name, slug or "", default),
                "text": None,
                "url": built_in.url,
            }
        else:
            page = f"{places(self.context, view).addon}{path_name(addon)}/license/"
            shape["name"] = resolve(name, view, fallback_locale(name, default))
            shape["text"] = resolve(text, view, fallback_locale(text, default), self.context.links.wrap_all)
            shape["url"] = license["url"] or page
        return {key: shape[key] for key in self._license_keys[subject.place]}


# Keys that are not the document's own value.
_MADE: Final = {
    "compatibility": VersionShapes._compatibility,
    "edit_url": VersionShapes._edit_url,
    "file": VersionShapes._file,
    "files": VersionShapes._files,
    "license": VersionShapes._license,
    "release_notes": VersionShapes._release_notes,
    "source": VersionShapes._source,
}
