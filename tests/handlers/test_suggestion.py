"""`suggest=true` adds one key to a search, and nothing to any other answer (contract/search.md 7.7)."""

import pytest

from tests.handlers.curated_server import Lists

VERSIONS = ("v3", "v4", "v5")


@pytest.fixture(scope="module", autouse=True)
def indexed(lists: Lists) -> None:
    """The text index follows what was loaded a little later than the documents."""
    lists.await_get("/api/v5/addons/search/?q=tab+tree", lambda answer: answer.json["count"] > 0)


@pytest.mark.parametrize("version", VERSIONS)
class TestSuggestion:
    @pytest.mark.parametrize(
        ("q", "suggestion"),
        [("tab trea", b'"tab tree"'), ("tree", b"null"), ("qqqqqq", b"null"), ("", b"null")],
    )
    def test_the_last_key_of_an_answer(self, lists: Lists, version: str, q: str, suggestion: bytes) -> None:
        path = f"/api/{version}/addons/search/?q={q.replace(' ', '+')}&page_size=1"
        plain, asked = lists.get(path), lists.get(f"{path}&suggest=true")
        body = asked.body.replace(b"&suggest=true", b"")
        assert body == plain.body.removesuffix(b"}") + b',"suggestion":' + suggestion + b"}"

    @pytest.mark.parametrize("value", ["false", "0", "False"])
    def test_not_asked_for(self, lists: Lists, version: str, value: str) -> None:
        path = f"/api/{version}/addons/search/?q=qqqqqq"
        assert lists.get(f"{path}&suggest={value}").body == lists.get(path).body

    @pytest.mark.parametrize(("query", "name"), [("suggest=yes", "suggest"), ("suggest=yes&sort=x", "sort")])
    def test_refused_after_everything_else(self, lists: Lists, version: str, query: str, name: str) -> None:
        answer = lists.get(f"/api/{version}/addons/search/?q=tree&{query}")
        assert (answer.status, answer.json) == (400, [f'Invalid "{name}" parameter.'])

    def test_autocomplete_does_not_look(self, lists: Lists, version: str) -> None:
        path = f"/api/{version}/addons/autocomplete/?q=tab+trea"
        assert lists.get(f"{path}&suggest=nonsense").body == lists.get(path).body
