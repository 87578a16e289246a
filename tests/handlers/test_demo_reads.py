"""On the demonstration server every read endpoint of README's table shows something."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from server.demo.catalogue import documents
from server.demo.people import FIRST_USER
from tests.client import Client
from tests.conftest import DEMO_ADDONS
from tests.program import ROOT, Program
from tests.shell_commands import Shell

Documents = dict[str, list[dict[str, Any]]]


@cache
def demo() -> Documents:
    found: Documents = {}
    for kind, document in documents(DEMO_ADDONS):
        found.setdefault(kind, []).append(document)
    return found


def note() -> dict[str, Any]:
    """One with a file."""
    return next(note for note in demo()["note"] if note["attachment"])


def inviting() -> dict[str, Any]:
    return next(addon for addon in demo()["addon"] if addon["pending_authors"])


def rejected() -> dict[str, Any]:
    return next(addon for addon in demo()["addon"] if addon["status"] == "rejected")


def _addon(addon_id: int, rest: str = "", who: int | None = None) -> tuple[str, int | None]:
    return f"addons/addon/{addon_id}/{rest}", who


def _owner(addon: dict[str, Any]) -> int:
    return int(addon["authors"][0]["user_id"])


def _of_inviting(rest: str) -> tuple[str, int | None]:
    return _addon(inviting()["_id"], rest, _owner(inviting()))


def _notes(rest: str = "") -> tuple[str, int | None]:
    addon = next(addon for addon in demo()["addon"] if addon["_id"] == note()["addon_id"])
    return _addon(addon["_id"], f"versions/{note()['version_id']}/reviewnotes/{rest}", _owner(addon))


def _rating(rest: str) -> tuple[str, None]:
    return f"ratings/rating/{rest}", None


def first() -> dict[str, Any]:
    return demo()["addon"][0]


def _drafts() -> str:
    draft = demo()["draft_comment"][0]
    return f"reviewers/addon/{draft['addon_id']}/versions/{draft['version_id']}/draft_comments/"


# README's first cell, or a part of it -> what to ask, and as whom.
READS: Final[dict[str, list[Callable[[], tuple[str, int | None]]]]] = {
    "`addons/search/`": [
        lambda: ("addons/search/?q=tab", None),
        lambda: ("addons/search/?promoted=recommended", None),
        lambda: ("addons/search/?type=statictheme", None),
    ],
    "`addons/autocomplete/`": [lambda: ("addons/autocomplete/?q=tab", None)],
    "`addons/categories/`": [lambda: ("addons/categories/", None)],
    "`addons/language-tools/`": [lambda: ("addons/language-tools/?app=firefox", None)],
    "`addons/featured/`": [
        lambda: ("addons/featured/?app=firefox", None),
        lambda: ("addons/featured/?app=firefox&lang=de", None),
    ],
    "`addons/recommendations/`": [lambda: (f"addons/recommendations/?guid={first()['guid']}", None)],
    "`addons/replacement-addon/`": [lambda: ("addons/replacement-addon/", None)],
    "`addons/compat-override/`": [lambda: ("addons/compat-override/", None)],
    "`addons/browser-mappings/`": [lambda: ("addons/browser-mappings/?browser=chrome", None)],
    "`discovery/`, `discovery/editorial/`": [
        lambda: ("discovery/", None),
        lambda: ("discovery/?edition=MozillaOnline", None),
        lambda: ("discovery/editorial/", None),
    ],
    "`blocklist/block/{id, guid}/`": [
        lambda: (f"blocklist/block/{demo()['block'][0]['_id']}/", None),
        lambda: (f"blocklist/block/{demo()['block'][0]['guid']}/", None),
    ],
    "`hero/`, `hero/primary/`, `hero/secondary/`": [
        lambda: ("hero/", None),
        lambda: ("hero/primary/", None),
        lambda: ("hero/secondary/", None),
    ],
    "`shelves/`, `shelves/editorial/`": [
        lambda: ("shelves/", None),
        lambda: ("shelves/editorial/", None),
    ],
    "`addons/addon/{id, slug, guid}/`": [lambda: _addon(first()["_id"]), lambda: _addon(first()["slug"])],
    "`addons/addon/{…}/delete_confirm/`": [
        lambda: _addon(first()["_id"], "delete_confirm/", _owner(first()))
    ],
    "`addons/addon/{…}/eula_policy/`": [lambda: _addon(first()["_id"], "eula_policy/")],
    "`addons/addon/{…}/versions/`": [lambda: _addon(first()["_id"], "versions/")],
    "`addons/addon/{…}/versions/{id, number}/`": [
        lambda: _addon(first()["_id"], f"versions/{first()['versions'][0]['id']}/")
    ],
    "`addons/addon/{…}/authors/`, `authors/{user}/`": [
        lambda: _of_inviting("authors/"),
        lambda: _of_inviting(f"authors/{_owner(inviting())}/"),
    ],
    "`addons/addon/{…}/pending-authors/`, `{user}/`, `confirm/`, `decline/`": [
        lambda: _of_inviting("pending-authors/"),
        lambda: _of_inviting(f"pending-authors/{inviting()['pending_authors'][0]['user_id']}/"),
    ],
    "`addons/addon/{…}/versions/{id}/reviewnotes/`, `{note}/`": [
        lambda: _notes(),
        lambda: _notes(f"{note()['_id']}/"),
    ],
    "`addons/addon/{…}/listingcontentreview/`": [
        lambda: _addon(rejected()["_id"], "listingcontentreview/", _owner(rejected()))
    ],
    "`ratings/rating/`, `{id}/`, `{id}/reply/`, `{id}/flag/`": [
        lambda: _rating(f"?addon={first()['_id']}"),
        lambda: _rating(f"{demo()['rating'][0]['_id']}/"),
        lambda: _rating(f"?user={demo()['rating'][0]['user_id']}"),
    ],
    "`accounts/account/{id, username}/`, `picture/`": [lambda: (f"accounts/account/{FIRST_USER}/", None)],
    "`accounts/account/{…}/notifications/`": [
        lambda: (f"accounts/account/{FIRST_USER}/notifications/", FIRST_USER)
    ],
    "`applications/{app}/`, `applications/{app}/{version}/`": [lambda: ("applications/firefox/", None)],
    "`addons/tags/`": [lambda: ("addons/tags/", None)],
    "`accounts/profile/`": [lambda: ("accounts/profile/", FIRST_USER)],
    "`accounts/account/{…}/collections/`, `collections/{slug}/`": [
        lambda: (f"accounts/account/{FIRST_USER}/collections/", FIRST_USER),
        lambda: (f"accounts/account/{FIRST_USER}/collections/favourites/?with_addons", None),
    ],
    "`accounts/account/{…}/collections/{slug}/addons/`, `addons/{id, slug}/`": [
        lambda: (f"accounts/account/{FIRST_USER}/collections/favourites/addons/", None),
        lambda: (f"accounts/account/{FIRST_USER}/collections/drafts/addons/", FIRST_USER),
        lambda: (f"accounts/account/{FIRST_USER}/collections/favourites/addons/{first()['_id']}/", None),
    ],
    "`reviewers/addon/{id}/versions/{id}/draft_comments/`, `{draft}/`": [
        lambda: (_drafts(), _owner(first())),
        lambda: (f"{_drafts()}{demo()['draft_comment'][0]['_id']}/", _owner(first())),
    ],
    "`changes/`": [lambda: ("changes/?wait=0", None)],
    "`site/`": [lambda: ("site/", None)],
    "`openapi.json`, `docs/`": [lambda: ("openapi.json", None)],
}  # fmt: skip


# What callers have sent themselves, tests of uploads, signing and downloads read it; and for browsers.
SENT: Final = {
    "`export/`",  # lines of JSON, read by tests/handlers/catalogue/test_export.py
    "`addons/upload/`, `{uuid}/`",
    "`addons/`, `addons/{guid}/versions/{version}/`, `…/uploads/{pk}/` (signing)",
    "`accounts/login/start/` (with `OIDC_ISSUER`)",
    "`accounts/authenticate/` (the older sign-in callback)",
    "`file/{id}/{name}`",
    "`reviewers/addon/{id}/file/{id}/validation/`",
    # For who has a permission; none of the demonstration's people has one.
    "`reviewers/canned-responses/`",
    "`scanner/results/`, `{id}/`",
    "`reviewers/addon/{id}/versions/`, `versions/{id}/`, `versions/{id}/compare_to/{id}/`",
    "`reviewers/browse/{version}/`, `reviewers/compare/{version}/{version}/`",
}


def endpoints(cell: str) -> Iterator[str]:
    """The keys of READS and SENT that a row of README's table joins; what has no key comes alone."""
    paths = re.split(r"(?<=`), (?=`)", cell)
    while paths:
        starts = (", ".join(paths[:count]) for count in range(len(paths), 0, -1))
        endpoint = next((start for start in starts if start in READS or start in SENT), paths[0])
        yield endpoint
        paths = paths[len(endpoint.split("`, `")) :]


