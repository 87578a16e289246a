"""Replies and flags (contract/writes.md 9)."""

from typing import Any

import pytest

from tests.handlers.ratings.ratings_server import (
    ANN,
    BOB,
    CAT,
    KEYS,
    MOD,
    REQUIRED,
    V5,
    listed,
    post,
    summary,
)
from tests.handlers.signed_client import Api


class TestReply:
    def test_by_the_author(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon, body="Why?")
        answer = rated_api.ask("POST", "v5", f"{V5}{rating['id']}/reply/", ANN, {"body": "See the settings."})
        assert answer.status == 201
        assert set(answer.json) == set(KEYS)
        assert (answer.json["is_developer_reply"], answer.json["user"]["id"]) == (True, 7)
        assert rated_api.ask("GET", "v5", f"{V5}{rating['id']}/").json["reply"] == answer.json
        assert listed(rated_api, f"addon={addon}")["count"] == 1
        assert summary(rated_api, addon)["count"] == 1

    def test_a_second_one_takes_its_place_with_200(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon)
        path = f"{V5}{rating['id']}/reply/"
        first = rated_api.ask("POST", "v5", path, ANN, {"body": "One"}).json
        second = rated_api.ask("POST", "v5", path, MOD, {"body": "Two"})
        assert (second.status, second.json["id"], second.json["body"]) == (200, first["id"], "Two")
        assert rated_api.ask("DELETE", "v5", f"{V5}{first['id']}/", MOD).status == 204
        assert rated_api.ask("GET", "v5", f"{V5}{rating['id']}/").json["reply"] is None
        third = rated_api.ask("POST", "v5", path, ANN, {"body": "Three"})
        assert (third.status, third.json["id"], third.json["is_deleted"]) == (200, first["id"], False)

    def test_is_edited_like_a_rating(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon)
        reply = rated_api.ask("POST", "v5", f"{V5}{rating['id']}/reply/", ANN, {"body": "One"}).json
        path = f"{V5}{reply['id']}/"
        assert rated_api.ask("PATCH", "v5", path, ANN, {"body": "Two", "score": 3}).json == reply | {
            "body": "Two"
        }
        assert rated_api.ask("PATCH", "v5", path, ANN, {"body": ""}).json == {
            "body": ["This field may not be blank."]
        }
        assert rated_api.ask("PATCH", "v5", path, BOB, {"body": "x"}).status == 403

    @pytest.mark.parametrize(("user", "status"), [(BOB, 403), (CAT, 403), (ANN, 201), (MOD, 201)])
    def test_who_may(self, rated_api: Api, addon: int, user: Any, status: int) -> None:
        rating = post(rated_api, BOB, addon)
        answer = rated_api.ask("POST", "v5", f"{V5}{rating['id']}/reply/", user, {"body": "Thanks"})
        assert answer.status == status

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({}, "This field is required."),
            ({"body": "  "}, "This field may not be blank."),
            ({"body": None}, "This field may not be null."),
            ({"body": "See https://a.example/"}, "URLs are not allowed."),
            ({"body": "lizard"}, 'The review text cannot contain the word: "lizard"'),
        ],
    )
    def test_faults(self, rated_api: Api, addon: int, body: Any, text: str) -> None:
        rating = post(rated_api, BOB, addon)
        answer = rated_api.ask("POST", "v5", f"{V5}{rating['id']}/reply/", ANN, body)
        assert (answer.status, answer.json) == (400, {"body": [text]})

    def test_to_a_reply(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon)
        reply = rated_api.ask("POST", "v5", f"{V5}{rating['id']}/reply/", ANN, {"body": "One"}).json
        answer = rated_api.ask("POST", "v5", f"{V5}{reply['id']}/reply/", ANN, {"body": "Two"})
        text = "You can't reply to a review that is already a reply."
        assert (answer.status, answer.json) == (400, {"non_field_errors": [text]})


