"""API v3: the keys v3 was documented with (contract/versions.md 2), and what its successors carried back
(`type`, `previews`).

No `created`, `promoted` or `_score`; a search result's version has neither
release notes nor licence; 32 and 64 pixel icons.
"""

from conf.vocabulary import APPS
from index.shapes.shape import Shapes


class V3(Shapes):
    version_name = "v3"
    suggestion_keys = ("id", "icon_url", "name", "type", "url")
    tool_keys = (
        "id",
        "default_locale",
        "guid",
        "name",
        "slug",
        "target_locale",
        "type",
        "url",
        "locale_disambiguation",
    )
    preview_keys = ("id", "caption", "image_size", "image_url", "thumbnail_size", "thumbnail_url")
    icon_sizes = ("32", "64")
    files_as_array = True
    license_keys = ("id", "name", "text", "url")
    license_text_places = frozenset({"list", "detail"})
    left_out_of_search = frozenset({"license", "release_notes"})
    everywhere = tuple(APPS)
    score_key = False
