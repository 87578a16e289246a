"""Add-ons, reviews, reports, the log, explanations in the console: what is shown to whom, and what follows.

Rules: contract/console.md 8 to 10. One server for all; a test that writes has add-ons of its own.
"""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Answer
from tests.handlers.console import catalogue
from tests.handlers.console.catalogue import AUTHOR, CHIEF, JUDGE, LONG, PAGES, WATCHER
from tests.handlers.console.console_server import ADMIN, NOBODY, OPERATOR, REVIEWER, console
from tests.handlers.console.visitor import Visitor
from tests.handlers.signed_client import Api


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder, settings = tmp_path_factory.mktemp("console"), {"AMOEBA_DOWNLOADS_URL": "https://files.example"}
    with console(folder, mongod, *catalogue.DOCUMENTS, **settings) as started:
        yield started


@pytest.fixture(scope="module")
def people(api: Api) -> dict[str, Visitor]:
    users = (ADMIN, OPERATOR, REVIEWER, NOBODY, WATCHER, JUDGE, CHIEF, AUTHOR)
    return {user["username"]: Visitor(api.base).sign_in(user) for user in users}


def text(answer: Answer) -> str:
    """The text of the page, without tags."""
    return unescape(re.sub(r"<[^>]*>", " ", answer.body.decode()))


def rows(answer: Answer, path: str) -> list[str]:
    """What links of a page to addresses like this lead to, in order."""
    return re.findall(f'href="/admin/{path}"', answer.body.decode())


def test_every_page_is_whole_for_who_may_use_it_and_escapes_what_others_wrote(
    people: dict[str, Visitor],
) -> None:
    wrong: list[Any] = []
    for page in PAGES:
        answer = people["root"].get(page)
        body = answer.body.decode()
        if answer.status != 200 or "<script" in body or "<img src=x" in body or "style=" in body:
            wrong.append((page, answer.status))
        if body.count("<h1>") != 1 or 'lang="en"' not in body or len(body) > 1_000_000:
            wrong.append((page, "form"))
        labelled = set(re.findall(r'<label for="([^"]+)"', body))
        fields = re.findall(r"<(?:input|select|textarea)\b([^>]*)", body)
        bare = [one for one in fields if "hidden" not in one and "checkbox" not in one]
        if not all(any(f'id="{name}"' in one for name in labelled) for one in bare):
            wrong.append((page, "a field without its label"))
    assert wrong == []


def test_who_may_use_which_page(people: dict[str, Visitor]) -> None:
    """contract/console.md 8, 9, 10: what is not one's own is not offered, and 403."""
    reviewing, watching = ("addons/", "reviews/"), ("reports/", "log/", "explain/")
    may = {
        "root": (*reviewing, *watching),
        "adam": (*reviewing, *watching),
        "olga": watching,
        "rita": reviewing,
        "vera": reviewing,
        "carl": reviewing,
        "nora": (),
    }
    wrong: list[Any] = []
    for name, pages in may.items():
        start = people[name].get("addons/").body.decode()
        for page in (*reviewing, *watching):
            status, is_offered = people[name].get(page).status, f'href="/admin/{page}"' in start
            if (status, is_offered) != ((200, True) if page in pages else (403, False)):
                wrong.append((name, page, status, is_offered))
    assert wrong == []


def test_looking_up(people: dict[str, Visitor]) -> None:
    """contract/console.md 8"""
    table = {
        ("root", "101"): [101],
        ("root", "CONSOLE-101"): [101],
        ("root", "Console106@Example.ORG"): [106],
        ("root", "plain tabs"): [101],
        ("root", "GARDEN"): [108, 107, 106],
        ("adam", "garden"): [108, 107, 106],
        ("rita", "garden"): [108, 106],
        ("vera", "garden"): [108, 107, 106],
        ("root", "nothing like it"): [],
        ("root", "%00' $where"): [],
        ("root", "x" * 5000): [],
    }
    wrong = {}
    for (name, q), expected in table.items():
        answer = people[name].get(f"addons/?q={q.replace(' ', '+')}")
        addon_ids = [int(one.split("/")[3]) for one in rows(answer, "addons/[0-9]+/")]
        addon_ids = addon_ids[: len(expected) or None]  # a search has what is nearly that after it
        if answer.status != 200 or addon_ids != expected:
            wrong[name, q] = (answer.status, addon_ids)
    assert wrong == {}


