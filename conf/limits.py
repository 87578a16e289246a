"""How much a writer may send, how often, how long credentials live; how large the demonstration is.

Numbers of the contract. Page sizes are in `conf/vocabulary.py`, what an
operator may change in `conf/settings.py`.
"""

from typing import Final, NamedTuple

# Fields (reference/writes.md 3 to 10); lengths in characters.
MAX_NAME: Final = 50
MAX_SUMMARY: Final = 250
MAX_SLUG: Final = 30
MAX_CAPTION: Final = 280
MAX_DESCRIPTION: Final = 15_000  # writes.md 3 leaves the number open
MAX_TAGS: Final = 10
MAX_CATEGORIES: Final = 3  # writes.md 12: two or three; three refuses less
MIN_DISPLAY_NAME: Final = 2
MAX_DISPLAY_NAME: Final = 50
MAX_PROFILE_TEXT: Final = 255
MAX_NOTE: Final = 100_000
MAX_VERSION_STRING: Final = 255
MIN_SCORE: Final = 1
MAX_SCORE: Final = 5
MAX_IMAGE_BYTES: Final = 4 * 1024 * 1024

# Credentials, seconds (reference/auth.md 1 and 2, writes.md 4.3).
TOKEN_AGE: Final = 30 * 24 * 3600
SESSION_AGE: Final = 30 * 24 * 3600
JWT_LIFETIME: Final = 300
JWT_LEEWAY: Final = 5
DELETE_CONFIRM_AGE: Final = 60
REPLY_TOKEN_USES: Final = 100  # reference/activity.md 3.3
BOUNCE_SPAM_SCORE: Final = 10.0

# Cache-Control, seconds (reference/conventions.md 11).
MAX_AGE: Final = 360
CATEGORIES_MAX_AGE: Final = 21_600
LANGUAGE_TOOLS_MAX_AGE: Final = 86_400
MAPPINGS_MAX_AGE: Final = 86_400

# Reads.
MAX_FEATURED: Final = 250  # rows of the v3 featured list, whose page_size has no limit of its own
MAX_COLLECTION: Final = 2000  # add-ons of one collection, which every answer sorts anew
MAX_GUID: Final = 255  # characters of a guid that others are asked about

MAX_SERVICE_ANSWER: Final = 64 * 1024  # bytes of an answer of Basket or the recommendation service


class Rate(NamedTuple):
    """At most `limit` unsafe requests in any `seconds`, by user id or by address."""

    key: str  # "user" (address if anonymous) or "ip"
    limit: int
    seconds: int


MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 24 * HOUR

# Scope -> rates, every one of them counted on every request (reference/auth.md 6).
# The per-address limits of submissions are open there: twice the user's.
THROTTLES: Final[dict[str, tuple[Rate, ...]]] = {
    "submission": (
        Rate("user", 3, MINUTE),
        Rate("user", 10, HOUR),
        Rate("user", 24, DAY),
        Rate("ip", 6, MINUTE),
        Rate("ip", 50, DAY),
    ),
    "upload": (Rate("user", 20, HOUR),),
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
