"""Every bound that is not a setting: of what is sent, how often, how long credentials live.

A constant named MAX_… has a row in BOUNDS, the table that conf/README.md prints beside
the settings of the same kind (`conf/settings/settings.py`). Rates of writes are THROTTLES.
"""

from typing import Final, NamedTuple

# Every request.
MAX_PARAMETERS: Final = 1000  # pairs of a query string
MAX_TEXTS_BYTES: Final = 2 * 1024 * 1024  # of a body that is not multipart
MAX_JSON_BYTES: Final = 64 * 1024  # where no long texts are sent
MAX_JSON_ITEMS: Final = 50_000  # values, counted by the signs between them, in texts as well
MAX_BOUNDARY: Final = 70  # characters, as RFC 2046 has it
MAX_MAIL_ITEMS: Final = 200_000  # in HTML there are many of these
MAX_JSON_DEPTH: Final = 20  # our own deepest is 5
MAX_FORM_PARTS: Final = 100  # of a form with large files
MIN_SENDING_RATE: Final = 4096  # bytes a second a caller sends of a large file
MIN_READING_RATE: Final = 4096  # bytes a second a caller takes of an answer
MAX_LANG: Final = 35  # characters, as RFC 5646 has it
MAX_ACCEPT_LANGUAGE: Final = 500  # characters that are read; browsers send 100

# Parameters (contract/requests.md 5, contract/search.md 6). Lists: different values between commas.
MAX_QUERY: Final = 100  # characters of the lower-cased `q`
MAX_GUIDS: Final = 500  # Firefox asks for all add-ons of a profile at once
MAX_VALUES: Final = 100  # of any other list
MAX_PAGE_SIZE: Final = 50
MAPPINGS_PAGE_SIZE: Final = 100
MAX_GUID: Final = 255  # characters of a guid that others are asked about

# Fields (contract/writes.md 3 to 10); lengths in characters.
MAX_NAME: Final = 50
MAX_SUMMARY: Final = 250
MAX_SLUG: Final = 30
MAX_CAPTION: Final = 280
# What the reference has no number for is well above the longest of the real ones at hand.
MAX_DESCRIPTION: Final = 15_000  # 5,470
MAX_RELEASE_NOTES: Final = 15_000  # 9,243
MAX_LEGAL_TEXT: Final = 150_000  # there are policies of more than 100,000
MAX_LICENSE_TEXT: Final = 100_000  # the GPL has 35,149
MAX_LICENSE_NAME: Final = 200
MAX_URL: Final = 2048
MAX_EMAIL: Final = 254
MAX_RATING: Final = 15_000
MAX_BIOGRAPHY: Final = 15_000
MAX_NOTICE: Final = 1000
MAX_FILES: Final = 8  # one a platform
MAX_PERMISSIONS: Final = 1000  # of each kind; 399 at most in real packages
MAX_PERMISSION: Final = 1000
MAX_FILE_BYTES: Final = 2**40  # what a description may say of one
MAX_POSITION: Final = 10_000  # of an author or a preview
MAX_SIDE: Final = 100_000
MAX_DEPTH: Final = 20  # 3
# Of all languages together; what one read of them takes depends on it.
MAX_ADDON_TEXT: Final = 500_000  # 142,833
MAX_ADDON_LINKS: Final = 1_000
MAX_VERSION_TEXT: Final = 200_000  # with the text of its own licence
MAX_VERSION_LINKS: Final = 100
MAX_ADDON_BYTES: Final = 4 * 1024 * 1024  # with all of its versions
MAX_TAGS: Final = 10
MAX_CATEGORIES: Final = 3  # contract/writes.md 12: two or three; three refuses less
MIN_DISPLAY_NAME: Final = 2
MAX_DISPLAY_NAME: Final = 50
MAX_PROFILE_TEXT: Final = 255
MAX_NOTE: Final = 100_000
MAX_VERSION_STRING: Final = 255
MIN_SCORE: Final = 1
MAX_SCORE: Final = 5
MAX_IMAGE_BYTES: Final = 4 * 1024 * 1024
MAX_IMAGE_PARTS: Final = 1_000  # an image's profile has 255 at most
# A package (contract/uploads.md 4); how large it may be itself is a setting.
MAX_MEMBER_BYTES: Final = 100 * 1024 * 1024  # of one file in it
MAX_ARCHIVE_BYTES: Final = 250 * 1024 * 1024  # of all files in it
MAX_ARCHIVE_MEMBERS: Final = 20_000
MAX_PARSED_BYTES: Final = 5 * 1024 * 1024  # of a manifest, a script, a page
MAX_THEME_BYTES: Final = 7 * 1024 * 1024
MAX_VALIDATION_MESSAGES: Final = 500
MAX_POLICIES: Final = 50
MAX_POLICY: Final = 1000
# What is said of faults.
MAX_FAULTS: Final = 10  # items of one list
MAX_QUOTE: Final = 200  # characters of a value that is quoted

