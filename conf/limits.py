"""Every limit that is not a setting: sizes of what callers send, rates, lifetimes of credentials.

A constant named MAX_… is a Limit, and a row of the table in conf/README.md, beside the settings of
the same kind (`conf/settings/settings.py`). THROTTLES has the rates of writes.
"""

from typing import Final, NamedTuple, Self

_FIELD: Final = "400, under the field's name"
_VALIDATION: Final = "an error of the validation"
_WHOLE_ALONE: Final = "400, under `non_field_errors`"
_WHOLE: Final = "400, under `non_field_errors`; `load` names and refuses it"


class Limit(int):
    """A number with its row in conf/README.md: its `subject`, its `unit`, and what happens `beyond` it."""

    subject: str
    unit: str
    beyond: str

    def __new__(cls, number: int, subject: str, unit: str, beyond: str) -> Self:
        limit = super().__new__(cls, number)
        limit.subject, limit.unit, limit.beyond = subject, unit, beyond
        return limit


# Every request.
MAX_PARAMETERS: Final = Limit(1000, "query string", "parameters", "400")
MAX_TEXTS_BYTES: Final = Limit(2 * 1024 * 1024, "JSON with long texts, texts of a form", "bytes", "413")
MAX_JSON_BYTES: Final = Limit(64 * 1024, "other JSON", "bytes", "413")
MAX_JSON_ITEMS: Final = Limit(50_000, "JSON", "commas and opening brackets", "400")  # in texts as well
MAX_BOUNDARY: Final = Limit(70, "boundary of a multipart form", "characters", "400")  # RFC 2046
MAX_MAIL_ITEMS: Final = Limit(200_000, "JSON of a mail", "commas and opening brackets", "400")
MAX_JSON_DEPTH: Final = Limit(20, "JSON", "levels", "400")  # our own deepest is 5
MAX_FORM_PARTS: Final = Limit(100, "parts of a form with large files", "parts", "400")
MIN_SENDING_RATE: Final = 4096  # bytes a second a caller sends of a large file
MIN_READING_RATE: Final = 4096  # bytes a second a caller takes of an answer
MAX_LANG: Final = Limit(
    35, "`lang`", "characters of a language code", "400 in v5, the default language before"
)
MAX_ACCEPT_LANGUAGE: Final = Limit(500, "`Accept-Language`", "characters", "the rest is not read")

# Parameters (contract/requests.md 5, contract/search.md 6). Lists: values between commas.
MAX_QUERY: Final = Limit(100, "`q`", "characters", "400")  # in lower case
MAX_GUIDS: Final = Limit(500, "`guid` of searches and overrides", "different values", "400")  # a profile's
MAX_VALUES: Final = Limit(100, "every other list between commas", "different values", "400")
MAX_FACET_VALUES: Final = Limit(100, "values of a facet", "values", "the rarest are left out")
MAX_FACET_TERMS: Final = Limit(
    5_000,
    "tags, permissions of all add-ons that facets know",
    "different ones",
    "the others are not counted",
)
MAX_LISTENERS: Final = Limit(200, "`changes/`", "callers who wait at once", "429")
MAX_CHANGES_MISSED: Final = Limit(20_000, "`changes/` since a token", "changes", "410: read `export/` again")
MAX_WAIT: Final = Limit(60, "`wait` of `changes/`", "seconds", "as many")
MAX_EXPORTS: Final = Limit(4, "`export/`", "exports sent at once", "429")
MAX_PAGE_SIZE: Final = Limit(50, "`page_size`", "rows", "as many")
MAPPINGS_PAGE_SIZE: Final = 100
MAX_GUID: Final = Limit(255, "`guid` of recommendations", "characters", "400")

