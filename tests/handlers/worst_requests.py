"""The worst that callers may send: what tests/handlers/test_bounds.py sends.

PARAMETERS and WRITES have what each endpoint reads, by its path in the URL table.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from conf.limits import MAX_ADDON_TEXT
from conf.locales import SUPPORTED
from conf.model.reports import COMMON_FIELDS, TARGET_FIELDS
from conf.vocabulary import NOTIFICATIONS
from handlers.api_description.rows import find_row
from handlers.urls import ROUTES
from server.rules.review.draft_comments import FIELDS as DRAFT_FIELDS
from server.rules.review.reviewer_flags import FLAGS
from tests.factories import make_addon, make_preview, make_user, make_version
from tests.handlers.signed_client import lines
from tests.server.rules.test_rules_bounds import TABLES

LONG: Final = 15_900  # characters that leave room for the rest of a URL
SEARCH = "/api/v5/addons/search/?"


def values(count: int) -> str:
    return ",".join(f"v{number}" for number in range(count))


QUERIES = {
    "tags": "q=tab&tag=" + values(100),
    "authors": "q=tab&author=" + values(100),
    "excluded": "q=tab&exclude_addons=" + values(100),
    "guids": "q=tab&guid=" + values(500),
    "all lists": f"q=tab&guid={values(500)}&tag={values(100)}&author={values(100)}",
    "words": "q=" + "+".join("abcdefghijklmnopqrstuvwxyzabcdefg"),
    "no words": "q=" + "%E6%97%A5" * 100,
    "compounds": "q=" + "downloadhelper" * 7,
    "commas": "tag=" + "," * LONG,
    "parameters": "&".join(f"p{number}=1" for number in range(1000)),
    "escapes": "x=" + "%41" * (LONG // 3),
    "broken escapes": "x=" + "%ff" * (LONG // 3),
    "page": "page=" + "9" * LONG,
    "page_size": "page_size=" + "9" * LONG,
    "appversion": "app=firefox&appversion=" + "1." * (LONG // 2),
    "color": "color=" + "f" * LONG,
    "users": "users=" + "9" * LONG,
    "created": "created=" + "9" * LONG,
    "ratings": "ratings=" + "9" * LONG,
    "sort": "sort=" + "users," * 2600 + "users",
    "type": "type=" + "extension," * 1500 + "extension",
    "lang": "lang=" + "x" * LONG,
    "rows": "page_size=50&lang=xx",
}
HEADERS = {
    "Accept-Language": "a-b;q=0.5," * 1600,
    "Accept": "a/b," * 4000,
    "X-Country-Code": "x" * LONG,
    "User-Agent": "Firefox " * 2000,
    "If-None-Match": 'W/"a",' * 2500,
    "Cookie": "a=b;" * 4000,
    "Range": "bytes=0-1," * 1600,
    "Authorization": "Bearer " + "x" * LONG,
    "X-Forwarded-For": "1.1.1.1," * 2000,
    "Accept-Encoding": "gzip;q=0," * 1700,
    "Origin": "x" * LONG,
}
MAIL, ADDONS = "/api/v5/activity/mail", "/api/v5/addons/addon/"
JSON, FORM, PARTS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
)
PART = b"--x\r\nContent-Disposition: form-data; name=a%b\r\n\r\n%b\r\n"
DASHES = "-" * 70
MEGABYTES = 6_200_000
BODIES = {
    "mail of lists": (MAIL, JSON, b'{"Message":[' + b"[]," * 860_000 + b"1]}"),
    "mail of strings": (MAIL, JSON, b'{"Message":[' + b'"a",' * 190_000 + b"1]}"),
    "mail of keys": (MAIL, JSON, b"{%b}" % b",".join(b'"k%d":1' % number for number in range(190_000))),
    "mail of depth": (MAIL, JSON, b'{"a":' + b"[" * 100_000),
    "mail of text": (MAIL, JSON, b'{"a":"%b"}' % (b"x" * 2_500_000)),
    "form of escapes": (ADDONS, FORM, b"a=" + b"%41" * 690_000),
    "form of fields": (ADDONS, FORM, b"&".join(b"a%d=1" % number for number in range(100_000))),
    "form of parts": (ADDONS, PARTS, PART % (b"", b"v") * 10_000 + b"--x--\r\n"),
    "form of dashes": (ADDONS, PARTS, b"-" * MEGABYTES + b"--x--\r\n"),
    "form without an end": (ADDONS, PARTS, b"-" * MEGABYTES),
    "form of beginnings": (ADDONS, PARTS[:-1] + DASHES, (b"-" * 73 + b"x") * (MEGABYTES // 74)),
    "form of a long boundary": (ADDONS, PARTS[:-1] + "-" * 4000, (b"-" * 4003 + b"x") * (MEGABYTES // 4004)),
    "form of a file": (ADDONS, PARTS, PART % (b"; filename=f", b"z" * MEGABYTES) + b"--x--\r\n"),
}


DATE = "2026-01-02T03:04:05Z"
OWNER = make_user(_id=900_001, username="ann", email="ann@example.org")
ADMIN = make_user(_id=900_002, username="root", email="root@example.org", permissions=["*:*"])
OTHER = make_user(_id=900_003, username="eve", email="eve@example.org")
INVITED = make_user(_id=900_004, username="ian", email="ian@example.org")
PREVIEW = make_preview(id=1)
ADDON, VERSION, RATING, COLLECTION, DRAFT = 900_010, 900_020, 900_030, 900_040, 1

DOCUMENTS = [
    *lines("user", OWNER, ADMIN, OTHER, INVITED),
    *lines(
        "addon",
        make_addon(
            _id=ADDON,
            guid="bounds@example.org",
            slug="bounds",
            authors=[
                {"user_id": OWNER["_id"], "role": "owner", "listed": True, "position": 0},
                {"user_id": OTHER["_id"], "role": "developer", "listed": True, "position": 1},
            ],
            pending_authors=[{"user_id": INVITED["_id"], "role": "developer", "listed": False}],
            previews=[PREVIEW],
            versions=[make_version(id=VERSION)],
        ),
    ),
    *lines(
        "collection",
        {
            "_id": COLLECTION,
            "author_id": OWNER["_id"],
            "slug": "1",
            "name": {"en-US": "One"},
            "addons": [{"addon_id": 10_000_001, "notes": None, "added": DATE}],
            "created": DATE,
            "modified": DATE,
        },
    ),
    *lines(
        "draft_comment",
        {
            "_id": DRAFT,
            "addon_id": ADDON,
            "version_id": VERSION,
            "user_id": OWNER["_id"],
            "comment": "Why?",
            "created": DATE,
            "modified": DATE,
        },
    ),
    *lines(
        "rating",
        {
            "_id": RATING,
            "addon_id": ADDON,
            "user_id": ADMIN["_id"],
            "version_id": VERSION,
            "score": 3,
            "created": DATE,
            "modified": DATE,
        },
    ),
]
PACKAGE = [*(f"version.{name}" for name in TABLES["version"]), "version.files", "version.version", "upload"]
EVERY_READ = ("lang", "app", "format", "disable_caching", "page", "page_size")
# What each read looks at beside EVERY_READ, as the description of the API says.
PARAMETERS = {
    route.path: [parameter.name for parameter in find_row(route).operations["GET"].query]
    for route in ROUTES
    if "GET" in route.handler.access
}


class Write(NamedTuple):
    """Who writes, the fields to be swept, and what else the body needs to be looked at."""

    user: Any
    fields: list[str]
    beside: Mapping[str, Any] = {}


NOTHING = Write(OTHER, [])  # it reads no body
RATED = {"addon": ADDON, "version": VERSION, "score": 3}
LISTING, RATINGS = [*TABLES["listing"], "tags", "unknown"], [*TABLES["rating"], "version"]
# Where endpoints read the same fields by the same code, one is asked with all of them.
COLLECTIONS = "accounts/account/([^/]+)/collections"
DRAFTS = "reviewers/addon/([0-9]+)/versions/([0-9]+)/draft_comments/"
COLLECTION_FIELDS = ["name", "description", "slug", "public", "default_locale"]
WRITES = {
    ("POST", "addons/upload/"): Write(OWNER, ["upload", "channel"]),
    ("POST", "addons/"): Write(None, ["upload", "version"]),  # its key is asked for first
    ("PUT", "addons/([^/]+)/versions/([^/]+)/"): Write(None, ["upload", "channel"]),
    ("POST", "addons/addon/"): Write(OWNER, ["name", *PACKAGE]),
    ("PATCH", "addons/addon/([^/]+)/"): Write(OWNER, LISTING),
    ("PUT", "addons/addon/([^/]+)/"): Write(OWNER, ["name", "version"]),
    ("PATCH", "addons/addon/([^/]+)/authors/([^/]+)/"): Write(OWNER, ["role"]),
    ("POST", "addons/addon/([^/]+)/pending-authors/"): Write(OWNER, list(TABLES["author"])),
    ("PATCH", "addons/addon/([^/]+)/pending-authors/([^/]+)/"): Write(OWNER, ["role"]),
    ("POST", "addons/addon/([^/]+)/pending-authors/confirm/"): NOTHING,
    ("POST", "addons/addon/([^/]+)/pending-authors/decline/"): NOTHING,
    ("POST", "addons/addon/([^/]+)/previews/"): Write(OWNER, list(TABLES["preview"])),
    ("PATCH", "addons/addon/([^/]+)/previews/([^/]+)/"): Write(OWNER, ["caption"]),
    ("PATCH", "addons/addon/([^/]+)/eula_policy/"): Write(OWNER, ["eula", "privacy_policy"]),
    ("POST", "addons/addon/([^/]+)/versions/"): Write(OWNER, ["release_notes", "files", "upload"]),
    ("PATCH", "addons/addon/([^/]+)/versions/([^/]+)/"): Write(OWNER, list(TABLES["version"])),
    ("POST", "addons/addon/([^/]+)/versions/([^/]+)/rollback/"): Write(
        OWNER, ["new_version_string", "release_notes"]
    ),
    ("POST", "addons/addon/([^/]+)/versions/([^/]+)/reviewnotes/"): Write(OWNER, ["comments"]),
    ("POST", "addons/addon/([^/]+)/versions/([^/]+)/review/"): Write(ADMIN, ["comments"]),
    ("PATCH", "addons/addon/([^/]+)/listingcontentreview/"): Write(OWNER, ["unknown"]),
    ("POST", "addons/addon/([^/]+)/listingcontentreview/decision/"): Write(ADMIN, list(TABLES["activity"])),
    **{
        ("POST", f"abuse/report/{target}/"): Write(OWNER, [*COMMON_FIELDS, *fields], {target: id_})
        for (target, fields), id_ in zip(
            TARGET_FIELDS.items(), (ADDON, OWNER["_id"], RATING, COLLECTION), strict=True
        )
    },
    ("POST", "activity/mail/?"): Write(None, ["Message", "SpamScore"]),  # its secret is asked for first
    ("POST", "ratings/rating/"): Write(ADMIN, RATINGS, RATED),
    ("PATCH", "ratings/rating/([0-9]+)/"): Write(ADMIN, ["body"], RATED),
    ("POST", "ratings/rating/([0-9]+)/reply/"): Write(OWNER, ["body"]),
    ("POST", "ratings/rating/([0-9]+)/flag/"): Write(OWNER, ["flag", "note"]),
    ("POST", "reviews/review/"): Write(ADMIN, ["body"], RATED),
    ("PATCH", "reviews/review/([0-9]+)/"): Write(ADMIN, ["body"], RATED),
    ("POST", "reviews/review/([0-9]+)/reply/"): Write(OWNER, ["body"]),
    ("POST", "reviews/review/([0-9]+)/flag/"): Write(OWNER, ["note"]),
    ("PATCH", "accounts/account/([^/]+)/"): Write(OWNER, list(TABLES["account"])),
    ("PUT", "applications/([^/]+)/([^/]+)/"): Write(None, []),  # its key is asked for first
    ("POST", "accounts/account/([^/]+)/notifications/"): Write(OWNER, list(NOTIFICATIONS)),
    ("POST", "accounts/unsubscribe/"): Write(None, ["token", "hash"]),  # its link is asked for first
    ("POST", f"{COLLECTIONS}/"): Write(OWNER, ["name"]),
    ("PATCH", f"{COLLECTIONS}/([^/]+)/"): Write(OWNER, COLLECTION_FIELDS),
    ("PUT", f"{COLLECTIONS}/([^/]+)/"): Write(OWNER, ["name"]),
    ("POST", f"{COLLECTIONS}/([^/]+)/addons/"): Write(OWNER, ["addon", "notes"], {"addon": ADDON}),
    ("PATCH", f"{COLLECTIONS}/([^/]+)/addons/([^/]+)/"): Write(OWNER, ["notes"]),
    ("PATCH", "reviewers/addon/([0-9]+)/flags/"): Write(ADMIN, list(FLAGS)),
    **{
        ("POST", f"reviewers/addon/([0-9]+)/{action}/"): Write(ADMIN, [])
        for action in (
            *("enable", "allow_resubmission", "deny_resubmission", "subscribe", "subscribe_listed"),
            *("subscribe_unlisted", "unsubscribe", "unsubscribe_listed", "unsubscribe_unlisted", "disable"),
        )
    },
    ("POST", "reviewers/addon/([0-9]+)/due_date/"): Write(ADMIN, ["version", "due_date"]),
    ("POST", "reviewers/addon/([0-9]+)/set_needs_human_review/"): Write(ADMIN, ["version"]),
    ("POST", "reviewers/addon/([0-9]+)/clear_pending_rejections/"): Write(ADMIN, []),
    ("POST", DRAFTS): Write(OWNER, list(DRAFT_FIELDS)),
    ("PATCH", f"{DRAFTS}([0-9]+)/"): Write(OWNER, list(DRAFT_FIELDS)),
    ("POST", "scanner/results/"): Write(None, []),  # its key is asked for first
    ("PATCH", "scanner/results/([0-9]+)/"): Write(None, []),
    ("PATCH", "site/"): Write(ADMIN, list(TABLES["site"])),
}


def parameter_values() -> Iterator[str]:
    yield "9" * LONG
    yield "," * LONG
    yield "%5B%22" * (LONG // 6)
    yield "%E6%97%A5" * (LONG // 9)
    yield ",".join(str(number) for number in range(LONG // 7))
    yield ",".join(f"v{number}" for number in range(100))


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def field_values(limit: int) -> Iterator[Any]:
    """As large as the endpoint takes."""
    yield [0] * min(limit // 2, 49_000)
    yield ["text"] * (limit // 7 if limit < 200_000 else 49_000)
    yield {f"k{number}": {} for number in range(min(limit // 12, 24_000))}
    yield dict.fromkeys(SUPPORTED, "<b>" * (limit // len(SUPPORTED) // 3 - 5))
    yield dict.fromkeys(SUPPORTED, "a.b " * (MAX_ADDON_TEXT // len(SUPPORTED) // 5))
    yield "http://a.b " * (limit // 11 - 20)
    yield nested(18)
