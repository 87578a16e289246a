"""Limits of a request, and the answers beyond them (conf/README.md, Limits)."""

from typing import Any
from urllib.parse import quote

import pytest

from conf.limits import MAX_GUIDS, MAX_VALUES
from conf.settings.settings import Settings
from tests.client import Client
from tests.sweep import sweep

SEARCH = "/api/{}/addons/search/"
NO_CODES = {
    "letters without end": "x" * 14_000,
    "36 characters": "en-" + "a" * 33,
    "one letter": "e",
    "digits": "12",
    "a script": "<b>",
    "an unended tag": "en-",
    "a control character": "en\x00",
    "other alphabets": "ру",
}


def many(count: int) -> str:
    return ",".join(f"value{number}@x" for number in range(count))


class TestLang:
    @pytest.mark.parametrize("path", ["addons/search/", "addons/categories/", "addons/addon/x/", "site/"])
    @pytest.mark.parametrize("lang", NO_CODES.values(), ids=NO_CODES)
    def test_no_code_is_400_in_v5(self, client: Client, path: str, lang: str) -> None:
        answer = client.get(f"/api/v5/{path}", params={"lang": lang})
        assert (answer.status, answer.json) == (400, {"detail": "Invalid language code."})

    @sweep("version", ["v3", "v4"])
    @pytest.mark.parametrize("lang", NO_CODES.values(), ids=NO_CODES)
    def test_no_code_is_the_default_before(self, client: Client, version: str, lang: str) -> None:
        names = {}
        for code in (lang, "xx"):
            answer = client.get(SEARCH.format(version), params={"lang": code, "page_size": 50})
            names[code] = [row["name"] for row in answer.json["results"]]
        assert names[lang] == names["xx"]
        assert all(isinstance(name, str) for name in names[lang])

    def test_a_long_one_does_not_multiply(self, client: Client) -> None:
        """`page_size=50&lang=` and 14 kB were 23.5 MB."""
        for version in ("v3", "v4"):
            usual = client.get(SEARCH.format(version), params={"lang": "xx", "page_size": 50})
            answer = client.get(SEARCH.format(version), params={"lang": "x" * 14_000, "page_size": 50})
            assert len(answer.body) < len(usual.body) + 20_000

    @pytest.mark.parametrize("lang", ["xx", "EN_us", "zh-Hant-TW", " fr ", "ja-JP-mac", ""])
    def test_codes_of_any_kind_are_taken(self, client: Client, lang: str) -> None:
        assert client.get(SEARCH.format("v5"), params={"lang": lang}).status == 200


class TestUrl:
    def test_250_guids_fit(self, client: Client) -> None:
        guids = [f"{{{number:08x}-aaaa-bbbb-cccc-0123456789ab}}" for number in range(250)]
        answer = client.get(f"/api/v4/addons/search/?guid={quote(','.join(guids), safe='')}&lang=en-US")
        assert (answer.status, answer.json["count"]) == (200, 0)

    @sweep("version", ["v3", "v4", "v5"])
    def test_longer_than_the_limit_is_414(self, client: Client, version: str) -> None:
        limit = Settings().max_url_bytes
        path = SEARCH.format(version) + "?q="
        assert client.get(path + "a" * (limit - len(path))).status == 400  # q itself is too long
        answer = client.get(path + "a" * (limit - len(path) + 1))
        assert (answer.status, answer.json) == (414, {"detail": f"Request URL exceeds {limit} bytes."})


class TestLists:
    """Values between commas: the same one twice is one, too many are refused."""

    def refusal(self, client: Client, path: str, name: str, count: int, version: str = "v5") -> Any:
        answer = client.get(f"/api/{version}/{path}", params={name: many(count)})
        assert answer.status == 400
        return answer.json

    @pytest.mark.parametrize("path", ["addons/search/", "addons/autocomplete/"])
    @pytest.mark.parametrize("name", ["tag", "author", "exclude_addons"])
    def test_too_many_in_searches(self, client: Client, path: str, name: str) -> None:
        assert client.get(f"/api/v5/{path}", params={name: many(MAX_VALUES)}).status == 200
        text = f'The "{name}" parameter has more than {MAX_VALUES} values.'
        assert self.refusal(client, path, name, MAX_VALUES + 1) == [text]

    def test_too_many_guids(self, client: Client) -> None:
        text = f'The "guid" parameter has more than {MAX_GUIDS} values.'
        assert self.refusal(client, "addons/search/", "guid", MAX_GUIDS + 1) == [text]
        overrides = self.refusal(client, "addons/compat-override/", "guid", MAX_GUIDS + 1, "v3")
        assert overrides == {"detail": text}
        assert client.get(SEARCH.format("v5"), params={"guid": many(MAX_GUIDS)}).status == 200

    def test_too_many_authors_of_language_tools(self, client: Client) -> None:
        text = f'The "author" parameter has more than {MAX_VALUES} values.'
        assert self.refusal(client, "addons/language-tools/", "author", MAX_VALUES + 1) == {"detail": text}

    @pytest.mark.parametrize(
        "params",
        [
            {"tag": "privacy" + ",privacy" * 1500},
            {"tag": "x" + "," * 4000},
            {"author": "12," * 2500},
            {"guid": "a@b," * 1800},
            {"type": "extension," * 1200 + "extension"},
            {"exclude_addons": "x," * 4000, "q": "tab"},
            {"sort": "users," * 2000 + "users"},
        ],
        ids=["tag", "commas", "author", "guid", "type", "exclude_addons", "sort"],
    )
    def test_the_same_again_counts_once(self, client: Client, params: dict[str, str]) -> None:
        once = {name: ",".join(dict.fromkeys(value.split(","))) for name, value in params.items()}
        answer = client.get(SEARCH.format("v5"), params=params)
        assert answer.status == 200
        assert answer.json["results"] == client.get(SEARCH.format("v5"), params=once).json["results"]

    def test_ids_of_rating_lists(self, client: Client) -> None:
        path = "/api/v5/ratings/rating/"
        numbers = ",".join(map(str, range(MAX_VALUES + 1)))
        addon = client.get(SEARCH.format("v5")).json["results"][0]["id"]
        for name in ("score", "exclude_ratings"):
            assert client.get(path, params={"addon": addon, name: numbers}).status == 400
            assert client.get(path, params={"addon": addon, name: "1," * 2000 + "1"}).status == 200
