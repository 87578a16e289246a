"""A number in a path is all of its digits: none is cut off, none is too long to look for."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.factories import make_addon, make_preview, make_user, make_version
from tests.handlers.signed_client import NOT_FOUND, Api, lines, signed

ANN = make_user(_id=7, permissions=["*:*"])
ADDON = make_addon(
    _id=1,
    authors=[{"user_id": 7, "role": "owner", "listed": True, "position": 0}],
    versions=[make_version(id=10)],
    previews=[make_preview(id=5)],
)
# Method, path; `{}` is where the number stands, the last is the one that is known.
PATHS: dict[str, tuple[str, str, int]] = {
    "add-on": ("GET", "addons/addon/{}/", 1),
    "version": ("GET", "addons/addon/1/versions/{}/", 10),
    "author": ("GET", "addons/addon/1/authors/{}/", 7),
    "pending author": ("GET", "addons/addon/1/pending-authors/{}/", 7),
    "preview": ("PATCH", "addons/addon/1/previews/{}/", 5),
    "notes of a version": ("GET", "addons/addon/1/versions/{}/reviewnotes/", 10),
    "note": ("GET", "addons/addon/1/versions/10/reviewnotes/{}/", 3),
    "rating": ("GET", "ratings/rating/{}/", 4),
    "reply": ("POST", "ratings/rating/{}/reply/", 4),
    "account": ("GET", "accounts/account/{}/", 7),
    "add-on of reviewers": ("POST", "reviewers/addon/{}/enable/", 1),
    "drafts about a version": ("GET", "reviewers/addon/1/versions/{}/draft_comments/", 10),
    "draft": ("GET", "reviewers/addon/1/versions/10/draft_comments/{}/", 8),
    "collection": ("GET", "accounts/account/{}/collections/x/addons/", 7),
}
KNOWN = ("add-on", "version", "author", "account")


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    documents = [*lines("user", ANN), *lines("addon", ADDON)]
    with signed(tmp_path_factory.mktemp("numbers"), documents, mongod, AMOEBA_THROTTLING="false") as started:
        yield started


def ask(api: Api, kind: str, number: Any) -> Any:
    method, path, _ = PATHS[kind]
    body = None if method == "GET" else {"body": "x"}
    return api.ask(method, "v5", path.format(number), ANN, body)


@pytest.mark.parametrize("kind", PATHS)
def test_no_digit_is_cut_off(api: Api, kind: str) -> None:
    known = PATHS[kind][2]
    for digits in (18, 20, 22):
        longer = str(known).zfill(digits) + "1"  # cut off after so many digits, it would be the known one
        assert ask(api, kind, longer).json == NOT_FOUND, longer


@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize(
    "number",
    [
        "9223372036854775807",
        "9223372036854775808",
        "9" * 20,
        "9" * 400,
        "%C2%B2",
        "%EF%BC%91",
        "-1",
        "1e1",
        "+1",
    ],
)
def test_what_nobody_has_is_not_found(api: Api, kind: str, number: str) -> None:
    answer = ask(api, kind, number)
    assert (answer.status, answer.json) == (404, NOT_FOUND)


@pytest.mark.parametrize("kind", KNOWN)
def test_leading_zeros_are_no_digits(api: Api, kind: str) -> None:
    known = PATHS[kind][2]
    assert ask(api, kind, known).status == 200
    assert ask(api, kind, str(known).zfill(30)).json == ask(api, kind, known).json


@pytest.mark.parametrize("query", ["page_size=99999999999999999999", "page_size=0050", "page=0001"])
def test_numbers_of_pages(api: Api, query: str) -> None:
    answer = api.ask("GET", "v5", f"addons/search/?{query}")
    assert answer.status == 200
    assert answer.json["page_size"] == (50 if "page_size" in query else 25)