# Fields (contract/writes.md 3 to 10); lengths in characters.
MAX_NAME: Final = Limit(50, "name of an add-on", "characters", _FIELD)
MAX_SUMMARY: Final = Limit(250, "summary", "characters", _FIELD)
MAX_SLUG: Final = Limit(30, "slug", "characters", _FIELD)
MAX_REPORT: Final = Limit(10_000, "message of an abuse report", "characters", _FIELD)
MAX_REPORT_TEXT: Final = Limit(255, "other texts of an abuse report", "characters", _FIELD)
MAX_CLIENT_ID: Final = Limit(64, "`client_id` of an abuse report", "characters", _FIELD)
MAX_CAPTION: Final = Limit(280, "caption of a preview", "characters", _FIELD)
# Where the reference has no number, a limit is well above the longest known value, which the comment has.
MAX_DESCRIPTION: Final = Limit(15_000, "description, developer comments", "characters", _FIELD)  # 5,470
MAX_RELEASE_NOTES: Final = Limit(15_000, "release notes", "characters", _FIELD)  # 9,243
MAX_LEGAL_TEXT: Final = Limit(150_000, "EULA, privacy policy", "characters", _FIELD)  # some exceed 100,000
MAX_LICENSE_TEXT: Final = Limit(100_000, "text of a licence of one's own", "characters", _FIELD)
MAX_LICENSE_NAME: Final = Limit(200, "its name", "characters", _FIELD)
MAX_URL: Final = Limit(2048, "any address", "characters", _FIELD)
MAX_EMAIL: Final = Limit(254, "e-mail address", "characters", _FIELD)
MAX_RATING: Final = Limit(15_000, "rating, reply to one", "characters", _FIELD)
MAX_BIOGRAPHY: Final = Limit(15_000, "biography", "characters", _FIELD)
MAX_NOTICE: Final = Limit(1000, "notice of the site", "characters", _FIELD)
MAX_FILES: Final = Limit(8, "files of a version", "files", _FIELD)  # one a platform
MAX_PERMISSIONS: Final = Limit(1000, "permissions of a file, of each kind", "permissions", _FIELD)  # 399
MAX_PERMISSION: Final = Limit(1000, "permission", "characters", _FIELD)
MAX_FILE_BYTES: Final = Limit(2**40, "size of a file", "bytes", _FIELD)
MAX_POSITION: Final = Limit(10_000, "position of an author or a preview", "places", _FIELD)
MAX_SIDE: Final = Limit(100_000, "side of a preview", "pixels", _FIELD)
MAX_DEPTH: Final = Limit(20, "markup of a text", "tags inside each other", "text")  # 3
# In all languages together, because the time of a read depends on it.
MAX_ADDON_TEXT: Final = Limit(500_000, "all texts of an add-on, in all languages", "characters", _WHOLE)
MAX_ADDON_LINKS: Final = Limit(1_000, "links in them", "links", _WHOLE)
MAX_VERSION_TEXT: Final = Limit(200_000, "all texts of a version, its licence's too", "characters", _WHOLE)
MAX_VERSION_LINKS: Final = Limit(100, "links in those", "links", _WHOLE)
MAX_ADDON_BYTES: Final = Limit(
    4 * 1024 * 1024, "add-on with its versions", "bytes as JSON", "400, under `non_field_errors`"
)
MAX_TAGS: Final = Limit(10, "tags of an add-on", "tags", _FIELD)
MAX_CATEGORIES: Final = Limit(3, "categories of an add-on", "categories", _FIELD)  # contract/writes.md 12
MIN_DISPLAY_NAME: Final = 2
MAX_DISPLAY_NAME: Final = Limit(50, "display name", "characters", _FIELD)
MAX_PROFILE_TEXT: Final = Limit(255, "other texts of an account", "characters", _FIELD)
MAX_NOTE: Final = Limit(100_000, "review notes, notes for reviewers", "characters", _FIELD)
MAX_VERSION_STRING: Final = Limit(255, "version number", "characters", _FIELD)
MIN_SCORE: Final = 1
MAX_SCORE: Final = Limit(5, "score of a rating", "stars", _FIELD)
MAX_IMAGE_BYTES: Final = Limit(4 * 1024 * 1024, "icon, preview, picture", "bytes", _FIELD)
MAX_IMAGE_PIXELS: Final = Limit(40_000_000, "icon, preview, picture", "pixels", _FIELD)
MAX_IMAGE_PARTS: Final = Limit(1_000, "chunks or segments before an image's pixels", "parts", _FIELD)  # 255
# A package (contract/uploads.md 4); how large it may be itself is a setting.
MAX_MEMBER_BYTES: Final = Limit(100 * 1024 * 1024, "file in a package", "bytes", _VALIDATION)
MAX_ARCHIVE_BYTES: Final = Limit(250 * 1024 * 1024, "files in a package together", "bytes", _VALIDATION)
MAX_ARCHIVE_MEMBERS: Final = Limit(20_000, "files in a package", "files", _VALIDATION)
MAX_PARSED_BYTES: Final = Limit(
    5 * 1024 * 1024, "manifest, script, style or page in a package", "bytes", _VALIDATION
)
MAX_NAMED_GUID: Final = Limit(64, "id of an add-on that only the address names", "characters", "400")
MAX_THEME_BYTES: Final = Limit(7 * 1024 * 1024, "package of a static theme", "bytes", _VALIDATION)
MAX_VALIDATION_MESSAGES: Final = Limit(500, "result of a validation", "messages", "the others are not told")
MAX_DRAFTS: Final = Limit(500, "draft comments of a reviewer about a version", "comments", _WHOLE_ALONE)
MAX_FILE_NAME: Final = Limit(255, "file that a draft comment is about", "characters", _FIELD)
MAX_RULES: Final = Limit(500, "rules that a scanner says match", "rules", _FIELD)
# Packages as reviewers look into them (contract/reviewers.md 4).
_DOWNLOADED: Final = "it is not shown; it can be downloaded"
MAX_BROWSED_TEXT: Final = Limit(5 * 1024 * 1024, "text of a package", "bytes", _DOWNLOADED)
MAX_COMPARED_LINES: Final = Limit(250_000, "two texts that are compared", "lines together", _DOWNLOADED)
MAX_BROWSED_PATH: Final = Limit(1000, "path in a package that is browsed", "characters", "422")
MAX_BROWSED_ENTRIES: Final = Limit(40_000, "package that is browsed", "files and folders", "422")
MAX_BROWSED_BYTES: Final = Limit(
    24 * 1024 * 1024, "answer about a package", "bytes", "422; a text of three quarters is not shown"
)
MAX_POLICIES: Final = Limit(50, "policies of a reviewer's decision", "policies", _FIELD)
MAX_POLICY: Final = Limit(1000, "policy", "characters", _FIELD)
# Reports of faults.
MAX_FAULTS: Final = Limit(10, "faults told of one list", "items", "the others are not read")
MAX_QUOTE: Final = Limit(200, "value that a fault quotes", "characters", "the rest is left out")

