"""What a rating changes in addition: the user's latest rating, and the add-on's summary."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.handlers.ratings.ratings_server import (
    BOB,
    HIDDEN,
    LOADED,
    NONE,
    READERS,
    V5,
    ZERO,
    listed,
    post,
    sent,
    summary,
)
from tests.handlers.signed_client import Api


class TestLatest:
    def test_a_newer_one_takes_the_place(self, rated_api: Api, addon: int) -> None:
        first, second = post(rated_api, BOB, addon, 1, 1), post(rated_api, BOB, addon, 5, 2)
        assert (second["is_latest"], second["previous_count"]) == (True, 1)
        assert rated_api.ask("GET", "v5", f"{V5}{first['id']}/").json["is_latest"] is False
        assert [one["id"] for one in listed(rated_api, f"addon={addon}")["results"]] == [second["id"]]
        assert summary(rated_api, addon)["grouped_counts"] == ZERO | {"5": 1}

    def test_deleting_it_gives_it_back(self, rated_api: Api, addon: int) -> None:
        first, second, third = (post(rated_api, BOB, addon, number, number) for number in (1, 2, 3))
        assert rated_api.ask("DELETE", "v5", f"{V5}{second['id']}/", BOB).status == 204
        now = rated_api.ask("GET", "v5", f"{V5}{third['id']}/").json
        assert (now["is_latest"], now["previous_count"]) == (True, 1)
        assert rated_api.ask("DELETE", "v5", f"{V5}{third['id']}/", BOB).status == 204
        assert rated_api.ask("GET", "v5", f"{V5}{first['id']}/").json["is_latest"] is True
        assert summary(rated_api, addon)["grouped_counts"] == ZERO | {"1": 1}


class TestSummary:
    def test_counts_and_averages(self, rated_api: Api, addon: int) -> None:
        for reader, score, body in zip(READERS, (5, 4, 4, 1), ("Good.", None, "", "Poor."), strict=False):
            post(rated_api, reader, addon, score, body=body)
        counts = summary(rated_api, addon)
        assert counts["bayesian_average"] == pytest.approx((1.7 * 0.8 + 14) / 5.7)
        del counts["bayesian_average"]
        grouped = ZERO | {"5": 1, "4": 2, "1": 1}
        assert counts == {"average": 3.5, "count": 4, "text_count": 2, "grouped_counts": grouped}
        assert listed(rated_api, f"addon={addon}&show_grouped_ratings=true")["grouped_ratings"] == grouped

    def test_search_sorts_by_it(self, rated_api: Api, addon: int) -> None:
        post(rated_api, READERS[0], addon, 5)
        guids = f"rated-{addon}@example.org,rated-{HIDDEN}@example.org,rated-79@example.org"
        rows = rated_api.ask("GET", "v5", f"addons/search/?sort=rating&guid={guids}").json["results"]
        assert [row["id"] for row in rows] == [addon, 79]

    def test_nothing_is_left_of_the_last(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon, body="Good.")
        assert rated_api.ask("DELETE", "v5", f"{V5}{rating['id']}/", BOB).status == 204
        assert summary(rated_api, addon) == {**NONE, "grouped_counts": ZERO}

    def test_what_was_loaded_is_carried_on(self, rated_api: Api) -> None:
        rating = post(rated_api, BOB, LOADED, 1, body="Poor.")
        counts = summary(rated_api, LOADED)
        assert (counts["count"], counts["text_count"]) == (101, 41)
        assert "grouped_counts" not in counts, "what nobody knows is not said"
        assert "grouped_ratings" not in listed(rated_api, f"addon={LOADED}&show_grouped_ratings=1")
        assert counts["average"] == pytest.approx((450 + 1) / 101, abs=1e-4)
        assert rated_api.ask("DELETE", "v5", f"{V5}{rating['id']}/", BOB).status == 204
        counts = summary(rated_api, LOADED)
        assert (counts["average"], counts["count"], counts["text_count"]) == (4.5, 100, 40)

    def test_of_many_at_once_none_is_lost(self, rated_api: Api, addon: int) -> None:
        def ask(user: Any) -> int:
            client = Api(rated_api.base)
            try:
                return client.ask("POST", "v5", V5, user, sent(addon, user["_id"] % 5 + 1)).status
            finally:
                client.close()

        with ThreadPoolExecutor(10) as pool:
            assert set(pool.map(ask, READERS[:30])) == {201}
        counts = summary(rated_api, addon)
        assert (counts["count"], counts["average"]) == (30, 3.0)
        assert counts["grouped_counts"] == dict.fromkeys(ZERO, 6)
