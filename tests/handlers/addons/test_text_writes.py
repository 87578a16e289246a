"""Texts with markup: sanitized in MongoDB, of limited size, and cheap for everybody else to read."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conf.limits import MAX_ADDON_TEXT, MAX_DESCRIPTION, MAX_LEGAL_TEXT, MAX_LICENSE_TEXT, MAX_RELEASE_NOTES
from conf.locales import SUPPORTED
from server.embedded.mongod import OwnMongod
from tests.handlers.signed_client import Api
from tests.handlers.writable_server import OWNER, SPARE, SUBMITTER, addon, writing

RAW = '<b title="t">See</b> <script>www.example.org</script> & <a href="http://a.example/">this</a>'
SHOWN = (
    '<b>See</b> &lt;script&gt;<a href="{}http%3A//www.example.org" rel="nofollow">www.example.org</a>&lt;'
    '/script&gt; &amp; <a href="{}http%3A//a.example/" rel="nofollow">this</a>'
)
NESTED = "<ul><li>" * 10 + "x" + "</li></ul>" * 10


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("texts")
    outgoing = {"AMOEBA_OUTGOING_URL": "https://leave.example/v1", "AMOEBA_OUTGOING_SECRET": "x" * 16}
    with writing(folder, mongod, *map(addon, SPARE), **outgoing) as started:
        yield started


def write(api: Api, number: int, page: str, sent: Any) -> Any:
    answer = api.ask("PATCH", "v5", f"addons/addon/{number}/{page}", OWNER, sent)
    assert answer.status == 200, answer.body
    return answer.json


FIELDS = [("", "description"), ("", "developer_comments"), ("eula_policy/", "eula")]
FIELDS += [("eula_policy/", "privacy_policy"), ("versions/v1.0/", "release_notes")]


@pytest.mark.parametrize(("page", "field"), FIELDS, ids=[field for _, field in FIELDS])
def test_comes_back_clean_and_goes_in_again_as_it_was(api: Api, number: int, page: str, field: str) -> None:
    written = write(api, number, page, {field: {"en-US": RAW}})[field]["en-US"]
    first, second = (part.split('"')[0] for part in written.split('href="')[1:])
    prefix = first.removesuffix("http%3A//www.example.org"), second.removesuffix("http%3A//a.example/")
    assert written == SHOWN.format(*prefix)
    assert all(address.startswith("https://leave.example/v1/") for address in prefix)
    path = f"addons/addon/{number}/{page}"
    answer = api.ask("GET", "v5", path)
    assert answer.json[field] == {"en-US": written}
    assert write(api, number, page, {field: {"en-US": written}})[field] == {"en-US": written}
    assert api.ask("GET", "v5", path).headers["ETag"] == answer.headers["ETag"], "stored as something else"


def test_text_of_a_licence_has_links_alone(api: Api, number: int) -> None:
    sent = {"custom_license": {"name": {"en-US": "<b>Mine</b>"}, "text": {"en-US": "<b>Do.</b> http://a.b/"}}}
    license = write(api, number, "versions/v1.0/", sent)["license"]
    assert license["name"] == {"en-US": "<b>Mine</b>"}
    assert license["text"]["en-US"].startswith('&lt;b&gt;Do.&lt;/b&gt; <a href="https://leave.example/v1/')


@pytest.mark.parametrize(
    ("page", "sent", "field", "limit"),
    [
        ("", {"description": "{}"}, "description", MAX_DESCRIPTION),
        ("", {"developer_comments": "{}"}, "developer_comments", MAX_DESCRIPTION),
        ("eula_policy/", {"eula": "{}"}, "eula", MAX_LEGAL_TEXT),
        ("eula_policy/", {"privacy_policy": "{}"}, "privacy_policy", MAX_LEGAL_TEXT),
        ("versions/v1.0/", {"release_notes": "{}"}, "release_notes", MAX_RELEASE_NOTES),
    ],
)
def test_has_a_length(api: Api, number: int, page: str, sent: Any, field: str, limit: int) -> None:
    path = f"addons/addon/{number}/{page}"
    for length, status in ((limit, 200), (limit + 1, 400)):
        body = {key: {"en-US": "x" * length} for key in sent}
        answer = api.ask("PATCH", "v5", path, OWNER, body)
        assert answer.status == status
    assert answer.json == {field: [f"Ensure this field has no more than {limit} characters."]}


def test_licence_has_a_length(api: Api, number: int) -> None:
    texts = {"name": {"en-US": "Mine"}, "text": {"en-US": "x" * (MAX_LICENSE_TEXT + 1)}}
    sent = {"version": "2.0", "custom_license": texts}
    answer = api.ask("POST", "v5", f"addons/addon/{number}/versions/", SUBMITTER, sent)
    messages = [f"Ensure this field has no more than {MAX_LICENSE_TEXT} characters."]
    assert (answer.status, answer.json) == (400, {"custom_license": {"text": messages}})


def test_all_of_an_add_on_have_a_length(api: Api, number: int) -> None:
    sent = {"eula": dict.fromkeys(SUPPORTED, "x" * 10000)}
    answer = api.ask("PATCH", "v5", f"addons/addon/{number}/eula_policy/", OWNER, sent)
    messages = [f"The texts of an add-on may have no more than {MAX_ADDON_TEXT} characters together."]
    assert (answer.status, answer.json) == (400, {"non_field_errors": messages})
    assert api.ask("GET", "v5", f"addons/addon/{number}/eula_policy/").json["eula"] is None


@pytest.mark.timed
def test_the_worst_holds_up_nobody(api: Api, number: int) -> None:
    """Nested lists in every language: one anonymous read of them blocked the event loop for 7 s."""
    text = NESTED * (MAX_ADDON_TEXT // len(NESTED) // len(SUPPORTED) // 2 - 1)
    texts = dict.fromkeys(SUPPORTED, text)
    longest = 0.0
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write, api, number, "eula_policy/", {"eula": texts, "privacy_policy": texts})
        other = Api(api.base)
        while not writing.done():
            started = time.perf_counter()
            assert other.ask("GET", "v5", "site/").status == 200
            longest = max(longest, time.perf_counter() - started)
        other.close()
        writing.result()
    assert longest < 0.25
    started = time.perf_counter()
    answer = api.ask("GET", "v5", f"addons/addon/{number}/eula_policy/")
    assert time.perf_counter() - started < 0.25
    assert answer.json["eula"]["fr"].startswith("<ul><li><ul><li>")
