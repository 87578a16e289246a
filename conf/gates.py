"""Which API version does what: the differences that request handling needs.

    enabled("v3", "featured_endpoint")  -> True

One table, gate -> versions. Where sources disagree it says which wins (contract/versions.md)
over them; how objects *look* in a version is the business of index/shapes.
"""

from typing import Final

_ALL: Final = frozenset({"v3", "v4", "v5"})
_V3: Final = frozenset({"v3"})
_V3_V4: Final = frozenset({"v3", "v4"})
_V4_V5: Final = frozenset({"v4", "v5"})
_V5: Final = frozenset({"v5"})

GATES: Final[dict[str, frozenset[str]]] = {
    # Endpoints: 404 in other versions (contract/versions.md 1, contract/addons.md 1).
    "featured_endpoint": _V3,
    "compat_override": _V3,
    "reviews_paths": _V3,  # /reviews/review/, `rating` and `title` in its objects
    "ratings_paths": _V4_V5,  # /ratings/rating/, `score`
    "site": _V4_V5,
    "browser_mappings": _V5,
    "listing_content_review": _V5,
    "uploads": _V5,  # 401 or 403 in the others (contract/uploads.md 1)
    "signing": _V3_V4,
    "applications": _V4_V5,
    "tags": _V5,
    "scanner_results": _V4_V5,
    "rollback": _V5,
    "blocklist": _V4_V5,
    "authenticate": _V3,  # the older address of the way back of a sign-in (contract/auth.md 8.2)
    "hero": _V4_V5,
    "shelves": _V5,
    "changes": _V5,  # our own
    "export": _V5,  # our own
    "discovery": _ALL,  # browsers ask v4, older ones v3
    # Parameters of search, autocomplete and featured.
    "category_needs_app": _V3_V4,  # needs `app` and `type`, otherwise ignored; v5: `type`, otherwise 400
    "platform_filter": _V3_V4,
    "featured_filter": _V3,
    "random_needs_featured": _V3,  # `promoted` does not do
    "autocomplete_sort": _V3,
    # app=thunderbird and seamonkey: v3's own, and Thunderbird's calls of v4 (contract/clients.md 2)
    "legacy_apps": _V3_V4,
    # Other parameters.
    "wrap_outgoing_links": _V3_V4,
    "flat_translations": _V3_V4,  # `lang` gives plain strings; a plain string is taken on writes
    "language_tools_need_app": _V3_V4,
    "recommendations_need_guid": _V4_V5,  # contract/versions.md 16
    # Keys of answers that handlers put together themselves.
    "block_limits": frozenset({"v4"}),  # min_version and max_version of a block
    "collection_downloads": _V3,  # `downloads` of an item
    "discovery_html": _V3,  # `heading` and `description`
    "locale_disambiguation": _V3,
    "pending_info_request": _V3,  # a flag of reviewers
    "search_scores": _V4_V5,  # `_score` of a result
    "note_user_nulls": _V3,  # review notes: id, username, url of the user as null
}

# Default sort without `q` (contract/versions.md 5, contract/search.md 3.3).
DEFAULT_SORTS: Final[dict[str, tuple[str, ...]]] = {
    "v3": ("downloads",),
    "v4": ("recommended", "downloads"),
    "v5": ("recommended", "users"),
}

_SEED_SORTS: Final = frozenset(
    {"created", "downloads", "hotness", "random", "rating", "relevance", "updated", "users"}
)
# v4 has v3's keys and the one its changelog adds (2019-05-23).
SORTS: Final[dict[str, frozenset[str]]] = {
    "v3": _SEED_SORTS,
    "v4": _SEED_SORTS | {"recommended"},
    "v5": _SEED_SORTS | {"recommended", "name", "ratings"},
}


def enabled(version: str, gate: str) -> bool:
    """Whether `version` ("v3") has `gate`; an unknown gate is a KeyError."""
    return version in GATES[gate]
