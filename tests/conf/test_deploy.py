"""The examples of conf/deploy, and what they need: a unix socket, a shared port, systemd's protocol.

What needs a program that is not there (Debian: apt install nginx-light systemd) is skipped, and says so.
"""

import hashlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from conf.settings.settings import SETTINGS
from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.factories import make_addon, make_file, make_version
from tests.handlers.loaded_server import environment, load
from tests.program import ROOT, Program

DEPLOY = ROOT / "conf" / "deploy"
CONTENT = b"PK a package" * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()
LIST = "/api/v5/addons/search/"
ADDON = make_addon(
    _id=7,
    guid="a@b.example",
    slug="tabs",
    versions=[
        make_version(
            id=70, files=[make_file(id=71, url="/firefox/downloads/file/71/a.xpi", stored=f"sha256:{SHA}")]
        )
    ],
)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(str(self.path))


def ask(path: Path, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    with closing(UnixConnection(path)) as connection:
        connection.request(
            "GET", target, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def wait_until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(scope="module")
def service(
    mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, socket.socket]]:
    """A server as its unit has it: the folder with its socket, and what systemd hears of it."""
    folder = tmp_path_factory.mktemp("service")
    load(folder, [{"kind": "addon", **ADDON}], mongod)
    copies = folder / "files" / SHA[:2]
    copies.mkdir(parents=True)
    (copies / SHA).write_bytes(CONTENT)
    base = environment(folder, mongod)
    arguments = ("load", str(folder / "dump.jsonl"), "--files", str(folder / "files"))
    with Program(*arguments, output=folder / "load", env=base) as loading:
        assert loading.wait() == 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(folder / "notify"))
        systemd.settimeout(60)
        env = base | {
            "NOTIFY_SOCKET": str(folder / "notify"),
            "WATCHDOG_USEC": "600000",
            "AMOEBA_SOCKET": str(folder / "amoeba.sock"),
            "AMOEBA_ALLOWED_HOSTS": "addons.example.org",
            "AMOEBA_ACCEL_REDIRECT": "/files/",
        }
        with Program("serve", output=folder / "serve", env=env) as program:
            wait_until(lambda: "listening on unix:" in program.stdout or program.process.poll() is not None)
            yield folder, systemd
            drain(systemd)  # a socket holds ten messages
            assert program.stop() == 0, program.stderr
        assert not (folder / "amoeba.sock").exists()
        assert b"STOPPING=1" in drain(systemd)


def drain(systemd: socket.socket) -> set[bytes]:
    messages = set()
    systemd.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            messages.add(systemd.recv(100))
    return messages


def test_systemd_hears_of_it(service: tuple[Path, socket.socket]) -> None:
    _, systemd = service
    assert systemd.recv(100) == b"READY=1"
    assert {systemd.recv(100) for _ in range(2)} == {b"WATCHDOG=1"}


