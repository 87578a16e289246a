"""The hosts that a request may name, and the origin of URLs in answers (contract/versions.md 13)."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from conf.settings.settings import Settings
from server.addresses import resolve_addresses
from server.embedded.mongod import OwnMongod
from tests.client import Client, send_raw
from tests.factories import make_addon
from tests.handlers.loaded_server import environment, load
from tests.program import Program

LIST = "/api/{}/addons/search/?page_size=1"
ADDONS = [
    {"kind": "addon", **make_addon(_id=number, guid=f"{number}@x.example", slug=f"slug-{number}")}
    for number in (1, 2, 3)
]
ADDRESS = re.compile(r'"(https?://(?!www\.mozilla\.org)[^"]*)"')  # but those of licences
INVALID = {"detail": "Invalid Host header."}


def unknown(host: str) -> dict[str, str]:
    return {"detail": f'The host "{host}" is not served here. Operators: see ALLOWED_HOSTS.'}


Servers = dict[str, Program]

EVERYWHERE = {"AMOEBA_HOST": "0.0.0.0"}
SITE = "https://addons.example.org"
SETTINGS = {
    "SITE_URL": {"AMOEBA_SITE_URL": SITE},
    "ALLOWED_HOSTS": {
        "AMOEBA_ALLOWED_HOSTS": "addons.example.org,.below.example,[2001:db8::1]",
        "AMOEBA_TRUSTED_PROXIES": "127.0.0.1",
    },
    "neither": {},
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, mongod: OwnMongod) -> Iterator[Servers]:
    """On all addresses of the machine, with the same three add-ons, by the settings they have."""
    folder = tmp_path_factory.mktemp("hosts")
    load(folder, ADDONS, mongod)
    base = environment(folder, mongod) | EVERYWHERE
    with ExitStack() as stack:
        started = {}
        for name, settings in SETTINGS.items():
            program = Program("serve", "--port", "0", output=folder / name, env=base | settings)
            started[name] = stack.enter_context(program)
        for program in started.values():
            program.wait_listening()
        yield started


def ask(program: Program, host: str | None, path: str = LIST.format("v5"), **headers: str) -> Any:
    sent = {"Connection": "close", **headers} | ({"Host": host} if host is not None else {})
    lines = [f"GET {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in sent.items())]
    return send_raw(program.url, "\r\n".join([*lines, "", ""]).encode("latin-1"))


def addresses(program: Program, host: str, **headers: str) -> set[str]:
    """The origins of all URLs in a list."""
    answer = ask(program, host, **headers)
    assert answer.status == 200
    addresses_in_body = ADDRESS.findall(answer.body.decode())
    assert any("page=2" in url for url in addresses_in_body)
    return {"/".join(url.split("/")[:3]) for url in addresses_in_body}


class TestSiteUrl:
    @pytest.mark.parametrize("host", ["addons.example.org", "evil.example", "127.0.0.1:1", "[::1]:80"])
    @pytest.mark.parametrize("sent", [{}, {"X_Forwarded_Proto": "http"}, {"X_Forwarded_Host": "evil.x"}])
    def test_every_address_begins_with_it(self, servers: Servers, host: str, sent: dict[str, str]) -> None:
        assert addresses(servers["SITE_URL"], host, **sent) == {SITE}

    def test_the_path_and_the_parameters_are_the_callers(self, servers: Servers) -> None:
        path = "/api/v4/addons/search/?page_size=1&lang=fr&q="
        answer = ask(servers["SITE_URL"], "other.example", path)
        assert answer.json["next"] == f"{SITE}/api/v4/addons/search/?lang=fr&page=2&page_size=1&q="

    def test_a_host_must_still_be_one(self, servers: Servers) -> None:
        assert ask(servers["SITE_URL"], "a b").status == 400


class TestAllowedHosts:
    @pytest.mark.parametrize(
        "host",
        [
            "addons.example.org",
            "Addons.Example.Org:8443",
            "below.example",
            "a.b.below.example",
            "[2001:db8::1]:80",
            "localhost",
            "127.0.0.1:8000",
            "[::1]",
        ],
    )
    def test_next_is_on_the_callers_host(self, servers: Servers, host: str) -> None:
        answer = ask(servers["ALLOWED_HOSTS"], host)
        assert answer.json["next"].startswith(f"http://{host}/api/")

    @pytest.mark.parametrize("host", ["example.org", "notbelow.example", "addons.example.org.x", "10.1.2.3"])
    @pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
    def test_other_hosts_are_400(self, servers: Servers, host: str, method: str) -> None:
        program = servers["ALLOWED_HOSTS"]
        data = f"{method} {LIST.format('v5')} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"
        if method == "OPTIONS":  # a description of the resource holds no address
            assert send_raw(program.url, data.encode()).status == 200
            return
        answer = send_raw(program.url, data.encode())
        assert (answer.status, answer.json) == (400, unknown(host))

    def test_other_addresses_begin_with_the_first(self, servers: Servers) -> None:
        program = servers["ALLOWED_HOSTS"]
        port = program.url.rpartition(":")[2]
        urls = addresses(program, "localhost:1234")
        assert urls == {"http://localhost:1234", f"http://addons.example.org:{port}"}

    def test_any(self) -> None:
        assert resolve_addresses(Settings(allowed_hosts=("*",)), 8000).serves("what.ever:80")

    def test_a_trusted_proxy_says_the_scheme(self, servers: Servers) -> None:
        answer = ask(servers["ALLOWED_HOSTS"], "addons.example.org", X_Forwarded_Proto="https")
        assert answer.json["next"].startswith("https://addons.example.org/api/")
        assert "Strict-Transport-Security" in answer.headers

    @pytest.mark.parametrize("path", [LIST.format("v5"), "/nothing/"])
    def test_nobody_else_does(self, servers: Servers, path: str) -> None:
        answer = ask(servers["neither"], "localhost", path, X_Forwarded_Proto="https")
        assert "Strict-Transport-Security" not in answer.headers

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_an_absolute_target_says_the_host(self, servers: Servers, method: str) -> None:
        """RFC 9112, 3.2.2: a proxy sends them; the host of the header is passed over, yet has to be one."""
        program = servers["ALLOWED_HOSTS"]
        path = LIST.format("v5")
        rows = {
            f"http://addons.example.org{path}": 200,
            f"HTTP://addons.example.org:81{path}": 200,
            f"https://addons.example.org{path}": 200,
            "http://addons.example.org": 200,
            f"http://elsewhere.example{path}": 400,
            f"http://{path}": 400,
            f"http://user@addons.example.org{path}": 400,
            f"ftp://addons.example.org{path}": 404,
        }
        sent = {"GET": "\r\n", "POST": "Content-Length: 0\r\n\r\n"}[method]
        for host, refused in (("sub.below.example", False), ("a/b", True)):
            for target, status in rows.items():
                line = f"{method} {target} HTTP/1.1\r\nConnection: close\r\nHost: {host}\r\n{sent}"
                answer = send_raw(program.url, line.encode())
                expected = 405 if method == "POST" and status == 200 else status
                assert answer.status == (400 if refused else expected), target
                if method == "GET" and "page=2" in answer.body.decode():
                    assert answer.json["next"].startswith("http://addons.example.org"), target


class TestEverywhere:
    def test_links_can_be_followed(self, servers: Servers) -> None:
        program = servers["neither"]
        assert program.url.startswith("http://127.0.0.1:")
        client = Client(program.url)
        seen = []
        for page in client.pages(LIST.format("v5")):
            assert b"//0.0.0.0" not in page.body
            seen += [row["id"] for row in page.json["results"]]
        client.close()
        assert len(seen) == 3

    def test_the_machines_own_names_are_known(self, servers: Servers) -> None:
        for name in ("localhost", "127.0.0.1", socket.gethostname()):
            assert ask(servers["neither"], name).status == 200
        assert ask(servers["neither"], "evil.example").json == unknown("evil.example")

    def test_the_start_warns_unless_it_is_told_a_name(self, servers: Servers) -> None:
        (warning,) = servers["neither"].loud_records()
        assert "neither SITE_URL nor ALLOWED_HOSTS is set: links begin with http://127.0.0.1:" in warning
        assert servers["ALLOWED_HOSTS"].loud_records() == servers["SITE_URL"].loud_records() == []


class TestSpelling:
    """An invalid Host is refused before any other check, with SITE_URL or without."""

    @pytest.mark.parametrize("name", ["neither", "SITE_URL"])
    @pytest.mark.parametrize(
        "lines",
        [
            "",
            "Host:\r\n",
            "Host: a b\r\n",
            "Host: a/b\r\n",
            "Host: user@localhost\r\n",
            "Host: localhost:port\r\n",
            "Host: localhost:123456\r\n",
            "Host: local\xe9\r\n",
            "Host: [::1\r\n",
            "Host: localhost,localhost\r\n",
            "Host: localhost\r\nHost: localhost\r\n",
            "Host: localhost\r\nhost: evil.example\r\n",
            "Host: " + "a" * 300 + "\r\n",
        ],
        ids=lambda lines: lines.strip().replace("\r\n", " and ")[:40] or "none",
    )
    def test_no_host(self, servers: Servers, name: str, lines: str) -> None:
        for method in ("GET", "POST"):
            data = f"{method} {LIST.format('v5')} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")
            answer = send_raw(servers[name].url, data)
            assert (answer.status, answer.json) == (400, INVALID)

    def test_http_1_0_may_have_none(self, servers: Servers) -> None:
        program = servers["neither"]
        answer = send_raw(program.url, f"GET {LIST.format('v5')} HTTP/1.0\r\n\r\n".encode())
        assert answer.json["next"].startswith(program.url)

    def test_the_heartbeat_answers_whoever_asks(self, servers: Servers) -> None:
        assert ask(servers["neither"], "10.1.2.3:8000", "/__heartbeat__").status == 200
