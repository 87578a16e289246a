"""The rules of every page of the console, without a browser: who gets in, what a form needs, what is sent.

Rules: contract/console.md 1 to 7.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from server.auth.credentials.sessions import make_session
from server.auth.credentials.tokens import CONSOLE, make_token
from server.embedded.mongod import OwnMongod
from tests.handlers.console.console_server import ADMIN, NOBODY, OPERATOR, REVIEWER, console
from tests.handlers.console.visitor import Visitor
from tests.handlers.signed_client import KEYRING, Api, lines

KEY, SESSION = make_session(OPERATOR, KEYRING)
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
OPERATING = ("state/", "queues/", "maintenance/")


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder, settings = tmp_path_factory.mktemp("console"), {"AMOEBA_TRUSTED_PROXIES": "127.0.0.1"}
    with console(folder, mongod, *lines("session", SESSION), **settings) as started:
        yield started


@pytest.fixture
def visitor(api: Api) -> Visitor:
    return Visitor(api.base)


def test_who_is_let_in(api: Api) -> None:
    """contract/console.md 1"""
    token = make_token(OPERATOR, KEYRING)
    rows: dict[str, tuple[dict[str, Any], int]] = {
        "a token": ({"token": token}, 303),
        "a token as in a header": ({"token": f" Bearer {token}\n"}, 303),
        "a session key": ({"token": KEY}, 303),
        "nothing": ({"token": ""}, 403),
        "no field": ({}, 403),
        "another's signature": ({"token": token[:-3] + "abc"}, 403),
        "no token": ({"token": "x" * 10_000}, 403),
        "signs": ({"token": "\0é\ud83d:☃".encode("utf-8", "replace")}, 403),
        "a cookie of the console": ({"token": make_token(OPERATOR, KEYRING, CONSOLE)}, 403),
        "a session that nobody has": ({"as": "known"}, 403),
    }
    wrong = []
    for number, (name, (fields, status)) in enumerate(rows.items()):
        answer = Visitor(api.base, **{"X-Forwarded-For": f"192.0.2.{number}"}).post("sign-in/", fields)
        if answer.status != status or (status == 403 and b'role="alert"' not in answer.body):
            wrong.append((name, answer.status, answer.body[-500:]))
    assert wrong == []


def test_whom_the_identity_provider_led_back(visitor: Visitor) -> None:
    """contract/console.md 1: a session of the site is one here when its holder says so."""
    assert "Go on as" not in visitor.get("sign-in/").body.decode()
    visitor.cookies["sessionid"] = KEY
    assert "Go on as olga" in visitor.get("sign-in/").body.decode()
    assert visitor.get("state/").status == 303
    assert visitor.post("sign-in/", {"as": "known"}, Origin="https://evil.example").status == 403
    assert visitor.post("sign-in/", {"as": "known"}).status == 303
    assert visitor.get("state/").status == 200


def test_a_host_of_others(visitor: Visitor) -> None:
    answer = visitor.get("sign-in/", Host="evil.example")
    assert answer.status == 400 and b"is not served here" in answer.body
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_the_session_is_a_cookie_for_the_console_alone(api: Api) -> None:
    for protocol, name, more in (
        ("http", "console_session", set()),
        ("https", "__Secure-console_session", {"Secure"}),
    ):
        visitor = Visitor(api.base, **{"X-Forwarded-Proto": protocol})
        answer = visitor.post("sign-in/", {"token": make_token(OPERATOR, KEYRING)})
        [session] = [line for line in answer.headers.get_all("Set-Cookie", []) if line.startswith(f"{name}=")]
        usual = {"HttpOnly", "SameSite=Strict", "Path=/admin/", "Max-Age=43200"}
        assert usual | more <= set(session.split("; "))
        assert visitor.get("maintenance/").status == 200
        held = visitor.cookies[name]
        for scheme in ("Bearer", "Session", "Console"):
            told = api.get("/api/v5/accounts/profile/", headers={"Authorization": f"{scheme} {held}"})
            assert told.status == 401, scheme


def test_signing_out(visitor: Visitor) -> None:
    visitor.sign_in(OPERATOR)
    answer = visitor.send("sign-out/", page="maintenance/")
    assert (answer.status, answer.headers["Location"]) == (303, "/admin/sign-in/")
    cookies = answer.headers.get_all("Set-Cookie", [])
    [gone] = [line for line in cookies if line.startswith("console_session=")]
    assert {"HttpOnly", "SameSite=Strict", "Path=/admin/"} <= set(gone.split("; ")) and "expires=" in gone
    assert "You are signed out." in visitor.get("sign-in/").body.decode()
    assert visitor.get("maintenance/").status == 303


def test_where_a_stranger_is_led(api: Api, visitor: Visitor) -> None:
    answer = visitor.get("maintenance/?a=b")
    assert answer.status == 303
    assert answer.headers["Location"] == "/admin/sign-in/?to=%2Fadmin%2Fmaintenance%2F%3Fa%3Db"
    token = {"token": make_token(OPERATOR, KEYRING)}
    rows = {
        "/admin/maintenance/?a=b": "/admin/maintenance/?a=b",
        "/admin/sign-in/?to=/admin/": "/admin/",
        "/api/v5/site/": "/admin/",
        "//evil.example/admin/": "/admin/",
        "https://evil.example/admin/": "/admin/",
        "/admin/\r\nX: y": "/admin/",
        "": "/admin/",
    }
    led = {}
    for number, to in enumerate(rows):
        one = Visitor(api.base, **{"X-Forwarded-For": f"198.51.100.{number}"})
        from_page = f"sign-in/?to={to}" if to.isprintable() else "sign-in/?to=/admin/%0d%0aX:y"
        led[to] = one.post(from_page, token).headers["Location"]
    assert led == rows
    assert visitor.get("nothing/").status == 303
    assert visitor.get("maintenance").status == 301
    assert visitor.sign_in(OPERATOR).get("nothing/").status == 404


def test_who_may_use_a_section(api: Api) -> None:
    """contract/console.md 3: what a caller may not do is not offered, and refused."""
    rows = [(OPERATOR, True), (ADMIN, True), (REVIEWER, False), (NOBODY, False)]
    wrong = []
    for user, may in rows:
        visitor = Visitor(api.base, **{"X-Forwarded-For": f"203.0.113.{user['_id']}"}).sign_in(user)
        start = visitor.get("")
        for section in OPERATING:
            read, written = visitor.get(section), visitor.post(section, {})
            is_offered = f'href="/admin/{section}"' in read.body.decode()
            if (read.status, written.status, is_offered) != (200 if may else 403, 403, may):
                wrong.append((user["username"], section, read.status, written.status, is_offered))
        if user is NOBODY:
            assert start.status == 403 and b"has no permission for anything here" in start.body
    assert wrong == []


def test_a_form_that_is_not_ours(api: Api, visitor: Visitor) -> None:
    """contract/console.md 2"""
    visitor.sign_in(OPERATOR)
    another = Visitor(api.base).sign_in(ADMIN)
    token, theirs = visitor.form_token("maintenance/"), another.form_token("maintenance/")
    here, path = {"Origin": api.base}, "maintenance/"
    rows = [
        ("ours", token, here, 303),
        ("as browsers say it", token, {"Origin": "", "Sec-Fetch-Site": "same-origin"}, 303),
        ("no token", "", here, 403),
        ("of another session", theirs, here, 403),
        ("altered", token[:-2] + "xx", here, 403),
        ("signs", "\0☃", here, 403),
        ("another site", token, {"Origin": "https://evil.example"}, 403),
        ("a neighbour", token, {"Origin": "", "Sec-Fetch-Site": "same-site"}, 403),
        ("from nowhere", token, {"Origin": ""}, 403),
        ("an origin that is none", token, {"Origin": "null"}, 403),
        ("an origin that is no address", token, {"Origin": "http://["}, 403),
        ("typed in", token, {"Origin": "", "Sec-Fetch-Site": "none"}, 403),
    ]
    wrong = []
    for name, field, headers, status in rows:
        answer = visitor.post(path, {"form_token": field, "mode": "off"}, **headers)
        if answer.status != status or (status == 403 and b"<h1>That is not allowed</h1>" not in answer.body):
            wrong.append((name, answer.status))
    assert wrong == []
    signing_in = {"token": make_token(OPERATOR, KEYRING)}
    assert visitor.post("sign-in/", signing_in, Origin="https://evil.example").status == 403
    assert visitor.post("sign-out/", {}).status == 403
    visitor.cookies.clear()
    assert visitor.post(path, {"form_token": token, "mode": "off"}).status == 403


def test_what_every_page_says_to_browsers(api: Api, visitor: Visitor) -> None:
    """contract/console.md 4"""
    answers = [visitor.get("sign-in/"), visitor.get("maintenance/"), visitor.get("nothing/")]
    visitor.sign_in(OPERATOR)
    answers += [visitor.get("maintenance/", Origin="https://a.example"), visitor.post("maintenance/", {})]
    for answer in answers:
        assert answer.headers["Content-Security-Policy"] == POLICY or b"<html" not in answer.body
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers
    pages = [answer for answer in answers if b"<html" in answer.body]
    assert len(pages) == 3
    assert {answer.headers["Cache-Control"] for answer in pages} == {"private, no-store"}
    assert {answer.headers["Referrer-Policy"] for answer in pages} == {"same-origin"}
    assert all(b"<script" not in answer.body and b"style=" not in answer.body for answer in pages)


def test_what_pages_fetch(visitor: Visitor) -> None:
    page = visitor.get("sign-in/").body.decode()
    for name, kind in (("console.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml")):
        [address] = {part for part in page.split('"') if part.startswith(f"/admin/static/{name}?")}
        answer = visitor.get(address)
        assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert visitor.get("static/pages.py").status == 404


def test_maintenance(api: Api, visitor: Visitor) -> None:
    """contract/console.md 5"""
    visitor.sign_in(OPERATOR)
    path = "maintenance/"
    answer = visitor.send(path, {"mode": "on", "notice": "Back at <noon>."})
    assert (answer.status, answer.headers["Location"]) == (303, "/admin/maintenance/")
    assert api.get("/api/v5/site/").json == {"read_only": True, "notice": "Back at <noon>."}
    page = visitor.get(path).body.decode()
    assert "Read-only mode is on. Notice: Back at &lt;noon&gt;." in page
    assert "Notice: Back" not in visitor.get(path).body.decode()  # it is told once
    assert Visitor(api.base).sign_in(OPERATOR).get(path).status == 200
    refused = visitor.post("", {})  # a page that says nothing of working then
    assert refused.status == 503 and b"<h1>Not at the moment</h1>" in refused.body
    answer = visitor.send(path, {"mode": "off", "notice": "x" * 1001})
    assert answer.status == 400 and b"no more than 1000 characters" in answer.body
    assert api.get("/api/v5/site/").json["read_only"] is True
    visitor.send(path, {"mode": "on", "notice": "😀" * 1000})
    assert 3000 < len(visitor.cookies["console_message"]) < 4000, "browsers keep no longer one"
    assert "is on. Notice: 😀" in visitor.get(path).body.decode()
    assert visitor.send(path, {"mode": "off", "notice": " "}).status == 303
    assert api.get("/api/v5/site/").json == {"read_only": False, "notice": None}


def test_the_state_at_a_glance(api: Api, visitor: Visitor) -> None:
    """contract/console.md 6"""
    page = visitor.sign_in(OPERATOR).get("state/").body.decode()
    for told in (
        '<a href="/admin/maintenance/">switch</a>',
        "1 public add-on,",
        "changes waiting",
        '<span class="good">answers</span>',
        "<td>3 records are parked</td>",
        "<td>run.py mail status, then retry or drop</td>",
        '<polyline class="line-1" points="',
        "Answers a second. The last ",
        "None since the start.",
    ):
        assert told in page, told


def test_what_is_parked(api: Api, visitor: Visitor) -> None:
    """contract/console.md 7: also in read-only mode."""
    visitor.sign_in(OPERATOR)
    page = visitor.get("queues/").body.decode()
    assert 'value="addon:8"' in page and 'value="mail2"' in page and "400 &lt;no&gt;" in page
    assert api.ask("PATCH", "v5", "site/", OPERATOR, {"read_only": True}).status == 200

    def settle(**fields: Any) -> str:
        answer = visitor.send("queues/", fields)
        return visitor.get("queues/").body.decode() if answer.status == 303 else answer.body.decode()

    assert "Choose records first." in settle(queue="mail_out", do="retry")
    assert "Basket: 1 to be tried again." in settle(queue="basket", do="retry", id=["addon:8"])
    confirmation = settle(queue="mail_out", do="drop", id=["mail0", "mail1"])
    assert "2 records are" in confirmation and 'value="mail1"' in confirmation
    assert "Mail out: 2 dropped." in settle(
        queue="mail_out", do="drop", id=["mail0", "mail1"], confirmed="yes"
    )
    assert "all that are parked are" in settle(queue="basket", do="drop", all="all")
    told = settle(queue="basket", do="drop", all="all", confirmed="yes")
    assert "Basket: 1 dropped." in told and "addon:9" not in told
    assert "Mail out: 1 to be tried again." in settle(queue="mail_out", do="retry", all="all")
    assert visitor.send("queues/", {"queue": "nothing", "do": "drop", "all": "all"}).status == 404
    assert api.ask("PATCH", "v5", "site/", OPERATOR, {"read_only": False}).status == 200


def test_who_comes_too_often(api: Api) -> None:
    visitor = Visitor(api.base, **{"X-Forwarded-For": "192.0.2.200"})
    answers = [visitor.post("sign-in/", {"token": "x"}) for _ in range(61)]
    assert [answer.status for answer in answers] == [403] * 60 + [429]
    assert b"<h1>Too often</h1>" in answers[-1].body and "Retry-After" in answers[-1].headers
