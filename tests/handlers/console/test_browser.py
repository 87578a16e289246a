"""The console in a real browser: every page by the rules of accessibility, the keyboard, the forms.

One Chromium for all of it; without one these are skipped. AMOEBA_PICTURES=FOLDER keeps pictures of the pages.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.auth.credentials.tokens import make_token
from server.embedded.mongod import OwnMongod
from tests.chromium import Missing, Tab, browsing
from tests.handlers.console import catalogue
from tests.handlers.console.console_server import ADMIN, OPERATOR, REVIEWER, console
from tests.handlers.console.pages import FAULTS, PAGES
from tests.handlers.signed_client import KEYRING, Api

PICTURES = os.environ.get("AMOEBA_PICTURES")
WIDE, NARROW = 1200, 360
FOCUSED = """
    const one = document.activeElement, style = getComputedStyle(one);
    return [one.innerText?.trim() || one.name || "", one === document.body || style.outlineStyle !== "none"];
"""


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with console(tmp_path_factory.mktemp("console"), mongod, *catalogue.DOCUMENTS) as started:
        yield started


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    try:
        with browsing(tmp_path_factory.mktemp("chromium") / "profile") as opened:
            opened.ask("Log.enable")
            yield opened
    except Missing as reason:
        pytest.skip(str(reason))


def sign_in(tab: Tab, api: Api, user: object, path: str = "") -> None:
    """Signs in with the form, as people do."""
    tab.look()
    tab.ask("Network.clearBrowserCookies")
    if user is None:
        tab.go(f"{api.base}/admin/{path}")
        return
    tab.go(f"{api.base}/admin/sign-in/?to=/admin/{path}")
    tab.run("document.querySelector('#token').focus()")
    tab.write(make_token(user, KEYRING))  # type: ignore[arg-type]
    tab.click("main form button")


def test_every_page(tab: Tab, api: Api) -> None:
    """contract/console.md 4: light and wide, dark and narrow."""
    wrong, signed_in = [], object()
    for path, user in PAGES.items():
        if user is not signed_in:
            sign_in(tab, api, user, path)
            signed_in = user
        for width, dark in ((WIDE, False), (NARROW, True)):
            tab.look(width=width, dark=dark)
            tab.go(f"{api.base}/admin/{path}")
            wrong += [(path, width, dark, fault) for fault in tab.run(FAULTS)]
            if PICTURES:
                name = f"{path.strip('/').replace('/', '-')}-{width}{'-dark' if dark else ''}.png"
                tab.picture(Path(PICTURES) / name)
    assert not wrong, "\n".join(map(str, wrong))


def test_the_keyboard(tab: Tab, api: Api) -> None:
    """Focus moves to the skip link first, then in order, and is always visible."""
    sign_in(tab, api, OPERATOR, "maintenance/")
    tab.go(f"{api.base}/admin/maintenance/")
    seen = []
    for _ in range(12):
        tab.press("Tab")
        name, is_seen = tab.run(FOCUSED)
        assert is_seen, name
        seen.append(name)
    assert seen[:2] == ["Skip to the content", "Amoeba"]
    order = [name for name in seen if name in ("Maintenance", "Sign out", "mode", "notice", "Save")]
    assert order[:5] == ["Maintenance", "Sign out", "mode", "notice", "Save"]
    tab.go(f"{api.base}/admin/maintenance/")
    tab.press("Tab")
    tab.press("Enter")
    assert tab.run("return [location.hash, document.activeElement.id]") == ["#content", "content"]


def test_an_operator_switches_read_only(tab: Tab, api: Api) -> None:
    """contract/console.md 5"""
    sign_in(tab, api, OPERATOR, "maintenance/")
    tab.run("document.querySelector('input[value=on]').checked = true")
    tab.run("document.querySelector('#notice').focus()")
    tab.write("Back at noon.")
    tab.click("main form button")
    message = tab.run("return document.querySelector('[role=status]').innerText")
    assert message == "Read-only mode is on. Notice: Back at noon."
    assert api.get("/api/v5/site/").json == {"read_only": True, "notice": "Back at noon."}
    tab.run("document.querySelector('input[value=off]').checked = true")
    tab.run("document.querySelector('#notice').value = ''")
    tab.click("main form button")
    assert api.get("/api/v5/site/").json == {"read_only": False, "notice": None}


def test_a_reviewer_approves_what_waits_first(tab: Tab, api: Api) -> None:
    """contract/console.md 8: from the queue to the decision, which the public sees."""
    sign_in(tab, api, REVIEWER, "reviews/")
    tab.click("main tbody th a")
    assert tab.run("return location.pathname") == "/admin/addons/113/versions/113000/"
    tab.run("document.querySelector('#comments').focus()")
    tab.write("Fine.")
    tab.click("button[value=approve]")
    assert tab.run("return document.querySelector('[role=status]').innerText") == "It is noted: approved."
    assert "Fine." in tab.run("return document.querySelector('.notes').innerText")
    assert api.get("/api/v5/addons/addon/113/").status == 200
    tab.go(f"{api.base}/admin/reviews/")
    assert "113000" not in tab.run("return document.querySelector('main').innerHTML")


def test_an_administrator_looks_up_and_disables(tab: Tab, api: Api) -> None:
    """contract/console.md 8"""
    sign_in(tab, api, ADMIN, "addons/")
    tab.run("document.querySelector('#q').focus()")
    tab.write("console-125")
    tab.press("Enter")
    tab.wait(f"{api.base}/admin/addons/?q=console-125")
    tab.click("main tbody th a")
    tab.run("document.querySelector('#disable-reason').focus()")
    tab.write("It steals.")
    tab.click("button[value=disable]")
    assert tab.run("return document.querySelector('[role=status]').innerText") == "The add-on is disabled."
    assert api.get("/api/v5/addons/addon/125/").status == 401
    tab.go(f"{api.base}/admin/log/?addon=125")
    assert "It steals." in tab.run("return document.querySelector('main').innerText")


def test_an_operator_drops_a_parked_record(tab: Tab, api: Api) -> None:
    """contract/console.md 7: after a page that asks."""
    sign_in(tab, api, OPERATOR, "queues/")
    tab.run("document.querySelector('input[value=mail1]').click()")
    tab.click("form:has([value=mail1]) button[value=drop]")
    assert tab.run(FAULTS) == []
    assert "mail1 is forgotten" in tab.run("return document.querySelector('main').innerText")
    if PICTURES:
        tab.picture(Path(PICTURES) / "drop.png")
    tab.click("main button.danger")
    assert tab.run("return document.querySelector('[role=status]').innerText") == "Mail out: 1 dropped."
    assert tab.run("return document.querySelector('input[value=mail1]')") is None


def test_signing_out(tab: Tab, api: Api) -> None:
    """contract/console.md 1"""
    sign_in(tab, api, ADMIN)
    assert tab.run("return document.cookie") == ""  # out of reach of scripts
    tab.click(".who button")
    assert tab.run("return location.pathname") == "/admin/sign-in/"
    tab.go(f"{api.base}/admin/maintenance/")
    assert tab.run("return location.pathname") == "/admin/sign-in/"
