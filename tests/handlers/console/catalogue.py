"""The add-ons of the console's tests: ordinary ones, and some that try to break a page."""

from typing import Any, Final

from tests.factories import make_addon, make_file, make_user, make_version
from tests.handlers.signed_client import lines

WATCHER: Final = make_user(_id=21, username="vera", permissions=["ReviewerTools:View"])
JUDGE: Final = make_user(_id=22, username="carl", permissions=["Addons:ContentReview", "Addons:Review"])
CHIEF: Final = make_user(_id=23, username="adam", permissions=["Reviews:Admin"])
AUTHOR: Final = make_user(_id=24, username="anna", display_name="<i>Anna</i>", permissions=["Addons:Review"])
USERS: Final = (WATCHER, JUDGE, CHIEF, AUTHOR)

MARKUP: Final = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7*7 }}'
RIGHT_TO_LEFT: Final = "\u202eمدير الألسنة‏ gpj.exe"
LONG: Final = "Wort" * 250
AUTHORS: Final = [{"user_id": 24, "role": "owner", "listed": True, "position": 0}]


def addon(number: int, **fields: Any) -> dict[str, Any]:
    """Its ids, guid and slug are made from the number."""
    version = make_version(id=number * 1000, files=[make_file(id=number * 1000)])
    made: dict[str, Any] = {
        "_id": number,
        "guid": f"console{number}@example.org",
        "slug": f"console-{number}",
        "authors": AUTHORS,
        "versions": [version],
    }
    return {**make_addon(**(made | fields))}


def awaiting(number: int, **fields: Any) -> dict[str, Any]:
    """An add-on whose only version awaits review."""
    version = make_version(
        id=number * 1000, files=[make_file(id=number * 1000, status="unreviewed")], reviewed=None
    )
    return addon(number, status="nominated", versions=[version | fields.pop("version", {})], **fields)


def due(number: int, day: int, reason: str = "review-requested") -> dict[str, Any]:
    about = {"_id": number * 1000, "addon_id": number, "due": f"2026-01-{day:02}T00:00:00Z"}
    return {**about, "reason": reason}


def _versions(number: int) -> list[Any]:
    """Three hundred."""
    created = "2026-01-01T{:02}:{:02}:00Z"
    return [
        make_version(
            id=number * 1000 + place,
            version=f"1.{place}",
            created=created.format(place // 60, place % 60),
            files=[make_file(id=number * 1000 + place)],
        )
        for place in range(299, -1, -1)
    ]


ADDONS: Final = [
    addon(101, name={"en-US": "Plain Tabs"}),
    addon(102, name={"en-US": MARKUP}, summary={"en-US": MARKUP}, tags=["<b>"]),
    addon(103, name={"en-US": "Right", "ar": RIGHT_TO_LEFT}, default_locale="ar"),
    addon(104, name={"en-US": LONG}),
    addon(105, name={"en-US": "Many Versions"}, versions=_versions(105)),
    addon(106, name={"en-US": "Hidden Garden"}, status="disabled"),
    addon(
        107,
        name={"en-US": "Unlisted Garden"},
        status="incomplete",
        versions=[make_version(id=107000, channel="unlisted")],
    ),
    addon(108, name={"en-US": "Sleeping Garden"}, disabled_by_user=True),
    awaiting(111, name={"en-US": "Waits"}),
    awaiting(112, name={"en-US": "Waits Unlisted"}, version={"channel": "unlisted"}),
    awaiting(113, name={"en-US": "Waits, too"}),
    *[awaiting(number, name={"en-US": f"Waits {number}"}) for number in range(200, 230)],
    *[addon(number, name={"en-US": f"Spare {number}"}) for number in range(120, 130)],
]
_NOTE: Final = {
    "addon_id": 105,
    "user_id": 22,
    "date": "2026-01-02T03:04:05Z",
    "policies": [],
    "attachment": None,
}
_ACTION: Final = {"version_id": None, "user_id": 22, "date": "2026-01-02T03:04:05Z", "address": None}
_REPORT: Final = {"target": "addon", "reporter_id": None, "country": "DE", "locale": "de"}
DOCUMENTS: Final = [
    *lines("user", *USERS),
    *lines("addon", *ADDONS),
    *lines(
        "review_due", due(111, 3), due(112, 1), due(113, 2), *[due(number, 20) for number in range(200, 230)]
    ),
    *lines(
        "note",
        *[
            {
                "_id": id_,
                "version_id": 105299,
                "action": "reviewer-reply",
                "comments": f"{MARKUP} {id_}",
                **_NOTE,
            }
            for id_ in range(500, 525)
        ],
        {"_id": 530, "version_id": 105299, "action": "comment", "comments": "nobody reads this", **_NOTE},
    ),
    *lines(
        "activity",
        *[
            {"_id": id_, "addon_id": 101, "action": "tag-added", "details": {"tag": f"t{id_}"}, **_ACTION}
            for id_ in range(600, 660)
        ],
        {
            "_id": 660,
            "addon_id": 102,
            "action": "property-edited",
            "details": {"new": MARKUP + LONG * 4},
            **_ACTION,
        },
    ),
    *lines(
        "report",
        *[
            {
                "_id": id_,
                "guid": "console101@example.org",
                "target_id": 101,
                "created": f"2026-01-02T03:04:{id_ % 60:02}Z",
                "fields": {"message": f"{MARKUP} {id_}"},
                **_REPORT,
            }
            for id_ in range(700, 730)
        ],
        {
            "_id": 730,
            **_REPORT,
            "guid": None,
            "target_id": 24,
            "created": "2026-02-02T03:04:05Z",
            "fields": {},
            "target": "user",
        },
    ),
]

# Below /admin/: each with what could break it.
PAGES: Final = (
    *(
        "addons/",
        "addons/?q=garden",
        "addons/?q=102",
        "addons/101/",
        "addons/101/objects/",
        "addons/101/history/",
    ),
    *("addons/102/", "addons/102/objects/?to=people", "addons/103/", "addons/104/", "addons/105/?page=2"),
    *("addons/105/history/", "addons/105/versions/105299/", "addons/111/versions/111000/", "reviews/"),
    *(
        "reports/",
        "log/",
        "explain/",
        "explain/?q=tabs&addon=101",
        "explain/?q=tabs&addon=104&type=dictionary",
    ),
)
