"""A newcomer's first hour (README), a function a step, seen from outside.

    newcomer = Newcomer(url, shell, tab, basket)
    approves(newcomer)

`python -m tests.clients newcomer` is the whole of it, with web-ext and a data folder that is lost; the suite
has what needs neither (test_newcomer.py).
"""

import json
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.chromium import Missing, Tab, browsing
from tests.client import Answer, Client
from tests.clients.described import Described
from tests.clients.npm import Skipped, run
from tests.clients.publishing import ended_well
from tests.fake_basket import Basket
from tests.packages import MANIFEST
from tests.program import Program
from tests.shell_commands import Shell

GUID: Final = "tree@example.org"
NAME: Final = "Tab Tree"
LISTING: Final = {
    "categories": ["tabs"],
    "summary": {"en-US": "Tabs in a tree."},
    "version": {"license": "MPL-2.0"},
}
NOTICE: Final = "Back at noon."
_PATIENCE: Final = 60.0  # seconds for what happens by itself


@dataclass
class Newcomer:
    """What she has: the server's address, a shell, a browser, and a Basket that is away at first."""

    url: str
    shell: Shell
    tab: Tab
    basket: Basket

    def get(self, target: str, **words: Any) -> Answer:
        with closing(Client(self.url)) as client:
            return client.get(target, **words)

    def opens(self, page: str) -> None:
        """A page of the console; signs in where she is asked to, by her token."""
        self.tab.go(f"{self.url}/admin/{page}")
        if self.tab.run("return Boolean(document.querySelector('#token'))"):
            self.tab.run("document.querySelector('#token').focus()")
            self.tab.write(self.shell("token", "ann"))
            self.tab.click("main form button")
            self.tab.go(f"{self.url}/admin/{page}")

    def reads(self) -> str:
        """What the page says."""
        return str(self.tab.run("return document.querySelector('main').innerText"))

    def finds(self) -> list[str]:
        """Guids, by the name of the add-on."""
        answer = self.get("/api/v5/addons/search/", params={"q": NAME, "app": "firefox"})
        return [row["guid"] for row in answer.json["results"]]


def basket_settings(basket: Basket) -> dict[str, str]:
    """Of a server that tells it."""
    return {"AMOEBA_BASKET_URL": basket.url, "AMOEBA_BASKET_API_KEY": "key", "AMOEBA_BASKET_SYNC": "true"}


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.1)


def approves(she: Newcomer) -> None:
    """From the queue of what waits for a review, in the console; nobody finds it before."""
    assert GUID not in she.finds()
    she.opens("reviews/")
    assert NAME in she.reads()
    she.tab.click("main tbody th a")
    assert NAME in she.reads()
    she.tab.click("button[value=approve]")
    until(lambda: GUID in she.finds(), "the add-on's appearance in a search")


def switches_read_only(she: Newcomer) -> None:
    """With a notice, and back: writes are refused and reads go on."""
    for mode, notice, status in (("on", NOTICE, 503), ("off", "", 401)):
        _save(she, mode, notice)
        with closing(Client(she.url)) as client:
            assert client.patch(f"/api/v5/addons/addon/{GUID}/", json_body={}).status == status
        assert GUID in she.finds()


def _save(she: Newcomer, mode: str, notice: str) -> None:
    """The form of the console."""
    she.opens("maintenance/")
    she.tab.run(f"document.querySelector('[name=mode][value={mode}]').click()")
    she.tab.run(f"document.querySelector('#notice').value = {json.dumps(notice)}")
    she.tab.click("main form button")
    state = {"read_only": mode == "on", "notice": notice or None}
    until(lambda: bool(she.get("/api/v5/site/").json == state), f"read-only {mode}")