def test_a_unix_socket_is_the_web_servers(service: tuple[Path, socket.socket]) -> None:
    """What comes over it is forwarded; another server leaves it alone."""
    folder, _ = service
    path = folder / "amoeba.sock"
    assert path.stat().st_mode & 0o777 == 0o660
    forwarded = {"X_Forwarded_For": "192.0.2.1", "X_Forwarded_Proto": "https", "Host": "addons.example.org"}
    status, _, body = ask(path, LIST + "?page_size=1", **forwarded)
    assert (status == 200 and b"https://addons.example.org/" in body) or b'"next":null' in body
    assert ask(path, "/metrics")[0] == 403 and ask(path, "/metrics", **forwarded)[0] == 403
    assert ask(path, "/metrics", X_Forwarded_For="127.0.0.1")[0] == 200
    env = {"AMOEBA_SOCKET": str(path)}
    with Program("serve", "--data-dir", str(folder / "other"), output=folder / "second", env=env) as second:
        assert second.wait() == 2 and "another server does" in second.stderr


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """The example, in folders of the test's; its address."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("needs nginx (Debian: apt install nginx-light)")
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    text = (DEPLOY / "nginx.conf").read_text()
    for installed, source in {
        "/run/amoeba/amoeba.sock": str(folder / "amoeba.sock"),
        "/var/cache/nginx/amoeba": str(folder / "cache"),
        "/srv/amoeba-files/": f"{folder / 'files'}/",
        "listen 80;": f"listen 127.0.0.1:{port};",
    }.items():
        assert installed in text
        text = text.replace(installed, source)
    (folder / "site.conf").write_text(text)
    paths = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {paths} include {folder}/site.conf; }}\n"
    )
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    with (folder / "nginx.log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_nginx_in_front(service: tuple[Path, socket.socket]) -> None:
    folder, _ = service
    host = {"Host": "addons.example.org"}
    with nginx(folder) as url, closing(Client(url)) as client:
        cold = client.get(LIST, headers=host)
        assert cold.status == 200 and cold.headers["X-Cache"] == "MISS"
        warm = client.get(LIST, headers=host | {"X-Request-ID": "one"})
        assert warm.headers["X-Cache"] == "HIT" and warm.body == cold.body
        assert warm.headers["X-Request-ID"] == warm.headers["X-AMO-Request-ID"] == "one"
        for other in (
            {"Accept-Language": "de"},
            {"Accept-Encoding": "gzip"},
            {"X-Country-Code": "DE"},
            {"Origin": "https://a.example"},
            {"User-Agent": "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"},
        ):
            assert client.get(LIST, headers=host | other).headers["X-Cache"] == "MISS", other
            assert client.get(LIST, headers=host | other).headers["X-Cache"] == "HIT", other
        known = client.get(LIST, headers=host | {"Authorization": "Session x"})
        assert known.headers["X-Cache"] == "BYPASS"
        assert client.get("/api/v5/site/", headers=host).headers["X-Cache"] == "MISS"
        assert client.get("/api/v5/site/", headers=host).headers["X-Cache"] in ("MISS", "EXPIRED")
        page = client.get("/admin/sign-in/", headers=host)
        assert page.status == 200 and page.headers["Cache-Control"] == "private, no-store"
        assert "X-Cache" not in page.headers  # nginx was not even asked to keep it
        assert client.get("/metrics", headers=host).status == 403
        file = client.get("/firefox/downloads/file/71/a.xpi", headers=host)
        assert (file.status, file.body) == (200, CONTENT)
        assert len(file.headers["X-Request-ID"]) == 32
        assert file.headers["Content-Type"] == "application/x-xpinstall"
        assert client.get(f"/files/{SHA[:2]}/{SHA}", headers=host).status == 404


def test_processes_share_a_port(mongod: OwnMongod, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = str(probe.getsockname()[1])
    env = {
        "AMOEBA_MONGODB_URI": mongod.uri,
        "AMOEBA_MONGODB_DATABASE": "shared_port",
        "AMOEBA_REUSE_PORT": "true",
    }
    arguments = ("serve", "--port", port, "--data-dir", str(tmp_path / "data"))
    with (
        Program(*arguments, output=tmp_path / "one", env=env) as one,
        Program(*arguments, output=tmp_path / "two", env=env) as two,
    ):
        assert one.wait_listening() == two.wait_listening()
        assert one.stop() == 0
        with closing(Client(two.url)) as client:
            assert client.get(LIST).status == 200


def test_the_unit_is_sound(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd-analyze (Debian: apt install systemd)")
    text = (DEPLOY / "amoeba.service").read_text()
    start = re.search(r"^ExecStart=(\S+)", text, re.MULTILINE)
    assert start
    unit = tmp_path / "amoeba.service"
    unit.write_text(text.replace(start.group(1), shutil.which("true") or "/bin/true"))
    result = subprocess.run(
        [program, "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60
    )
    about = [line for line in (result.stdout + result.stderr).splitlines() if "amoeba.service" in line]
    assert about == []


def test_settings_of_the_examples_exist() -> None:
    known = {setting.variable for setting in SETTINGS} | {"AMOEBA_CONFIG"}
    for path in DEPLOY.iterdir():
        assert set(re.findall(r"AMOEBA_[A-Z_]+", path.read_text())) <= known, path


def test_the_image_has_what_the_program_needs() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = {
        word for line in re.findall(r"^COPY (?!--)(.+)$", text, re.MULTILINE) for word in line.split()[:-1]
    }
    assert {"run.py", "conf", "index", "server", "handlers", "pyproject.toml"} <= copied
    assert all((ROOT / name).exists() for name in copied)