# Credentials, seconds (contract/auth.md 1 and 2, contract/writes.md 4.3).
MIN_SECRET: Final = 16  # characters of a secret that an operator chooses; generated ones have 43
TOKEN_AGE: Final = 30 * 24 * 3600
SESSION_AGE: Final = 30 * 24 * 3600
CONSOLE_AGE: Final = 12 * 3600
JWT_LIFETIME: Final = 300
JWT_LEEWAY: Final = 5
DELETE_CONFIRM_AGE: Final = 60
REPLY_TOKEN_USES: Final = 100  # contract/activity.md 3.3
BOUNCE_SPAM_SCORE: Final = 10.0

# Cache-Control, seconds (contract/requests.md 11).
CATEGORIES_MAX_AGE: Final = 21_600
LANGUAGE_TOOLS_MAX_AGE: Final = 86_400
MAPPINGS_MAX_AGE: Final = 86_400
DESCRIPTION_MAX_AGE: Final = 3_600

# Reads.
# `featured/` of v3 has no documented limit; each answer about a collection sorts all of it.
MAX_FEATURED: Final = Limit(250, "`page_size` of `featured/`", "rows", "as many")
MAX_COLLECTION: Final = Limit(2000, "collection", "add-ons", "400; `load` refuses it")
MAX_COLLECTIONS: Final = Limit(500, "collections of an account", "collections", _WHOLE_ALONE)
MAX_COLLECTION_NAME: Final = Limit(200, "name of a collection", "characters", _FIELD)
MAX_COLLECTION_DESCRIPTION: Final = Limit(5000, "description of a collection", "characters", _FIELD)
MAX_COLLECTION_NOTES: Final = Limit(5000, "notes on an add-on of a collection", "characters", _FIELD)
MAX_COLLECTION_TEXT: Final = Limit(200_000, "all notes of a collection", "characters", "400, under `notes`")