# Credentials, seconds (contract/auth.md 1 and 2, contract/writes.md 4.3).
MIN_SECRET: Final = 16  # characters of a secret that an operator chooses; those made here have 43
TOKEN_AGE: Final = 30 * 24 * 3600
SESSION_AGE: Final = 30 * 24 * 3600
JWT_LIFETIME: Final = 300
JWT_LEEWAY: Final = 5
DELETE_CONFIRM_AGE: Final = 60
REPLY_TOKEN_USES: Final = 100  # contract/activity.md 3.3
BOUNCE_SPAM_SCORE: Final = 10.0

# Cache-Control, seconds (contract/requests.md 11).
CATEGORIES_MAX_AGE: Final = 21_600
LANGUAGE_TOOLS_MAX_AGE: Final = 86_400
MAPPINGS_MAX_AGE: Final = 86_400

# Reads.
MAX_FEATURED: Final = 250  # rows of the v3 featured list, whose page_size has no limit of its own
MAX_COLLECTION: Final = 2000  # add-ons of one collection, which every answer sorts anew

MAX_SERVICE_ANSWER: Final = 64 * 1024  # bytes of an answer of Basket or the recommendation service


class Rate(NamedTuple):
    """At most `limit` unsafe requests in any `seconds`, by user id or by address."""

    key: str  # "user" (address if anonymous) or "ip"
    limit: int
    seconds: int


MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 24 * HOUR

# Scope -> rates, every one of them counted on every request (contract/auth.md 6).
# The per-address limits of submissions are open there: twice the user's.
THROTTLES: Final[dict[str, tuple[Rate, ...]]] = {
    "submission": (
        Rate("user", 3, MINUTE),
        Rate("user", 10, HOUR),
        Rate("user", 24, DAY),
        Rate("ip", 6, MINUTE),
        Rate("ip", 50, DAY),
    ),
    "upload": (
        Rate("user", 6, MINUTE),
        Rate("user", 20, HOUR),
        Rate("user", 48, DAY),
        Rate("ip", 6, MINUTE),
        Rate("ip", 20, HOUR),
        Rate("ip", 48, DAY),
    ),
    "rating_post": (
        Rate("user", 1, MINUTE),
        Rate("user", 24, DAY),
        Rate("ip", 1, MINUTE),
        Rate("ip", 36, DAY),
    ),
    "rating_edit": (
        Rate("user", 5, MINUTE),
        Rate("user", 50, DAY),
        Rate("ip", 5, MINUTE),
        Rate("ip", 100, DAY),
    ),
    "rating_reply": (Rate("user", 1, 5),),
    "rating_flag": (Rate("user", 20, DAY),),
}

DEMO_ADDONS: Final = 2_000  # generated ones, where `serve --demo` names no number


class Bound(NamedTuple):
    """A row of the table in conf/README.md: what a constant bounds, in what unit, what happens beyond."""

    of: str
    unit: str
    beyond: str


_FIELD: Final = "400, under the field's name"
_VALIDATION: Final = "an error of the validation"
_WHOLE: Final = "400, under `non_field_errors`; `load` names and refuses it"