def test_an_add_on_that_is_not_one_s_own_to_see(people: dict[str, Visitor]) -> None:
    table = [
        ("rita", "addons/106/", 200),
        ("rita", "addons/107/", 403),
        ("vera", "addons/107/", 200),
        ("vera", "addons/107/versions/107000/", 404),
        ("adam", "addons/107/", 200),
        ("adam", "addons/107/versions/107000/", 200),
        ("rita", "addons/105/versions/105000/", 200),
        ("rita", "addons/105/versions/101000/", 404),
        ("rita", "addons/999/", 404),
        ("rita", "addons/99999999999999999999999999/", 404),
        ("root", "addons/x/", 404),
        ("olga", "addons/101/", 403),
        ("root", "files/101000", 404),
        ("root", "sources/101000", 404),
        ("olga", "files/101000", 403),
    ]
    assert [(name, path, people[name].get(path).status) for name, path, _ in table] == table


def test_an_add_on_as_the_api_shows_it(api: Api, people: dict[str, Visitor]) -> None:
    root = people["root"]
    page = root.get("addons/101/objects/?lang=en-US").body.decode()
    texts = [unescape(one) for one in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)]
    for version, one in zip(("v3", "v4", "v5"), texts, strict=True):
        body = api.get(f"/api/{version}/addons/addon/101/?lang=en-US").json
        assert json.loads(one) == body, version
    hidden = root.get("addons/106/objects/")
    assert text(hidden).count("401: it is not public.") == 3
    people_see = root.get("addons/106/objects/?to=people").body.decode()
    assert people_see.count("<pre") == 3 and "Hidden Garden" in people_see
    assert root.get("addons/101/objects/?lang=**").status == 400


def test_versions_and_history_in_pages(people: dict[str, Visitor]) -> None:
    root = people["root"]
    first, last = root.get("addons/105/"), root.get("addons/105/?page=99")
    assert rows(first, "addons/105/versions/[0-9]+/")[0].endswith('105299/"')
    assert len(rows(first, "addons/105/versions/[0-9]+/")) == 25 and "page 1 of 12" in text(first)
    assert rows(last, "addons/105/versions/[0-9]+/")[-1].endswith('105000/"') and "page 12 of 12" in text(
        last
    )
    seen: list[str] = []
    page = "addons/105/history/"
    while page:
        answer = root.get(page)
        seen += re.findall(r"}} ([0-9]{3})", text(answer))
        older = re.search(r'href="([^"]+)" rel="next"', answer.body.decode())
        page = unescape(older[1]) if older else ""
    assert seen == [str(id_) for id_ in range(524, 499, -1)] and "nobody reads" not in text(answer)


def test_the_queue(people: dict[str, Visitor]) -> None:
    def queue(name: str) -> list[int]:
        ids: list[int] = []
        page = "reviews/"
        while page:
            answer = people[name].get(page)
            ids += [int(one.split("/")[5]) for one in rows(answer, "addons/[0-9]+/versions/[0-9]+/")]
            following = re.search(r'href="([^"]+)" rel="next"', answer.body.decode())
            page = unescape(following[1]) if following else ""
        return ids

    later = [number * 1000 for number in range(200, 230)]
    assert queue("adam") == [112000, 113000, 111000, *later]
    assert queue("rita") == [113000, 111000, *later]


ACTIONS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "disable": ("adam", {}, "disabled", "force-disabled"),
    "enable": ("adam", {}, "public", "force-enabled"),
    "promote": ("adam", {"group": "recommended", "apps": ["firefox", "android"]}, "public", "promoted"),
    "demote": ("adam", {"group": "recommended"}, "public", "demoted"),
    "reject-listing": ("carl", {}, "rejected", "listing-rejected"),
    "approve-listing": ("carl", {}, "public", "rejected-listing-approved"),
    "delete": ("root", {"confirm": "120"}, "deleted", "addon-deleted"),
}


