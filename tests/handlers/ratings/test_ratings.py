"""Ratings over HTTP: permissions and faults (contract/writes.md 9)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.handlers.ratings.ratings_server import (
    ANN,
    BOB,
    CAT,
    DELETED,
    DISABLED,
    HIDDEN,
    KEYS,
    MOD,
    OWN_MOD,
    REQUIRED,
    V5,
    ZERO,
    listed,
    post,
    sent,
    summary,
)
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api

NOT_PUBLIC = ["This version of the add-on doesn't exist or isn't public."]
NO_URLS = ["URLs are not allowed."]


class TestShape:
    @pytest.mark.parametrize("version", ["v4", "v5"])
    def test_of_v4_and_v5(self, rated_api: Api, addon: int, version: str) -> None:
        answer = rated_api.ask("POST", version, V5, BOB, sent(addon, 5, body=" Good. "))
        assert answer.status == 201
        rating = answer.json
        assert set(rating) == {*KEYS, "reply", "score", "version"}
        assert rating["addon"].keys() == {"id", "slug", "name", "icon_url"}
        assert rating["addon"]["name"] == {"en-US": f"Rated {addon}", "fr": f"Noté {addon}"}
        assert (rating["score"], rating["body"], rating["reply"]) == (5, "Good.", None)
        assert rating["version"] == {"id": addon * 10 + 3, "version": "3.0"}
        assert (rating["is_latest"], rating["previous_count"]) == (True, 0)
        user = rating["user"]
        assert (user["id"], user["name"], user["username"]) == (8, "Bob", "bob")
        assert user["url"].endswith("/en-US/firefox/user/8/")
        assert rated_api.ask("GET", version, f"{V5}{rating['id']}/").json == rating

    def test_of_v3(self, rated_api: Api, addon: int) -> None:
        body = {"addon": addon, "version": addon * 10 + 3, "rating": 2, "title": "Ignored"}
        answer = rated_api.ask("POST", "v3", "reviews/review/", BOB, body)
        assert answer.status == 201
        assert set(answer.json) == {*KEYS, "reply", "rating", "title", "version"}
        assert (answer.json["rating"], answer.json["title"]) == (2, None)
        assert rated_api.ask("GET", "v4", f"{V5}{answer.json['id']}/").json["score"] == 2

    @pytest.mark.parametrize(("version", "path"), [("v3", V5), ("v4", "reviews/review/")])
    def test_paths_belong_to_versions(self, rated_api: Api, version: str, path: str) -> None:
        assert rated_api.ask("GET", version, f"{path}?user=8").status == 404

    def test_lang_is_for_the_name(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon)
        assert (
            rated_api.ask("GET", "v4", f"{V5}{rating['id']}/?lang=fr").json["addon"]["name"]
            == f"Noté {addon}"
        )

    def test_who_and_when_are_not_taken_from_the_body(self, rated_api: Api, addon: int) -> None:
        claims = {"user": 9, "created": "2000-01-01T00:00:00Z", "is_latest": False, "id": 1}
        rating = rated_api.ask("POST", "v5", V5, BOB, sent(addon) | claims).json
        assert rating["user"]["id"] == 8
        assert rating["created"] > "2020"


class TestFaultsOfANewOne:
    """Each names what is wrong; nothing is stored."""

    @pytest.mark.parametrize(
        ("change", "faults"),
        [
            pytest.param({"addon": None}, {"addon": ["This field may not be null."]}, id="add-on-null"),
            pytest.param({"addon": ...}, {"addon": REQUIRED}, id="no-add-on"),
            pytest.param({"version": ...}, {"version": REQUIRED}, id="no-version"),
            pytest.param({"score": ...}, {"score": REQUIRED}, id="no-score"),
            pytest.param(
                {"version": ..., "score": ...}, {"version": REQUIRED, "score": REQUIRED}, id="neither"
            ),
            pytest.param(
                {"score": 0},
                {"score": ["Ensure this value is greater than or equal to 1."]},
                id="score-too-small",
            ),
            pytest.param(
                {"score": 6}, {"score": ["Ensure this value is less than or equal to 5."]}, id="score-too-big"
            ),
            pytest.param({"score": "many"}, {"score": ["A valid integer is required."]}, id="score-a-word"),
            pytest.param({"score": 4.5}, {"score": ["A valid integer is required."]}, id="score-a-fraction"),
            pytest.param({"score": None}, {"score": ["This field may not be null."]}, id="score-null"),
            pytest.param({"version": 13}, {"version": NOT_PUBLIC}, id="version-of-another-add-on"),
            pytest.param({"version": "unlisted"}, {"version": NOT_PUBLIC}, id="version-not-public"),
            pytest.param({"version": "x"}, {"version": NOT_PUBLIC}, id="version-no-number"),
            pytest.param({"version": None}, {"version": ["This field may not be null."]}, id="version-null"),
            pytest.param(
                {"body": "A BAD add-on"},
                {"body": ['The review text cannot contain the word: "bad"']},
                id="denied-word",
            ),
            pytest.param(
                {"body": "bad lizard"},
                {"body": ['The review text cannot contain any of the words: "bad", "lizard"']},
                id="denied-words",
            ),
            pytest.param({"body": "see https://spam.example/"}, {"body": NO_URLS}, id="link"),
            pytest.param({"body": "better: tabs.com"}, {"body": NO_URLS}, id="domain"),
            pytest.param({"body": []}, {"body": ["Not a valid string."]}, id="body-no-text"),
        ],
    )
    def test_fields(self, rated_api: Api, change: dict[str, Any], faults: Any) -> None:
        body = {key: value for key, value in (sent(79) | change).items() if value is not ...}
        if body.get("version") == "unlisted":
            body["version"] = 799
        answer = rated_api.ask("POST", "v5", V5, CAT, body)
        assert (answer.status, answer.json) == (400, faults)
        assert listed(rated_api, "addon=79")["count"] == 0

    def test_v3_speaks_of_rating(self, rated_api: Api) -> None:
        answer = rated_api.ask(
            "POST", "v3", "reviews/review/", CAT, {"addon": 79, "version": 793, "score": 4}
        )
        assert answer.json == {"rating": REQUIRED}

    @pytest.mark.parametrize("body", ["badger", "salizards", None, "", "a<br>b"])
    def test_other_texts_are_taken(self, rated_api: Api, addon: int, body: Any) -> None:
        assert post(rated_api, BOB, addon, body=body)["body"] == (
            body.replace("<br>", "\n") if body else body
        )

    def test_ones_own_add_on(self, rated_api: Api, addon: int) -> None:
        answer = rated_api.ask("POST", "v5", V5, ANN, sent(addon))
        assert answer.status == 400
        assert answer.json == {"non_field_errors": ["You can't leave a review on your own add-on."]}

    def test_twice_on_one_version(self, rated_api: Api, addon: int) -> None:
        post(rated_api, BOB, addon)
        answer = rated_api.ask("POST", "v5", V5, BOB, sent(addon))
        text = "You can't leave more than one review for the same version of an add-on."
        assert (answer.status, answer.json) == (400, {"non_field_errors": [text]})

    def test_twice_at_the_same_moment(self, rated_api: Api, addon: int) -> None:
        def ask(_: int) -> int:
            client = Api(rated_api.base)
            try:
                return client.ask("POST", "v5", V5, BOB, sent(addon)).status
            finally:
                client.close()

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(ask, range(8)))
        assert sorted(statuses) == [201, *[400] * 7]
        assert summary(rated_api, addon)["count"] == 1

    @pytest.mark.parametrize(
        ("id", "user", "status"),
        [
            (HIDDEN, None, 401),
            (HIDDEN, BOB, 403),
            (DISABLED, BOB, 403),
            (DELETED, BOB, 404),
            (123456, BOB, 404),
            ("no-such", BOB, 404),
        ],
    )
    def test_add_ons_one_does_not_see(self, rated_api: Api, id: Any, user: Any, status: int) -> None:
        answer = rated_api.ask("POST", "v5", V5, user, {"addon": id})
        assert answer.status == status
        if status == 403:
            flags = {
                "is_disabled_by_developer": id == HIDDEN,
                "is_disabled_by_mozilla": id == DISABLED,
            }
            assert answer.json == FORBIDDEN | flags

    @pytest.mark.parametrize("name", ["id", "slug", "guid", "text"])
    def test_the_add_on_by_any_name(self, rated_api: Api, addon: int, name: str) -> None:
        names = {
            "id": addon,
            "slug": f"rated-{addon}",
            "guid": f"rated-{addon}@example.org",
            "text": str(addon),
        }
        answer = rated_api.ask("POST", "v5", V5, BOB, sent(addon) | {"addon": names[name]})
        assert answer.status == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ""), ("PATCH", "1/"), ("DELETE", "1/"), ("POST", "1/reply/"), ("POST", "1/flag/")],
)
@pytest.mark.parametrize(("version", "base"), [("v3", "reviews/review/"), ("v4", V5), ("v5", V5)])
def test_writes_are_for_who_is_signed_in(
    rated_api: Api, version: str, base: str, method: str, path: str
) -> None:
    answer = rated_api.ask(method, version, base + path, None, {})
    assert (answer.status, answer.json) == (401, NOT_AUTHENTICATED)
    by_key = rated_api.ask(method, version, base + path, None, {}, **{"Authorization": "JWT broken"})
    assert by_key.status == 401


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("1/", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("", "GET, HEAD, OPTIONS, POST"),
        ("1/reply/", "OPTIONS, POST"),
        ("1/flag/", "OPTIONS, POST"),
    ],
)
def test_put_is_405(rated_api: Api, path: str, allow: str) -> None:
    answer = rated_api.ask("PUT", "v5", V5 + path, BOB)
    assert (answer.status, answer.headers["Allow"]) == (405, allow)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("id", ["123456", "9" * 30])
def test_unknown_ratings_are_404(rated_api: Api, method: str, id: str) -> None:
    answer = rated_api.ask(method, "v5", f"{V5}{id}/", MOD, {})
    assert (answer.status, answer.json) == (404, NOT_FOUND)


class TestEdit:
    @pytest.mark.parametrize("user", [BOB, MOD], ids=["own", "moderator"])
    def test_score_and_body(self, rated_api: Api, addon: int, user: Any) -> None:
        rating = post(rated_api, BOB, addon, 5, body="Good.")
        answer = rated_api.ask("PATCH", "v5", f"{V5}{rating['id']}/", user, {"score": 1, "is_latest": False})
        assert answer.status == 200
        assert answer.json == rating | {"score": 1}
        assert rated_api.ask("PATCH", "v4", f"{V5}{rating['id']}/", user, {"body": None}).json["body"] is None
        assert summary(rated_api, addon)["grouped_counts"] == ZERO | {"1": 1}
        assert summary(rated_api, addon)["text_count"] == 0

    def test_of_others_is_403(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon)
        answer = rated_api.ask("PATCH", "v5", f"{V5}{rating['id']}/", CAT, {"score": "x"})
        assert (answer.status, answer.json) == (403, FORBIDDEN)

    @pytest.mark.parametrize(
        ("body", "faults"),
        [
            (
                {"addon": 1},
                {"addon": ["You can't change the add-on of a review once it has been created."]},
            ),
            (
                {"version": 1},
                {
                    "version": [
                        "You can't change the version of the add-on reviewed once the review has been "
                        "created."
                    ]
                },
            ),
            ({"score": 9}, {"score": ["Ensure this value is less than or equal to 5."]}),
            ({"body": "bad"}, {"body": ['The review text cannot contain the word: "bad"']}),
        ],
    )
    def test_faults(self, rated_api: Api, addon: int, body: Any, faults: Any) -> None:
        rating = post(rated_api, BOB, addon)
        answer = rated_api.ask("PATCH", "v5", f"{V5}{rating['id']}/", BOB, body)
        assert (answer.status, answer.json) == (400, faults)


@pytest.mark.parametrize("version", ["v3", "v4", "v5"])
def test_rater_learns_nothing_of_an_addon_that_was_hidden_since(
    rated_api: Api, addon: int, version: str
) -> None:
    """Its author and moderators do; strangers do not even see the rating."""
    rating = post(rated_api, BOB, addon, body="Good.")
    change = {"is_disabled": True, "name": {"en-US": "Secret plans"}, "slug": f"secret-plans-{addon}"}
    assert rated_api.ask("PATCH", "v5", f"addons/addon/{addon}/", ANN, change).status == 200
    path = f"{'reviews/review' if version == 'v3' else 'ratings/rating'}/{rating['id']}/"
    icon = rating["addon"]["icon_url"].partition("/img/")[0] + "/img/addon-icons/default-64.png"
    hidden = {"id": addon, "slug": None, "name": None, "icon_url": icon}
    answers = [
        rated_api.ask("GET", version, path, BOB),
        rated_api.ask("PATCH", version, path, BOB, {"body": "Very good."}),
    ]
    for answer in answers:
        assert (answer.status, answer.json["addon"]) == (200, hidden)
        assert b"ecret" not in answer.body
    for user in (ANN, MOD):
        assert rated_api.ask("GET", version, path, user).json["addon"]["slug"] == f"secret-plans-{addon}"
    assert rated_api.ask("GET", version, path).status == 401
    assert rated_api.ask("GET", version, path, CAT).status == 403


class TestDelete:
    @pytest.mark.parametrize(
        ("user", "status"), [(BOB, 204), (MOD, 204), (CAT, 403), (ANN, 403), (OWN_MOD, 403)]
    )
    def test_who_may(self, rated_api: Api, addon: int, user: Any, status: int) -> None:
        """A moderator may not, where the add-on is their own."""
        rating = post(rated_api, BOB, addon)
        answer = rated_api.ask("DELETE", "v5", f"{V5}{rating['id']}/", user)
        assert (answer.status, answer.body == b"") == (status, status == 204)
        assert listed(rated_api, f"addon={addon}")["count"] == (status == 403)

    def test_moderators_see_it_still(self, rated_api: Api, addon: int) -> None:
        rating = post(rated_api, BOB, addon)
        path = f"{V5}{rating['id']}/"
        assert rated_api.ask("DELETE", "v5", path, BOB).status == 204
        for user in (None, BOB):
            assert rated_api.ask("GET", "v5", path, user).status == 404
        assert rated_api.ask("GET", "v5", path, MOD).json["is_deleted"] is True
        for user in (BOB, MOD):
            assert rated_api.ask("DELETE", "v5", path, user).status == 404
        assert listed(rated_api, f"addon={addon}&filter=with_deleted", MOD)["count"] == 1
        assert listed(rated_api, f"addon={addon}&filter=with_deleted", BOB)["count"] == 0

    def test_the_version_may_be_rated_again(self, rated_api: Api, addon: int) -> None:
        first = post(rated_api, BOB, addon)
        assert rated_api.ask("DELETE", "v5", f"{V5}{first['id']}/", BOB).status == 204
        assert post(rated_api, BOB, addon)["previous_count"] == 0
