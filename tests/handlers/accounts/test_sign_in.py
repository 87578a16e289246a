"""Signing in with a real provider, and what its events do (contract/auth.md 8)."""

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.factories import make_user
from tests.fake_basket import Basket
from tests.handlers.loaded_server import environment, load
from tests.handlers.signed_client import SECRET, Api, lines
from tests.identity_provider import (
    CALLBACK,
    CLIENT_SECRET,
    KEYS,
    SETTINGS,
    START,
    TOKEN,
    Browser,
    Provider,
    asked_for,
    running_provider,
    says,
)
from tests.program import Program

# The provider's own libraries speak of their future.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

BANNED = make_user(_id=8, username="ban", fxa_id="banned", banned=True, email="ban@example.org")
MADE = make_user(_id=9, username="made", email="made@example.org", fxa_id=None, permissions=["*:*"])
OFTEN = make_user(_id=10, username="often", fxa_id="often", email="old@example.org", last_login=None)
OFTEN["identity_date"] = "2020-01-01T00:00:00Z"
TWINS = [make_user(_id=11 + n, username=f"twin{n}", fxa_id=None, email="twin@example.org") for n in (0, 1)]
ADMIN = make_user(_id=20, username="root", permissions=["*:*"], fxa_id="root")
ADDRESSES = count(1)
USERS = (BANNED, MADE, OFTEN, *TWINS, ADMIN)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def basket() -> Iterator[Basket]:
    basket = Basket()
    yield basket
    basket.close()


@pytest.fixture(scope="module")
def api(
    mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory, provider: Provider, basket: Basket
) -> Iterator[Api]:
    settings = SETTINGS | {
        "AMOEBA_OIDC_ISSUER": provider.url,
        "AMOEBA_TRUSTED_PROXIES": "127.0.0.1",
        "AMOEBA_SECRET_KEY": SECRET,
        "AMOEBA_LOG_LEVEL": "DEBUG",
        "AMOEBA_ACCESS_LOG": "true",
        "AMOEBA_BASKET_URL": basket.url,
        "AMOEBA_BASKET_API_KEY": "key",
        "AMOEBA_BASKET_SYNC": "true",
        "AMOEBA_BASKET_INTERVAL": "0.1",
    }
    folder = tmp_path_factory.mktemp("sign_in")
    load(folder, lines("user", *USERS), mongod)
    env = settings | environment(folder, mongod)
    words = ("serve", "--port", "0", "--data-dir", str(folder / "data"))
    with Program(*words, output=folder / "serve", env=env) as program:
        program.wait_listening()
        api = Api(program.url)
        yield api
        api.close()
        # A provider that is away is one line, and no line has what would let somebody in.
        [away] = program.loud_records()
        assert "the identity provider cannot be used: status 503" in away
        log = program.stderr_path.read_text()
        assert "/accounts/login/start/" in log and CALLBACK in log
        assert [text for text in (CLIENT_SECRET, "eyJ", *Browser.seen) if text in log] == []


@pytest.fixture
def browser(api: Api) -> Browser:
    """A client with an address that no other test uses."""
    return Browser(api.base, f"192.0.2.{next(ADDRESSES)}")


def session(browser: Browser) -> dict[str, str]:
    return {"Authorization": f"Session {browser.cookies['sessionid']}"}


def profile(api: Api, browser: Browser) -> dict[str, Any]:
    answer = api.ask("GET", "v5", "accounts/profile/", **session(browser))
    assert answer.status == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def place(answer: Any, browser: Browser) -> str:
    assert answer.status == 302, answer.body
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    return str(answer.headers["Location"]).removeprefix(browser.client.base)


