"""Lists of ratings: filters, pages, further keys."""

from typing import Any

import pytest

from tests.handlers.ratings.ratings_server import (
    ANN,
    BOB,
    DELETED,
    HIDDEN,
    MOD,
    READERS,
    V5,
    ZERO,
    listed,
    post,
)
from tests.handlers.signed_client import Api


class TestList:
    @pytest.fixture(scope="class")
    @classmethod
    def many(cls, rated_api: Api) -> int:
        """Thirty readers, scores 1 to 5, every second with a text; newest last."""
        for number, reader in enumerate(READERS[:30]):
            post(rated_api, reader, 78, number % 5 + 1, body="Text" if number % 2 else None)
        return 78

    def test_newest_first_in_pages(self, rated_api: Api, many: int) -> None:
        first = listed(rated_api, f"addon={many}&page_size=20")
        keys = ["page_size", "page_count", "count", "next", "previous", "results"]
        assert list(first) == keys
        assert (first["count"], first["page_count"], len(first["results"])) == (30, 2, 20)
        second = rated_api.get(first["next"]).json["results"]
        ids = [one["id"] for one in first["results"] + second]
        assert ids == sorted(ids, reverse=True)
        assert len(ids) == 30

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("score=1", 6),
            ("score=1,5", 12),
            ("filter=without_empty_body", 15),
            ("filter=without_empty_body,with_deleted", 15),
            ("user=100", 1),
            ("user=7", 0),
            ("version=783", 30),
            ("version=782", 0),
            ("version=783&user=100&page_size=10", 1),
        ],
    )
    def test_filters(self, rated_api: Api, many: int, query: str, count: int) -> None:
        assert listed(rated_api, f"addon={many}&{query}")["count"] == count

    def test_one_of_a_user_is_a_page_of_one(self, rated_api: Api, many: int) -> None:
        assert listed(rated_api, f"addon={many}&user=100&version=783")["page_size"] == 1

    def test_excluded_ratings(self, rated_api: Api, many: int) -> None:
        ids = [one["id"] for one in listed(rated_api, f"addon={many}&page_size=3")["results"]]
        rest = listed(rated_api, f"addon={many}&exclude_ratings={ids[0]},{ids[2]}&page_size=50")
        assert rest["count"] == 28
        assert ids[1] in [one["id"] for one in rest["results"]]

    def test_with_yours(self, rated_api: Api, many: int) -> None:
        query = f"addon={many}&filter=without_empty_body,with_yours"
        assert listed(rated_api, query, READERS[0])["count"] == 16  # whose rating has no text
        assert listed(rated_api, query)["count"] == 15

    def test_of_a_user_all_add_ons_and_versions_and_replies(self, rated_api: Api) -> None:
        user = READERS[59]
        for addon, number in ((77, 1), (77, 2), (76, 3)):
            post(rated_api, user, addon, 4, number)
        assert listed(rated_api, f"user={user['_id']}")["count"] == 3
        rating = listed(rated_api, f"user={user['_id']}")["results"][0]
        rated_api.ask("POST", "v5", f"{V5}{rating['id']}/reply/", ANN, {"body": "Thanks"})
        assert listed(rated_api, "user=7")["results"][0]["is_developer_reply"] is True

    @pytest.mark.parametrize("show", ["1", "true", "TRUE"])
    def test_grouped_ratings(self, rated_api: Api, many: int, show: str) -> None:
        ratings = listed(rated_api, f"addon={many}&show_grouped_ratings={show}")
        assert ratings["grouped_ratings"] == dict.fromkeys(ZERO, 6)
        assert "grouped_ratings" not in listed(rated_api, f"addon={many}&show_grouped_ratings=0")

    @pytest.mark.parametrize(("user", "can"), [(ANN, True), (MOD, True), (BOB, False)])
    def test_can_reply(self, rated_api: Api, many: int, user: Any, can: bool) -> None:
        query = f"addon={many}&show_permissions_for={user['_id']}"
        assert listed(rated_api, query, user)["can_reply"] is can

    @pytest.mark.parametrize(
        ("query", "text"),
        [
            ("", "Need an addon or user parameter"),
            ("version=1", "Need an addon or user parameter"),
            ("user=bob", "user parameter should be an integer."),
            ("addon=1&version=x", "version parameter should be an integer."),
            (
                "addon=1&score=a",
                "score parameter should be an integer or a list of integers (separated by a comma).",
            ),
            (
                "addon=1&exclude_ratings=1,b",
                "exclude_ratings parameter should be an integer or a list of integers "
                "(separated by a comma).",
            ),
            ("addon=1&show_grouped_ratings=x", "show_grouped_ratings parameter should be a boolean"),
            (
                "addon=1&show_flags_for=7",
                "show_flags_for parameter value should be equal to the user id of the authenticated user",
            ),
            (
                "addon=1&show_permissions_for=7",
                "show_permissions_for parameter value should be equal to the user id of the authenticated "
                "user",
            ),
        ],
    )
    def test_faults(self, rated_api: Api, query: str, text: str) -> None:
        answer = rated_api.ask("GET", "v5", f"{V5}?{query}", BOB)
        assert (answer.status, answer.json) == (400, {"detail": text})

    @pytest.mark.parametrize(
        ("id", "user", "status"),
        [(HIDDEN, None, 401), (HIDDEN, BOB, 403), (HIDDEN, ANN, 200), (DELETED, ANN, 404), (5555, None, 404)],
    )
    def test_of_add_ons_that_are_not_public(self, rated_api: Api, id: int, user: Any, status: int) -> None:
        answer = rated_api.ask("GET", "v5", f"{V5}?addon={id}", user)
        assert answer.status == status
        if status in (401, 403):
            assert answer.json["is_disabled_by_developer"] is True

    @pytest.mark.parametrize("page", ["0", "x", "9"])
    def test_pages_that_are_not_there(self, rated_api: Api, page: str) -> None:
        answer = rated_api.ask("GET", "v5", f"{V5}?addon=78&page={page}")
        assert (answer.status, answer.json) == (404, {"detail": "Invalid page."})

    def test_head_is_get_without_a_body(self, rated_api: Api, many: int) -> None:
        got, head = (rated_api.ask(method, "v5", f"{V5}?addon={many}") for method in ("GET", "HEAD"))
        assert head.headers["Content-Length"] == str(len(got.body))
        assert (head.status, head.body) == (200, b"")