def test_actions_and_what_follows(people: dict[str, Visitor], api: Api) -> None:
    """contract/console.md 8: each is the API's or the shell's, with its log or note."""
    wrong: list[Any] = []
    for action, (name, fields, status, kind) in ACTIONS.items():
        answer = people[name].send(
            "addons/120/", {"action": action, "reason": f"Because {action}.", **fields}
        )
        page = text(people["root"].get("addons/120/"))
        log_texts = text(people["root"].get("log/?addon=120")) + text(
            people["root"].get("addons/120/history/")
        )
        if (
            answer.status != 303
            or status not in page.split("Slug")[0]
            or f"Because {action}." not in log_texts
        ):
            wrong.append((action, answer.status, text(answer)[-300:]))
        if (
            kind not in log_texts
            and kind.replace("-", " ").capitalize() not in log_texts
            and "isting" not in kind
        ):
            wrong.append((action, log_texts[-500:]))
    assert wrong == []
    assert api.get("/api/v5/addons/addon/120/").status == 404
    assert text(people["root"].get("addons/120/")).count("What you may do") == 0


def test_who_may_do_what(people: dict[str, Visitor]) -> None:
    """contract/console.md 8: what one may not is not offered, and 403 whatever is sent."""
    may = {
        "root": {"disable", "approve-listing", "reject-listing", "promote", "delete"},
        "adam": {"disable", "promote"},
        "carl": {"approve-listing", "reject-listing"},
        "rita": set(),
        "vera": set(),
        "anna": set(),
    }
    wrong: list[Any] = []
    for name, actions in may.items():
        page = people[name].get("addons/121/").body.decode()
        offered = set(re.findall(r'name="action" value="([a-z-]+)"', page))
        if offered != actions:
            wrong.append((name, offered))
        for action in {*ACTIONS, "nothing"} - actions - {"enable", "demote"}:
            status = (
                people[name].send("addons/121/", {"action": action, "confirm": "121", "group": "line"}).status
            )
            if status != 403:
                wrong.append((name, action, status))
    assert wrong == []


def test_what_is_asked_for_badly(people: dict[str, Visitor]) -> None:
    root = people["root"]
    table: list[tuple[str, dict[str, Any], int, str]] = [
        ("addons/121/", {"action": "delete", "confirm": "120"}, 400, "Type 121 to delete it."),
        ("addons/121/", {"action": "delete"}, 400, "Type 121 to delete it."),
        ("addons/121/", {"action": "promote"}, 400, "group"),
        ("addons/121/", {"action": "promote", "group": "best"}, 400, "not a valid choice"),
        (
            "addons/121/",
            {"action": "promote", "group": "line", "apps": ["netscape"]},
            400,
            "not a valid choice",
        ),
        (
            "addons/121/",
            {"action": "disable", "reason": "x" * 100_001},
            400,
            "no more than 100000 characters",
        ),
        ("addons/121/versions/121000/", {"decision": "approve"}, 400, "does not await"),
        ("addons/121/versions/121000/", {"decision": "shrug"}, 400, "not a valid choice"),
        ("addons/121/versions/121000/", {}, 400, "required"),
    ]
    wrong: list[Any] = []
    for path, fields, status, said in table:
        answer = root.send(path, fields)
        if answer.status != status or 'role="alert"' not in answer.body.decode() or said not in text(answer):
            wrong.append(
                (path, fields, answer.status, re.findall(r'role="alert">(.*)<', answer.body.decode()))
            )
    assert wrong == []
    assert root.get("addons/121/").status == 200  # and nothing was done