def sees_the_backlog_drain(she: Newcomer) -> None:
    """Basket was away while she published and approved; nothing of that is lost."""
    assert not she.shell("basket", "status").startswith("0 pending")
    assert she.basket.sent() == {}
    she.basket.be(None)
    until(lambda: she.shell("basket", "status").startswith("0 pending, 0 parked"), "the delivery")
    [arrivals] = she.basket.sent().values()
    assert (arrivals[-1].body["guid"], arrivals[-1].body["status"]) == (GUID, "public")


def integrates(she: Newcomer) -> None:
    """From `/` to the page of the API in a browser, to its description, and from that to a client."""
    she.tab.go(f"{she.url}/")
    she.tab.click("a[href='/api/v5/docs/']")
    assert "/api/v5/addons/search/" in she.tab.run("return document.body.innerText")
    api = Described(she.tab.run("return document.querySelector(\"a[href$='openapi.json']\").href"))
    [row] = api.get("/addons/search/", q=NAME, app="firefox", lang="en-US")["results"]
    addon = api.get("/addons/addon/{addon}/", addon=row["guid"], lang="en-US")
    assert (addon["guid"], addon["name"]) == (GUID, {"en-US": NAME})
    versions = api.get("/addons/addon/{addon}/versions/", addon=str(addon["id"]))
    assert [version["version"] for version in versions["results"]] == ["1.0"]
    assert api.get("/addons/addon/{addon}/", addon="nobody@example.org") == {"detail": "Not found."}


STEPS: Final = (approves, switches_read_only, sees_the_backlog_drain, integrates)


def first_hour(spec: str, folder: Path) -> str:
    """All of it: web-ext publishes, the steps, a backup, the loss of everything, and what is there again."""
    data, shell, basket = folder / "data", Shell(folder / "data"), Basket()
    basket.be("refuses")
    env = basket_settings(basket)
    words = ("serve", "--port", "0", "--data-dir", str(data))
    with ExitStack() as stack:
        stack.callback(basket.close)
        try:
            tab = stack.enter_context(browsing(folder / "profile"))
        except Missing as fault:
            raise Skipped(str(fault)) from None
        with Program(*words, output=folder / "serve", env=env) as program:
            she = Newcomer(program.wait_listening(), shell, tab, basket)
            shell("user", "add", "ann", "--permission", "Addons:Review", "--permission", "Site:Edit")
            shell("user", "add", "ben")  # nobody reviews what is their own
            _publish(she, spec, folder)
            for step in STEPS:
                step(she)
            before = _package(she)
            shell("backup", str(folder / "backups"))
        shutil.rmtree(data)
        shell("restore", str(folder / "backups"))
        with Program(*words, output=folder / "again", env=env) as program:
            she.url = program.wait_listening()
            assert _package(she) == before and GUID in she.finds()
            integrates(she)
    return "published, approved, found, read-only, Basket's backlog, lost, restored, integrated"


def _publish(she: Newcomer, spec: str, folder: Path) -> None:
    """With web-ext, a listed version."""
    source = folder / "source"
    source.mkdir()
    gecko = {"gecko": {"id": GUID, "data_collection_permissions": {"required": ["none"]}}}
    (source / "manifest.json").write_text(json.dumps(MANIFEST | {"browser_specific_settings": gecko}))
    listing = folder / "listing.json"
    listing.write_text(json.dumps(LISTING))
    key = json.loads(she.shell("apikey", "ben", "--json"))
    words = (
        *("sign", "--no-config-discovery", "--channel", "listed", "--no-input", "--approval-timeout", "0"),
        *("--source-dir", str(source), "--artifacts-dir", str(folder), "--amo-metadata", str(listing)),
        *("--api-key", key["key"], "--api-secret", key["secret"], "--amo-base-url", f"{she.url}/api/v5/"),
    )
    ended_well(run(spec, "web-ext", *words, folder=folder))


def _package(she: Newcomer) -> bytes:
    """As it is downloaded."""
    addon = she.get(f"/api/v5/addons/addon/{GUID}/").json
    address = addon["current_version"]["file"]["url"]
    return she.get("/" + address.split("/", 3)[3]).body
