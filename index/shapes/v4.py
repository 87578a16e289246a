"""API v4: `promoted` as an object, `created`, licences that say whether they are custom."""

from conf.vocabulary import APPS
from index.shapes.shape import Shapes


class V4(Shapes):
    version_name = "v4"
    suggestion_keys = ("id", "icon_url", "name", "promoted", "type", "url")
    tool_keys = ("id", "default_locale", "guid", "name", "slug", "target_locale", "type", "url")
    preview_keys = ("id", "caption", "image_size", "image_url", "thumbnail_size", "thumbnail_url")
    icon_sizes = ("32", "64", "128")
    files_as_array = True
    license_keys = ("id", "is_custom", "name", "text", "url")
    license_text_places = frozenset({"list", "detail"})
    everywhere = tuple(APPS)  # Thunderbird asks v4 too
    score_key = True
    category_apps = frozenset({"firefox", "android"})
    category_types = frozenset({"extension", "statictheme", "dictionary", "language"})