class TestReplyToADeletedRating:
    """What hid the rating hides what was said about it."""

    def _deleted(self, api: Api, addon: int) -> tuple[str, str]:
        """The paths of a deleted rating and of its reply."""
        rating = post(api, BOB, addon, body="My address is …")
        reply = api.ask("POST", "v5", f"{V5}{rating['id']}/reply/", ANN, {"body": "You said …"}).json
        assert api.ask("DELETE", "v5", f"{V5}{rating['id']}/", BOB).status == 204
        return f"{V5}{rating['id']}/", f"{V5}{reply['id']}/"

    @pytest.mark.parametrize("user", [None, BOB, CAT, ANN])
    def test_is_read_and_written_by_nobody(self, rated_api: Api, addon: int, user: Any) -> None:
        _, reply = self._deleted(rated_api, addon)
        refused = 404 if user else 401
        assert rated_api.ask("GET", "v5", reply, user).status == 404
        assert rated_api.ask("PATCH", "v5", reply, user, {"body": "More"}).status == refused
        assert rated_api.ask("DELETE", "v5", reply, user).status == refused
        assert rated_api.ask("POST", "v5", f"{reply}flag/", user, {"flag": "x"}).status == refused

    def test_is_in_no_list(self, rated_api: Api, addon: int) -> None:
        rating, reply = self._deleted(rated_api, addon)
        for query in (f"addon={addon}", f"user={ANN['_id']}&page_size=50", f"user={BOB['_id']}&page_size=50"):
            for user in (None, ANN, BOB):
                rows = listed(rated_api, query, user)["results"]
                assert not {f"{V5}{row['id']}/" for row in rows} & {rating, reply}

    def test_moderators_see_it_with_its_rating(self, rated_api: Api, addon: int) -> None:
        rating, reply = self._deleted(rated_api, addon)
        alone = rated_api.ask("GET", "v5", reply, MOD)
        assert (alone.status, alone.json["is_deleted"]) == (200, True)
        [row] = listed(rated_api, f"addon={addon}&filter=with_deleted", MOD)["results"]
        assert row == rated_api.ask("GET", "v5", rating, MOD).json
        assert row["reply"]["body"] == "You said …"
        assert rated_api.ask("PATCH", "v5", reply, MOD, {"body": "More"}).status == 404


class TestFlag:
    OTHER = "rating_flag_reason_other"
    SPAM = "rating_flag_reason_spam"

    def _flags(self, rated_api: Api, rating: Any, user: Any) -> Any:
        path = f"{V5}{rating['id']}/?show_flags_for={user['_id']}"
        return rated_api.ask("GET", "v5", path, user).json["flags"]

    def test_is_202_and_seen_by_who_set_it(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon, body="Spam!")
        answer = rated_api.ask("POST", "v5", f"{V5}{rating['id']}/flag/", CAT, {"flag": self.SPAM})
        assert answer.status == 202
        assert answer.json.keys() == {"flag", "note", "rating", "user"}
        assert (answer.json["flag"], answer.json["rating"]) == (self.SPAM, rating["id"])
        assert self._flags(rated_api, rating, CAT) == [{"flag": self.SPAM, "note": None}]
        assert self._flags(rated_api, rating, ANN) == []
        [row] = listed(rated_api, f"addon={addon}&show_flags_for=9", CAT)["results"]
        assert row["flags"] == [{"flag": self.SPAM, "note": None}]
        assert "flags" not in rating

    def test_a_second_one_takes_its_place_and_a_note_makes_it_other(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon, body="Spam!")
        path = f"{V5}{rating['id']}/flag/"
        rated_api.ask("POST", "v5", path, CAT, {"flag": self.SPAM})
        answer = rated_api.ask("POST", "v5", path, CAT, {"flag": self.SPAM, "note": "Odd."})
        assert (answer.json["flag"], answer.json["note"]) == (self.OTHER, "Odd.")
        assert self._flags(rated_api, rating, CAT) == [{"flag": self.OTHER, "note": "Odd."}]

    def test_v3_has_words_of_its_own(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon, body="Spam!")
        path = f"reviews/review/{rating['id']}/flag/"
        for word in ("review_flag_reason_language", "rating_flag_reason_language"):
            answer = rated_api.ask("POST", "v3", path, CAT, {"flag": word})
            assert answer.json["flag"] == "review_flag_reason_language"

    @pytest.mark.parametrize(
        ("body", "faults"),
        [
            ({}, {"flag": REQUIRED}),
            (
                {"flag": "x"},
                {
                    "flag": [
                        "Invalid flag [x] - must be one of [rating_flag_reason_spam,"
                        "rating_flag_reason_language,rating_flag_reason_bug_support,rating_flag_reason_other]"
                    ]
                },
            ),
            (
                {"flag": "rating_flag_reason_other", "note": " "},
                {"note": ['A short explanation must be provided when selecting "Other" as a flag reason.']},
            ),
        ],
    )
    def test_faults(self, rated_api: Api, addon: int, body: Any, faults: Any) -> None:
        rating = post(rated_api, BOB, addon, body="Spam!")
        answer = rated_api.ask("POST", "v5", f"{V5}{rating['id']}/flag/", CAT, body)
        assert (answer.status, answer.json) == (400, faults)

    def test_not_ones_own_and_not_without_text(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon)
        path = f"{V5}{rating['id']}/flag/"
        assert rated_api.ask("POST", "v5", path, BOB, {"flag": self.SPAM}).status == 403
        answer = rated_api.ask("POST", "v5", path, CAT, {"flag": self.SPAM})
        text = "This rating can't be flagged because it has no review text."
        assert (answer.status, answer.json) == (400, {"non_field_errors": [text]})
