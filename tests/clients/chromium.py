"""Chromium signs in with a real provider on another host, and out again (contract/auth.md 8)."""

from pathlib import Path
from typing import Final

from tests.chromium import Missing, Tab, browsing
from tests.client import Client
from tests.clients.npm import Skipped
from tests.factories import make_user
from tests.handlers.loaded_server import load
from tests.identity_provider import SETTINGS, running_provider
from tests.program import Program

_AGREE: Final = """
    const field = document.querySelector("input[name=sub]");
    field.value = "ann";
    field.form.requestSubmit(field.form.querySelector("button[type=submit]:not([name]), button:not([name])"));
"""


def signs_in(folder: Path) -> str:
    """What was seen. Raises Skipped, AssertionError."""
    load(folder, [{"kind": "user", **make_user()}])
    with running_provider() as provider:
        words = ("serve", "--port", "0", "--data-dir", str(folder / "data"))
        env = SETTINGS | {"AMOEBA_OIDC_ISSUER": provider.url}
        with Program(*words, output=folder / "serve", env=env) as server:
            server.wait_listening()
            try:
                with browsing(folder / "profile") as tab:
                    _sign_in(server.url, provider.url, tab)
                    version = tab.version
            except Missing as fault:
                raise Skipped(str(fault)) from None
            assert server.loud_records() == []
    return f"{version}: signed in, went on to the path, signed out everywhere"


def _sign_in(site: str, provider: str, tab: Tab) -> None:
    start = f"{site}/api/v5/accounts/login/start/?to=/api/v5/site/"

    def agree() -> str:
        tab.start(start)
        tab.wait(f"{provider}/oauth2/authorize?")
        tab.run(_AGREE)
        return tab.wait(f"{site}/")

    assert agree() == f"{site}/en-US/firefox/users/edit?to=%2Fapi%2Fv5%2Fsite%2F"
    assert tab.run("return document.cookie") == ""  # out of reach of scripts
    session = _session(tab, site)
    assert agree() == f"{site}/api/v5/site/"  # an account that is known, and a session that there is
    assert _session(tab, site) == session
    client = Client(site)
    key = {"Authorization": f"Session {session}"}
    assert client.get("/api/v5/accounts/profile/", headers=key).status == 200
    assert client.delete("/api/v5/accounts/session/", headers=key).status == 200
    assert client.get("/api/v5/accounts/profile/", headers=key).status == 401
    client.close()
    assert agree() == f"{site}/api/v5/site/"  # the cookie of a session that has ended does no harm
    assert _session(tab, site) != session


def _session(tab: Tab, site: str) -> str:
    """The only cookie."""
    [cookie] = tab.ask("Network.getCookies", urls=[site])["cookies"]
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("sessionid", True, "Lax")
    return str(cookie["value"])