def test_there_and_back(api: Api, browser: Browser, provider: Provider) -> None:
    """contract/auth.md 8.1, 8.2 and 8.3: the first time makes an account, the second finds it."""
    address = browser.start("/de/firefox/addon/tab-tree/?src=x")
    parameters = asked_for(address)
    assert address.startswith(f"{provider.url}/oauth2/authorize?")
    assert parameters["redirect_uri"] == api.base + CALLBACK
    assert (parameters["response_type"], parameters["client_id"]) == ("code", "amoeba")
    assert parameters["code_challenge_method"] == "S256"
    answer = browser.get(browser.agree(address, "ann"))
    to = "%2Fde%2Ffirefox%2Faddon%2Ftab-tree%2F%3Fsrc%3Dx"
    assert place(answer, browser) == f"/en-US/firefox/users/edit?to={to}"
    [(_, form, secret)] = [request for request in provider.asked if request[0] == TOKEN]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
    assert challenge.rstrip(b"=").decode() == parameters["code_challenge"]
    assert secret == provider.basic() and "client_secret" not in form
    [cookie] = [line for line in answer.headers.get_all("Set-Cookie", []) if line.startswith("sessionid=")]
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=2592000"} <= set(cookie.split("; "))
    assert list(browser.cookies) == ["sessionid"]  # the attempt is over
    created = profile(api, browser)
    assert created["username"].startswith("anonymous-")
    again = Browser(api.base)
    assert place(again.sign_in("ann", "/fr/"), again) == "/fr/"
    assert profile(api, again)["id"] == created["id"]
    assert again.cookies["sessionid"] != browser.cookies["sessionid"]
    other = Browser(api.base)
    assert place(other.sign_in("ben"), other) == "/en-US/firefox/users/edit"
    assert profile(api, other)["id"] != created["id"]
    # One ends all (contract/auth.md 7).
    assert api.ask("DELETE", "v5", "accounts/session/", **session(again)).json == {"ok": True}
    for one in (browser, again):
        assert api.ask("GET", "v5", "accounts/profile/", **session(one)).status == 401
    assert profile(api, other)["id"] != created["id"]


def test_every_version_starts(api: Api, browser: Browser) -> None:
    for version in ("v3", "v4", "v5"):
        address = browser.start(path=f"/api/{version}/accounts/login/start/")
        assert asked_for(address)["redirect_uri"] == api.base + CALLBACK
    back = browser.agree(address, "carl").replace(CALLBACK, "/api/v3/accounts/authenticate/")
    assert place(browser.get(back), browser).endswith("/users/edit")
    assert browser.get("/api/v4/accounts/authenticate/").status == 404


def test_where_it_leads(api: Api, browser: Browser) -> None:
    """contract/auth.md 8.2: every outcome; none of these begins a session."""
    rows = [
        ("another state", "code=c&state=x:L2ZyLw", "/"),
        ("no state", "code=c", "/"),
        ("a state of nothing", "code=c&state=:L2ZyLw", "/"),
        ("no code", "state={state}", "/fr/"),
        ("an empty code", "state={state}&code=", "/fr/"),
        ("no code and another state", "state=x:L2ZyLw", "/fr/"),
        ("an error", "state={state}&error=access_denied", "/fr/"),
        ("an error and a code", "state={state}&error=access_denied&code=c", "/fr/"),
        ("a code of nobody's", "state={state}&code=c", "/fr/"),
        ("a code with signs", "state={state}&code=%00%0d%0aX%3A+y%ff", "/fr/"),
        ("another issuer", "state={state}&code=c&iss=https://evil.example", "/fr/"),
        ("nothing", "", "/"),
    ]
    wrong = []
    for name, query, expected in rows:
        state = asked_for(browser.start("/fr/"))["state"]
        path = place(browser.get(f"{CALLBACK}?{query.replace('{state}', state)}"), browser)
        if path != expected or "sessionid" in browser.cookies:
            wrong.append((name, path))
    assert wrong == []
    assert api.head(CALLBACK).status == 405
    assert api.post(CALLBACK).status == 405


def test_an_attempt_is_good_once_and_in_its_browser(api: Api, browser: Browser) -> None:
    """An attempt is of one browser, and can be used once."""
    back = browser.agree(browser.start("/fr/"), "dora")
    other = Browser(api.base, browser.headers["X-Forwarded-For"])
    assert place(other.get(back), other) == "/"
    other.start("/de/")  # an attempt of its own
    assert place(other.get(back), other) == "/"
    cookies = dict(browser.cookies)
    assert place(browser.get(back), browser).startswith("/en-US/firefox/users/edit")
    assert place(browser.get(back), browser) == "/"  # the attempt is over
    browser.cookies |= cookies
    assert place(browser.get(back), browser) == "/fr/"  # signed in already
    other.cookies = cookies
    assert place(other.get(back), other) == "/fr/"  # the provider takes no code twice
    assert "sessionid" not in other.cookies
    # Two tabs share an attempt; a session that has ended is none.
    states = [asked_for(other.start(to))["state"] for to in ("/a/", "/b/")]
    assert states[0].split(":")[0] == states[1].split(":")[0] and states[0] != states[1]
    other.cookies["sessionid"] = "ended"
    assert place(other.get(other.agree(other.start("/c/"), "dora")), other) == "/c/"
    assert profile(api, other)["id"] == profile(api, browser)["id"]


