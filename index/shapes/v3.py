"""API v3: the keys v3 was documented with (contract/versions.md 2), and what its successors carried back
(`type`, `previews`).

No `created`, `promoted` or `_score`; a search result's version has neither
release notes nor licence; 32 and 64 pixel icons.
"""

from conf.vocabulary import APPS
from index.shapes.shape import Shapes


class V3(Shapes):
    version_name = "v3"
    addon_keys = (
        "id",
        "authors",
        "average_daily_users",
        "categories",
        "contributions_url",
        "current_version",
        "default_locale",
        "description",
        "developer_comments",
        "edit_url",
        "guid",
        "has_eula",
        "has_privacy_policy",
        "homepage",
        "icon_url",
        "icons",
        "is_disabled",
        "is_experimental",
        "is_featured",
        "is_source_public",
        "last_updated",
        "name",
        "previews",
        "ratings",
        "ratings_url",
        "requires_payment",
        "review_url",
        "slug",
        "status",
        "summary",
        "support_email",
        "support_url",
        "tags",
        "theme_data",  # personas only
        "type",
        "url",
        "versions_url",
        "weekly_downloads",
    )
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
    file_keys = (
        "id",
        "created",
        "hash",
        "is_restart_required",
        "is_webextension",
        "is_mozilla_signed_extension",
        "platform",
        "size",
        "status",
        "url",
        "permissions",
    )
    files_as_array = True
    license_keys = ("id", "name", "text", "url")
    license_text_places = frozenset({"list", "detail"})
    left_out_of_search = frozenset({"license", "release_notes"})
    everywhere = tuple(APPS)
    score_key = False
