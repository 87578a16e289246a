"""The version object and what is in it: files, compatibility, licence (contract/addons.md 6)."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final, Literal, NamedTuple

from conf import licenses
from conf.model.addons import AddonDoc, FileDoc, LicenseDoc, VersionDoc
from conf.vocabulary import APPS, DEFAULT_MAX
from index import facts
from index.shapes.translated_fields import TranslatedValue, fallback_locale, resolve, said_license
from index.shapes.urls import ShapeContext, download, path_name, places
from index.shapes.view import View

Shape = dict[str, Any]
# Where a version is shown: as an add-on's current or latest unlisted one in its
# detail, in a search result, in the versions list, by itself, in language-tools.
VersionContext = Literal["current", "search", "list", "detail", "tool"]

# The order of contract/addons.md 6; `files` comes last where it is an array.
_KEYS: Final = (
    "id",
    "approval_notes",
    "channel",
    "compatibility",
    "edit_url",
    "file",
    "is_disabled",
    "is_strict_compatibility_enabled",
    "license",
    "release_notes",
    "reviewed",
    "source",
    "version",
    "files",
)
_ALL: Final = ("v3", "v4", "v5")
# The keys of a file in their order, and the versions of the API that have them.
_FILE_KEYS: Final = {
    "id": _ALL,
    "created": _ALL,
    "hash": _ALL,
    "is_restart_required": ("v3", "v4"),
    "is_webextension": ("v3", "v4"),
    "is_mozilla_signed_extension": _ALL,
    "platform": ("v3", "v4"),
    "size": _ALL,
    "status": _ALL,
    "url": _ALL,
    "permissions": _ALL,
    "optional_permissions": ("v4", "v5"),
    "host_permissions": ("v5",),
    "data_collection_permissions": ("v5",),
    "optional_data_collection_permissions": ("v5",),
}
_PLACES: Final[tuple[VersionContext, ...]] = ("current", "search", "list", "detail", "tool")
_PRIVATE: Final = frozenset({"approval_notes", "is_disabled", "source"})  # the authors' and reviewers'
_TOOL: Final = frozenset({"id", "file", "files", "reviewed", "version"})


class VersionSubject(NamedTuple):
    """One version being shown to one caller."""

    addon: AddonDoc
    version: VersionDoc
    view: View
    place: VersionContext

    def page(self, context: ShapeContext) -> str:
        """The add-on's page on the site."""
        return f"{places(context, self.view).addon}{path_name(self.addon)}/"


class VersionShapes:
    """Versions as one API version shows them; the class attributes say how."""

    version_name: str  # "v3"
    files_as_array: bool
    license_keys: tuple[str, ...]
    # Where a licence comes with its text.
    license_text_places: frozenset[VersionContext]
    # Keys that a search result's version does not have.
    left_out_of_search: frozenset[str] = frozenset()
    has_private_fields: bool = False
    # Shown for types that store no compatibility.
    everywhere: tuple[str, ...]

    def __init__(self, context: ShapeContext) -> None:
        self.context = context
        self._file_keys = self.file_keys()
        self._file_values = itemgetter(*self._file_keys)
        self._everywhere = {
            app: {"min": APPS[app].default_min, "max": DEFAULT_MAX} for app in self.everywhere
        }
        self._version_keys = {
            (place, private): self.keys_at(place, private=private)
            for place in _PLACES
            for private in (False, True)
        }

    @property
    def version_keys(self) -> frozenset[str]:
        """All that a version object may have where it stands by itself."""
        return frozenset(self._version_keys["detail", True])

    @classmethod
    def file_keys(cls) -> list[str]:
        return [key for key, who in _FILE_KEYS.items() if cls.version_name in who]

    @classmethod
    def keys_at(cls, place: VersionContext, *, private: bool) -> tuple[str, ...]:
        """The keys of a version there, in their order."""
        absent = {"file" if cls.files_as_array else "files"}
        if place not in ("list", "detail"):
            absent |= {"channel", *_PRIVATE}
        elif not (private and cls.has_private_fields):
            absent |= _PRIVATE
        if place == "search":
            absent |= cls.left_out_of_search
        return tuple(key for key in _KEYS if key not in absent and (place != "tool" or key in _TOOL))

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
        is_here = source is not None and "source_stored" in subject.version
        return download(self.context, source, subject.view.printed_app) if source and is_here else source

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
        if not notes:
            return None
        default = fallback_locale(notes, subject.addon["default_locale"])
        compact = subject.place == "search"
        return resolve(notes, subject.view, default, self.context.links.wrap_all, compact=compact)

    def _license(self, subject: VersionSubject) -> Shape | None:
        license = subject.version["license"]
        if license is None:
            return None
        built_in = licenses.by_slug(license["slug"]) if license["slug"] else None
        if built_in:
            shape = self._built_in_license(license["id"], built_in, subject)
        else:
            shape = self._custom_license(license, subject)
        with_text = subject.place in self.license_text_places
        return {key: shape[key] for key in self.license_keys if key != "text" or with_text}

    def _built_in_license(self, id: int, license: licenses.License, subject: VersionSubject) -> Shape:
        return {
            "id": id,
            "is_custom": False,
            "name": subject.view.say(said_license, license.slug, subject.addon["default_locale"]),
            "slug": license.slug,
            "text": None,
            "url": license.url,
        }

    def _custom_license(self, license: LicenseDoc, subject: VersionSubject) -> Shape:
        default, view = subject.addon["default_locale"], subject.view
        name, text = license["name"], license["text"]
        return {
            "id": license["id"],
            "is_custom": license["slug"] is None,
            "name": resolve(name, view, fallback_locale(name, default)),
            "slug": license["slug"],
            "text": resolve(text, view, fallback_locale(text, default), self.context.links.wrap_all),
            "url": license["url"] or f"{subject.page(self.context)}license/",
        }


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
