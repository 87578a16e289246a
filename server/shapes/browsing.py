"""A version that reviewers browse, as JSON (contract/reviewers.md 4).

Pure; any thread.
"""

from conf.model.addons import AddonDoc, VersionDoc
from index.shapes.translated_fields import resolve
from index.shapes.urls import ShapeContext, icon, path_name, url_bases
from index.shapes.versions import Shape
from index.shapes.view import View


def version_row(version: VersionDoc) -> Shape:
    """A row of the list of versions that can be browsed."""
    return {key: version[key] for key in ("id", "channel", "version")}


def browsed_version(
    context: ShapeContext, addon: AddonDoc, version: VersionDoc, view: View, *, is_validated: bool
) -> Shape:
    """The version without the keys `file` and `file_entries`, which the handler adds."""
    file_id = version["files"][0]["id"]
    page = f"{url_bases(context, view).developers}{path_name(addon)}/file/{file_id}/validation"
    reviewers = f"{context.site_url}/api/{view.version}/reviewers/addon/{addon['_id']}"
    return {
        **version_row(version),
        "reviewed": version["reviewed"],
        "addon": {
            "id": addon["_id"],
            "name": resolve(addon["name"], view, addon["default_locale"]),
            "icon_url": icon(context, addon["icons"], "64"),
            "slug": addon["slug"],
        },
        "validation_url": page,
        "validation_url_json": f"{reviewers}/file/{file_id}/validation/",
        "has_been_validated": is_validated,
    }
