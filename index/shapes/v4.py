"""API v4: `promoted` as an object, `created`, licences that say whether they are custom."""

from conf.vocabulary import APPS
from index.shapes.shape import Shapes


class V4(Shapes):
    version_name = "v4"
    addon_keys = (
        "id",
        "authors",
        "average_daily_users",
        "categories",
        "contributions_url",
        "created",
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
        "last_updated",
        "name",
        "previews",
        "promoted",
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
        "type",
        "url",
        "versions_url",
        "weekly_downloads",
    )
    suggestion_keys = ("id", "icon_url", "name", "promoted", "type", "url")
    tool_keys = ("id", "default_locale", "guid", "name", "slug", "target_locale", "type", "url")
    preview_keys = ("id", "caption", "image_size", "image_url", "thumbnail_size", "thumbnail_url")
    icon_sizes = ("32", "64", "128")
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
        "optional_permissions",
    )
    files_as_array = True
    license_keys = ("id", "is_custom", "name", "text", "url")
    license_text_places = frozenset({"list", "detail"})
    everywhere = tuple(APPS)  # Thunderbird asks v4 too
    score_key = True
    category_apps = frozenset({"firefox", "android"})
    category_types = frozenset({"extension", "statictheme", "dictionary", "language"})
