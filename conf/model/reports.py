"""Abuse reports, and their vocabulary (contract/extras.md 2).

    {"kind": "report", "_id": 1, "target": "addon", "guid": "tab@example.org", "target_id": 7,
     "reporter_id": null, "country": "DE", "locale": "de", "created": "2026-01-02T03:04:05Z",
     "fields": {"message": "It opens windows.", "reason": "damage"}}

Only operators can read reports.
"""

from typing import Final, TypedDict

from conf.tables import read_table


class ReportDoc(TypedDict):
    """Collection `reports`."""

    _id: int
    target: str  # a key of TARGET_FIELDS
    guid: str | None  # of an add-on
    target_id: int | None  # None: an add-on that is not public
    reporter_id: int | None
    country: str | None  # two letters
    locale: str  # the language of the answer
    created: str
    fields: dict[str, str]  # the sent ones, by their names in the API


COMMON_FIELDS: Final = (
    *("lang", "reason", "message", "reporter_name", "reporter_email"),
    *("illegal_category", "illegal_subcategory"),
)
# Further fields by target.
TARGET_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "addon": (
        *("addon_install_method", "addon_install_origin", "addon_install_source", "addon_install_source_url"),
        *("addon_name", "addon_signature", "addon_summary", "addon_version", "app", "appversion"),
        *("client_id", "install_date", "operating_system", "operating_system_version", "report_entry_point"),
        "location",
    ),
    "user": (),
    "rating": (),
    "collection": (),
}


_WORDS: Final = read_table("model/reports.toml")


def _words(name: str) -> tuple[str, ...]:
    return tuple(_WORDS[name])


REASONS: Final = dict.fromkeys(TARGET_FIELDS, _words("reasons")) | {"addon": _words("addon_reasons")}
ENTRY_POINTS: Final = _words("entry_points")
LOCATIONS: Final = _words("locations")
REPORTING_APPS: Final = _words("apps")
INSTALL_METHODS: Final = _words("install_methods")
INSTALL_SOURCES: Final = _words("install_sources")
SIGNATURES: Final = _words("signatures")
OTHER: Final = "other"
ILLEGAL: Final = "illegal"  # the reason that needs a category
# Category -> subcategories; `other` is one of each.
ILLEGAL_CATEGORIES: Final[dict[str, tuple[str, ...]]] = {
    category: tuple(words) for category, words in _WORDS["illegal_subcategories"].items()
}
ILLEGAL_SUBCATEGORIES: Final = (OTHER, *(word for words in ILLEGAL_CATEGORIES.values() for word in words))