# Constant -> its row. Whoever adds a MAX_… adds a row here and there; tests/conf/test_limits.py compares.
BOUNDS: Final[dict[str, Bound]] = {
    "MAX_PARAMETERS": Bound("query string", "parameters", "400"),
    "MAX_TEXTS_BYTES": Bound("JSON with long texts, texts of a form", "bytes", "413"),
    "MAX_JSON_BYTES": Bound("other JSON", "bytes", "413"),
    "MAX_JSON_ITEMS": Bound("JSON", "commas and opening brackets", "400"),
    "MAX_MAIL_ITEMS": Bound("JSON of a mail", "commas and opening brackets", "400"),
    "MAX_JSON_DEPTH": Bound("JSON", "levels", "400"),
    "MAX_BOUNDARY": Bound("boundary of a multipart form", "characters", "400"),
    "MAX_FORM_PARTS": Bound("parts of a form with large files", "parts", "400"),
    "MAX_LANG": Bound("`lang`", "characters of a language code", "400 in v5, the default language before"),
    "MAX_ACCEPT_LANGUAGE": Bound("`Accept-Language`", "characters", "the rest is not read"),
    "MAX_QUERY": Bound("`q`", "characters", "400"),
    "MAX_GUIDS": Bound("`guid` of searches and overrides", "different values", "400"),
    "MAX_VALUES": Bound("every other list between commas", "different values", "400"),
    "MAX_GUID": Bound("`guid` of recommendations", "characters", "400"),
    "MAX_PAGE_SIZE": Bound("`page_size`", "rows", "as many"),
    "MAX_FEATURED": Bound("`page_size` of `featured/`", "rows", "as many"),
    "MAX_COLLECTION": Bound("collection", "add-ons", "`load` refuses it"),
    "MAX_NAME": Bound("name of an add-on", "characters", _FIELD),
    "MAX_SUMMARY": Bound("summary", "characters", _FIELD),
    "MAX_SLUG": Bound("slug", "characters", _FIELD),
    "MAX_CAPTION": Bound("caption of a preview", "characters", _FIELD),
    "MAX_DESCRIPTION": Bound("description, developer comments", "characters", _FIELD),
    "MAX_RELEASE_NOTES": Bound("release notes", "characters", _FIELD),
    "MAX_LEGAL_TEXT": Bound("EULA, privacy policy", "characters", _FIELD),
    "MAX_LICENSE_TEXT": Bound("text of a licence of one's own", "characters", _FIELD),
    "MAX_LICENSE_NAME": Bound("its name", "characters", _FIELD),
    "MAX_URL": Bound("any address", "characters", _FIELD),
    "MAX_EMAIL": Bound("e-mail address", "characters", _FIELD),
    "MAX_RATING": Bound("rating, reply to one", "characters", _FIELD),
    "MAX_BIOGRAPHY": Bound("biography", "characters", _FIELD),
    "MAX_NOTICE": Bound("notice of the site", "characters", _FIELD),
    "MAX_FILES": Bound("files of a version", "files", _FIELD),
    "MAX_PERMISSIONS": Bound("permissions of a file, of each kind", "permissions", _FIELD),
    "MAX_PERMISSION": Bound("permission", "characters", _FIELD),
    "MAX_FILE_BYTES": Bound("size of a file", "bytes", _FIELD),
    "MAX_POSITION": Bound("position of an author or a preview", "places", _FIELD),
    "MAX_SIDE": Bound("side of a preview", "pixels", _FIELD),
    "MAX_MEMBER_BYTES": Bound("file in a package", "bytes", _VALIDATION),
    "MAX_ARCHIVE_BYTES": Bound("files in a package together", "bytes", _VALIDATION),
    "MAX_ARCHIVE_MEMBERS": Bound("files in a package", "files", _VALIDATION),
    "MAX_PARSED_BYTES": Bound("manifest, script, style or page in a package", "bytes", _VALIDATION),
    "MAX_THEME_BYTES": Bound("package of a static theme", "bytes", _VALIDATION),
    "MAX_VALIDATION_MESSAGES": Bound("result of a validation", "messages", "the others are not told"),
    "MAX_POLICIES": Bound("policies of a reviewer's decision", "policies", _FIELD),
    "MAX_POLICY": Bound("policy", "characters", _FIELD),
    "MAX_FAULTS": Bound("faults told of one list", "items", "the others are not read"),
    "MAX_QUOTE": Bound("value that a fault quotes", "characters", "the rest is left out"),
    "MAX_DEPTH": Bound("markup of a text", "tags inside each other", "text"),
    "MAX_ADDON_TEXT": Bound("all texts of an add-on, in all languages", "characters", _WHOLE),
    "MAX_ADDON_LINKS": Bound("links in them", "links", _WHOLE),
    "MAX_VERSION_TEXT": Bound("all texts of a version, its licence's too", "characters", _WHOLE),
    "MAX_VERSION_LINKS": Bound("links in those", "links", _WHOLE),
    "MAX_ADDON_BYTES": Bound("add-on with its versions", "bytes as JSON", "400, under `non_field_errors`"),
    "MAX_TAGS": Bound("tags of an add-on", "tags", _FIELD),
    "MAX_CATEGORIES": Bound("categories of an add-on", "categories", _FIELD),
    "MAX_DISPLAY_NAME": Bound("display name", "characters", _FIELD),
    "MAX_PROFILE_TEXT": Bound("other texts of an account", "characters", _FIELD),
    "MAX_NOTE": Bound("review notes, notes for reviewers", "characters", _FIELD),
    "MAX_VERSION_STRING": Bound("version number", "characters", _FIELD),
    "MAX_SCORE": Bound("score of a rating", "stars", _FIELD),
    "MAX_SERVICE_ANSWER": Bound("answer of Basket or the recommendation service", "bytes", "counts as none"),
    "MAX_IMAGE_BYTES": Bound("icon, preview, picture", "bytes", _FIELD),
    "MAX_IMAGE_PARTS": Bound("chunks or segments before an image's pixels", "parts", _FIELD),
}