def test_whose_account_it_is(api: Api, browser: Browser, provider: Provider, basket: Basket) -> None:
    """contract/auth.md 8.3"""

    def sign_in(subject: str) -> Any:
        browser.cookies.clear()
        return browser.sign_in(subject, "/x/")

    provider_api = Api(provider.url)
    rows = [
        ("unverified", {"email": "made@example.org"}, None),
        ("said to be unverified", {"email": "made@example.org", "email_verified": False}, None),
        ("a word for it", {"email": "made@example.org", "email_verified": "true"}, None),
        ("one of two", {"email": "twin@example.org", "email_verified": True}, None),
        ("verified", {"email": "made@example.org", "email_verified": True}, MADE["_id"]),
        ("verified, and taken", {"email": "made@example.org", "email_verified": True}, None),
        ("of an account with a subject", {"email": "old@example.org", "email_verified": True}, None),
        ("no address", {"email": "no address", "email_verified": True}, None),
        ("no text", {"email": ["a@example.org"]}, None),
    ]
    made, wrong = set(), []
    for name, said, expected in rows:
        assert provider_api.put(f"/users/{name.replace(' ', '%20')}", json_body=said).status == 204
        answer = sign_in(name)
        is_new = "/users/edit" in place(answer, browser)
        user_id = profile(api, browser)["id"]
        if (user_id in made) or is_new == (expected is not None) or expected not in (None, user_id):
            wrong.append((name, user_id, is_new))
        made.add(user_id)
    assert wrong == []
    # The address follows, and Basket hears of the login.
    provider_api.put("/users/often", json_body={"email": "new@example.org"})
    assert place(sign_in("often"), browser) == "/x/"
    mine = profile(api, browser)
    assert (mine["id"], mine["email"]) == (OFTEN["_id"], "new@example.org")
    deadline = time.monotonic() + 5
    while OFTEN["_id"] not in basket.sent("userprofile") and time.monotonic() < deadline:
        time.sleep(0.05)
    [arrival] = basket.sent("userprofile")[OFTEN["_id"]]
    assert arrival.body["last_login"] == mine["last_login"] and arrival.body["fxa_id"] == "often"
    answer = sign_in("banned")
    assert (answer.status, answer.json) == (
        403,
        {"detail": "You do not have permission to perform this action."},
    )
    assert "sessionid" not in browser.cookies
    provider_api.close()


def test_several_first_times_at_once_make_one_account(api: Api, provider: Provider) -> None:
    browsers = [Browser(api.base, f"198.51.100.{number}") for number in range(6)]
    backs = [browser.agree(browser.start(), "everywhere") for browser in browsers]
    with ThreadPoolExecutor(len(browsers)) as pool:
        list(pool.map(lambda pair: pair[0].get(pair[1]), zip(browsers, backs, strict=True)))
    assert len({profile(api, browser)["id"] for browser in browsers}) == 1


def test_an_encrypted_site_has_stricter_cookies(api: Api, browser: Browser) -> None:
    browser.headers["X-Forwarded-Proto"] = "https"
    answer = browser.get(START)
    [cookie] = answer.headers.get_all("Set-Cookie", [])
    assert cookie.startswith("__Host-sign_in=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"} <= set(cookie.split("; "))
    assert asked_for(answer.headers["Location"])["redirect_uri"].startswith("https://127.0.0.1:")


def test_the_console_leads_to_the_provider_and_knows_who_comes_back(api: Api, browser: Browser) -> None:
    """contract/console.md 1"""
    page = browser.get("/admin/sign-in/").body.decode()
    [way] = re.findall(r'href="(/api/v5/accounts/login/start/[^"]+)"', page)
    back = browser.agree(str(browser.get(way).headers["Location"]), "often")
    led = place(browser.get(back), browser)
    assert led == "/admin/sign-in/?to=%2Fadmin%2F"
    assert b"Go on as" in browser.get(led).body


def test_in_maintenance_mode_nobody_signs_in(api: Api, browser: Browser) -> None:
    back = browser.agree(browser.start(), "fay")
    assert api.ask("PATCH", "v5", "site/", ADMIN, {"read_only": True}).status == 200
    try:
        for path in (back, START, "/api/v3/accounts/authenticate/"):
            answer = browser.get(path)
            assert answer.status == 503 and "maintenance" in answer.json["error"]
        assert api.post("/api/auth/fxa-notification").status == 503
    finally:
        assert api.ask("PATCH", "v5", "site/", ADMIN, {"read_only": False}).status == 200
    assert "/users/edit" in place(browser.get(back), browser)