MAX_SERVICE_ANSWER: Final = Limit(
    64 * 1024,
    "answer of Basket, a webhook, the recommendation service, the identity provider",
    "bytes",
    "counts as none",
)
MAX_REPLAYED_ANSWER: Final = Limit(16 * 1024 * 1024, "answer in a replay", "bytes", "an error of the report")
MAX_RECORDED: Final = Limit(
    1_000_000, "file that is replayed", "addresses", "the others are left out, and counted"
)
MAX_RECORDED_LINE: Final = Limit(64 * 1024, "line of such a file", "bytes", "it is left out, and counted")
MAX_WEBHOOKS: Final = Limit(50, "webhooks", "endpoints", "`webhook add` refuses it")
MAX_PARKED_EVENTS: Final = Limit(10_000, "parked events of a webhook", "events", "the oldest are dropped")
MAX_MIRRORED_ANSWER: Final = Limit(
    32 * 1024 * 1024,
    "answer of a server that is mirrored, a line of its export",
    "bytes",
    "named and left out",
)
MAX_MIRRORED_ADDONS: Final = Limit(
    1_000_000, "server that is mirrored", "add-ons", "what its export goes on with is not read"
)


class Rate(NamedTuple):
    """At most `limit` unsafe requests in any `seconds`, by user id or by address."""

    key: str  # "user" (address if anonymous) or "ip"
    limit: int
    seconds: int


MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 24 * HOUR
_PERIODS: Final = {"minute": MINUTE, "hour": HOUR, "day": DAY}


def _rates(**rates: str) -> tuple[Rate, ...]:
    """Rates by key, written as in "3/minute 10/hour"."""
    return tuple(
        Rate(key, int(limit), _PERIODS[period])
        for key, texts in rates.items()
        for limit, period in (word.split("/") for word in texts.split())
    )


# Scope -> rates; every request counts in all of them (contract/auth.md 6). That page has no limits of
# submissions by address; here they are about twice those of a user.
THROTTLES: Final[dict[str, tuple[Rate, ...]]] = {
    "submission": _rates(user="3/minute 10/hour 24/day", ip="6/minute 50/day"),
    "upload": _rates(user="6/minute 20/hour 48/day", ip="6/minute 20/hour 48/day"),
    "rating_post": _rates(user="1/minute 24/day", ip="1/minute 36/day"),
    "rating_edit": _rates(user="5/minute 50/day", ip="5/minute 100/day"),
    "rating_reply": (Rate("user", 1, 5),),
    "report": _rates(user="20/day", ip="20/day"),
    "sign_in": _rates(ip="60/minute 600/hour"),  # many people may share an address
    "browse": _rates(user="60/minute"),  # the only read with a scope, because each starts a process
    "rating_flag": _rates(user="20/day"),
}

WEBHOOK_SECRET_OVERLAP: Final = DAY  # in which the previous secret signs as well

DEMO_ADDONS: Final = 2_000  # that `serve --demo` generates by default

# tests/conf/test_limits.py checks that conf/README.md has a row for each.
BOUNDS: Final = {name: value for name, value in list(globals().items()) if isinstance(value, Limit)}