def test_reviews(api: Api, people: dict[str, Visitor]) -> None:
    """contract/console.md 8, contract/activity.md 1.7: the decision of the API, with its note."""
    wrong: list[Any] = []
    for number, decision, offered in (
        (200, "approve", True),
        (201, "reject", True),
        (202, "request-information", True),
    ):
        path = f"addons/{number}/versions/{number}000/"
        page = people["rita"].get(path).body.decode()
        if (f'value="{decision}"' in page) is not offered:
            wrong.append((decision, "not offered"))
        answer = people["rita"].send(path, {"decision": decision, "comments": "So <b>it</b> is."})
        history = people["rita"].get(path)
        if answer.status != 303 or "So &lt;b&gt;it&lt;/b&gt; is." not in history.body.decode():
            wrong.append((decision, answer.status, text(answer)[-300:]))
    assert wrong == []
    assert api.get("/api/v5/addons/addon/200/").status == 200
    assert "disabled" in text(people["rita"].get("addons/201/versions/201000/"))
    queue = people["rita"].get("reviews/").body.decode()
    assert "versions/202000/" in queue and "versions/200000/" not in queue and "versions/201000/" not in queue
    for name in ("vera", "anna"):  # a mere viewer; an author of it
        seen = people[name].get("addons/203/versions/203000/")
        assert seen.status == 200 and b'name="decision"' not in seen.body, name
        sent = people[name].send("addons/203/versions/203000/", {"decision": "approve"}, "addons/203/")
        assert sent.status == 403, name


def test_reports_and_the_log_by_their_filters(people: dict[str, Visitor]) -> None:
    """contract/console.md 9"""
    root = people["root"]
    counts = {
        "reports/": 25,
        "reports/?target=user": 1,
        "reports/?guid=console101@example.org&before=710": 10,
        "reports/?since=2026-02-01": 1,
        "reports/?since=2027-02-01": 0,
        "reports/?guid=$ne": 0,
        "log/?addon=101": 25,
        "log/?addon=101&before=603": 3,
        "log/?kind=property-edited&addon=102": 1,
        "log/?kind=tag-added&user=carl&before=605": 5,
        "log/?kind=nothing": 0,
    }
    found = {}
    for path in counts:
        body = root.get(path).body.decode()
        found[path] = body.count("<time")
    assert found == counts
    wrong = {
        "reports/?since=soon": 400,
        "log/?since=x": 400,
        "log/?since=999999w": 400,
        "log/?user=nemo": 400,
        "log/?addon=nothing": 400,
    }
    answers = {path: root.get(path) for path in wrong}
    assert {path: answer.status for path, answer in answers.items()} == wrong
    assert all('role="alert"' in answer.body.decode() for answer in answers.values())


def test_a_search_is_explained(api: Api, people: dict[str, Visitor]) -> None:
    """contract/console.md 10"""
    root = people["root"]
    results = api.get("/api/v5/addons/search/?q=spare&lang=en-US").json["results"]
    answer = root.get("explain/?q=spare&lang=en-US&addon=101")
    places = re.findall(r'scope="row"><a href="/admin/addons/([0-9]+)/"', answer.body.decode())
    assert [int(one) for one in places] == [one["id"] for one in results][:10]
    assert "all words in a name" in text(answer) and "plain tabs" in text(answer)
    kept_out = text(root.get("explain/?q=plain&type=dictionary&addon=101"))
    assert "Kept out by" in kept_out and "type:dictionary" in kept_out
    bad = {"explain/?q=a&lang=**": 400, "explain/?q=a&addon=106": 400, "explain/?q=a&app=x": 400}
    bad |= {f"explain/?q={'x' * 101}": 400, "explain/?sort=random": 400}
    assert {path: root.get(path).status for path in bad} == bad


def test_what_is_read_only_and_who_sends_no_token(api: Api, people: dict[str, Visitor]) -> None:
    """contract/console.md 2 and 5"""
    root, paths = people["root"], ("addons/122/", "addons/204/versions/204000/")
    assert [root.post(path, {"action": "disable"}).status for path in paths] == [403, 403]
    token = {path: root.form_token(path) for path in paths}
    api.ask("PATCH", "v5", "site/", ADMIN, {"read_only": True})
    try:
        for path in paths:
            answer = root.post(path, {"form_token": token[path], "action": "disable", "decision": "approve"})
            assert answer.status == 503 and b"<h1>Not at the moment</h1>" in answer.body
            assert root.get(path).status == 200
    finally:
        api.ask("PATCH", "v5", "site/", ADMIN, {"read_only": False})


def test_long_names_stand_in_lists_in_short(people: dict[str, Visitor]) -> None:
    page = people["root"].get("addons/?q=wort").body.decode()
    assert LONG[:200] + "…" in page and LONG not in page
    assert LONG in people["root"].get("addons/104/").body.decode()