def test_who_comes_too_often(api: Api, browser: Browser) -> None:
    """contract/auth.md 8: by address, there and back together."""
    answers = [browser.get(path) for path in (START, CALLBACK) * 31]
    assert [answer.status for answer in answers] == [302] * 60 + [429] * 2
    assert "Request was throttled." in answers[-1].json["detail"]


EVENT = "https://schemas.accounts.firefox.com/event/"
EVENTS_PATH = "/api/auth/fxa-notification"


def test_what_happened_to_identities(api: Api, browser: Browser, provider: Provider) -> None:
    """contract/auth.md 8.4. The last of all: from now on the provider has one key, which is ours."""
    gus, hal = browser, Browser(api.base, "198.51.100.9")
    for one, subject in ((gus, "gus"), (hal, "hal")):
        one.sign_in(subject)
    gus_id, hal_id = profile(api, gus)["id"], profile(api, hal)["id"]
    provider.instead[KEYS] = says({"keys": [provider.public_key()]})
    now = int(time.time())

    def tell(subject: str, at: int, event: str, **data: Any) -> Any:
        token = provider.token(None, sub=subject, iat=now + at, exp=None, events={EVENT + event: data})
        return api.post(EVENTS_PATH, headers={"Authorization": f"Bearer {token}"})

    bad = {
        "none": "",
        "another scheme": f"Basic {provider.token(None, events={})}",
        "nothing": "Bearer",
        "no token": "Bearer a.b.c",
        "several words": "Bearer a b",
        "an ID token": f"Bearer {provider.token(None)}",
        "events that are none": f"Bearer {provider.token(None, events=[])}",
        "another's audience": f"Bearer {provider.token(None, aud='x', events={EVENT + 'delete-user': {}})}",
        "another issuer": f"Bearer {provider.token(None, iss='x', events={})}",
        "another key": f"Bearer {provider.token(None, key='x' * 32, alg='HS256', events={})}",
    }
    wrong = []
    for name, header in bad.items():
        answer = api.post(EVENTS_PATH, headers={"Authorization": header} if header else {})
        if (answer.status, answer.json) != (403, {"detail": "Invalid token."}):
            wrong.append((name, answer.status, answer.json))
    assert wrong == []
    addresses = [
        ("changed", tell("gus", 5, "profile-change", email="gus@example.org"), "gus@example.org"),
        ("older", tell("gus", -500, "profile-change", email="old@example.org"), "gus@example.org"),
        ("older than that", tell("gus", 4, "profile-change", email="old@example.org"), "gus@example.org"),
        ("no address", tell("gus", 6, "profile-change", email="gus"), "gus@example.org"),
        ("no text", tell("gus", 6, "profile-change", email=["a@example.org"]), "gus@example.org"),
        ("nothing", tell("gus", 6, "profile-change"), "gus@example.org"),
        ("of nobody", tell("nobody", 6, "delete-user"), "gus@example.org"),
        ("unknown", tell("gus", 6, "subscription-state-change"), "gus@example.org"),
    ]
    assert [(name, answer.json) for name, answer, _ in addresses if answer.status != 202] == []
    assert profile(api, gus)["email"] == "gus@example.org"
    assert tell("gus", -500, "password-change").status == 202
    assert profile(api, gus)["id"] == gus_id
    assert tell("gus", 6, "password-change").status == 202
    assert tell("hal", 7, "delete-user").status == 202
    assert tell("hal", 7, "delete-user").status == 202
    for one in (gus, hal):
        assert api.ask("GET", "v5", "accounts/profile/", **session(one)).status == 401
    assert api.ask("GET", "v5", f"accounts/account/{gus_id}/", ADMIN).status == 200
    assert api.ask("GET", "v5", f"accounts/account/{hal_id}/", ADMIN).status == 404
    assert api.get(EVENTS_PATH).status == 405
    # The provider is away, and what it said of itself is known: there is a way there, and none back.
    provider.instead[TOKEN] = says({}, "503 Service Unavailable")
    hal.cookies.clear()
    assert place(hal.get(hal.agree(hal.start("/fr/"), "hal")), hal) == "/fr/"
    assert hal.cookies == {}
