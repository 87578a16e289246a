"""The version object with its files, compatibility and licence (contract/addons.md 6)."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final, NamedTuple, get_args

from conf import licenses
from conf.gates import enabled
from conf.model.addons import AddonDoc, FileDoc, VersionDoc
from conf.vocabulary import APPS, DEFAULT_MAX
from index import facts
from index.shapes.keys import VersionContext, license_keys, object_keys, version_keys
from index.shapes.translated_fields import TranslatedValue, fallback_locale, resolve, translated_license_name
from index.shapes.urls import ShapeContext, download, path_name, url_bases
from index.shapes.view import View

Shape = dict[str, Any]


class VersionSubject(NamedTuple):
    """One version as one caller is to see it."""

    addon: AddonDoc
    version: VersionDoc
    view: View
    place: VersionContext


class VersionShapes:
    """Versions as one API version shows them."""

    def __init__(self, version_name: str, context: ShapeContext) -> None:
        """`version_name`: "v3"."""
        self.context = context
        self._file_keys = object_keys("file", version_name)
        self._file_values = itemgetter(*self._file_keys)
        # For types of add-ons that declare no compatibility.
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
        """A version as it is shown in a place.

        `private` adds what only authors and reviewers may see, if the API version has it.
        """
        subject = VersionSubject(addon, version, view, place)
        shape: Shape = {}
        for key in self._version_keys[place, private]:
            make = _COMPUTED.get(key)
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
        developers = url_bases(self.context, subject.view).developers
        return f"{developers}{path_name(subject.addon)}/versions/{subject.version['id']}"

    def _source(self, subject: VersionSubject) -> str | None:
        source = subject.version["source"]
        if source and "source_stored" in subject.version:
            return download(self.context, source, subject.view.printed_app)
        return source

    def _files(self, subject: VersionSubject) -> list[Shape]:
        return [self._file_shape(file, subject.view) for file in subject.version["files"]]

    def _file(self, subject: VersionSubject) -> Shape:
        return self._file_shape(subject.version["files"][0], subject.view)

    def _file_shape(self, file: FileDoc, view: View) -> Shape:
        shape: Shape = dict(zip(self._file_keys, self._file_values(file), strict=True))
        shape["url"] = download(self.context, file["url"], view.printed_app)
        return shape

    def _release_notes(self, subject: VersionSubject) -> TranslatedValue:
        notes = subject.version["release_notes"]
        default = fallback_locale(notes, subject.addon["default_locale"])
        compact = subject.place == "search"
        return resolve(notes, subject.view, default, self.context.links.wrap_all, compact=compact)

    def _license(self, subject: VersionSubject) -> Shape | None:
        """The name and URL of a built-in licence are the site's own, whatever is stored."""
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
            page = f"{url_bases(self.context, view).addon}{path_name(addon)}/license/"
            shape["name"] = resolve(name, view, fallback_locale(name, default))
            shape["text"] = resolve(text, view, fallback_locale(text, default), self.context.links.wrap_all)
            shape["url"] = license["url"] or page
        return {key: shape[key] for key in self._license_keys[subject.place]}


# Keys whose values are not just copied from the document.
_COMPUTED: Final = {
    "compatibility": VersionShapes._compatibility,
    "edit_url": VersionShapes._edit_url,
    "file": VersionShapes._file,
    "files": VersionShapes._files,
    "license": VersionShapes._license,
    "release_notes": VersionShapes._release_notes,
    "source": VersionShapes._source,
}