def table() -> Iterator[tuple[str, str]]:
    """Endpoint and version of every GET of README's table, but those of what callers have sent."""
    for line in (ROOT / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if len(cells) != 5 or not re.search(r"\bGET\b", cells[1]):
            continue
        versions = [
            version for version, has in zip(("v3", "v4", "v5"), cells[2:], strict=True) if has != "404"
        ]
        for endpoint in endpoints(re.sub(r" \(our own.*\)", "", cells[0])):
            if endpoint not in SENT:
                yield from ((endpoint, version) for version in versions)


@pytest.fixture(scope="module")
def tokens(server: Program) -> Callable[[int], str]:
    folder = Path(server.words[server.words.index("--data-dir") + 1])
    return cache(lambda user_id: Shell(folder, server.env)("token", str(user_id)))


@pytest.mark.parametrize(("endpoint", "version"), list(table()))
def test_shows_something(client: Client, tokens: Callable[[int], str], endpoint: str, version: str) -> None:
    for read in READS[endpoint]:
        path, who = read()
        path = path.replace("ratings/rating/", "reviews/review/") if version == "v3" else path
        headers = {"Authorization": f"Bearer {tokens(who)}"} if who else {}
        answer = client.get(f"/api/{version}/{path}", headers=headers)
        assert answer.status == 200, path
        results = answer.json.get("results", answer.json) if isinstance(answer.json, dict) else answer.json
        assert results, path
        if isinstance(results, dict):
            assert any(value not in (None, "", [], {}) for value in results.values()), path


def test_the_table_is_walked_whole() -> None:
    assert {endpoint for endpoint, _ in table()} == READS.keys()


def test_what_is_shown_is_full(client: Client) -> None:
    """Ratings have answers, accounts a picture and a text, an add-on its policies, notes a file."""
    ratings = [
        row
        for addon in demo()["addon"][:40]
        for row in client.get(f"/api/v5/ratings/rating/?addon={addon['_id']}").json["results"]
    ]
    assert any(row["reply"] for row in ratings)
    assert {row["score"] for row in ratings} == {1, 2, 3, 4, 5}
    account = client.get(f"/api/v5/accounts/account/{FIRST_USER}/").json
    assert all(account[key] for key in ("picture_url", "biography", "location", "occupation"))
    policy = client.get(f"/api/v5/addons/addon/{first()['_id']}/eula_policy/").json
    assert policy["eula"] and policy["privacy_policy"]
    replacements = client.get("/api/v5/addons/replacement-addon/").json["results"]
    assert any(row["replacement"] for row in replacements)
