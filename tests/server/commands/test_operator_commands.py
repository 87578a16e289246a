"""status, doctor and config show: what they say of a good server and of what operators get wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from conf.settings.settings import SETTINGS, Settings
from server.embedded.mongod import OwnMongod
from server.operating.diagnosis import check_host
from server.operating.findings import check_settings
from tests.program import Program
from tests.shell_commands import Shell
from tests.sweep import sweep

# Settings, and what is found wrong with them.
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("site_url", {"host": "0.0.0.0"}),
    ("site_url", {"socket": "/run/a.sock"}),
    ("site_url", {"host": "10.0.0.1", "site_url": "http://a.example"}),
    ("basket_url", {"basket_sync": True}),
    ("basket_sync", {"basket_url": "https://b.example"}),
    ("basket_api_key", {"basket_url": "https://b.example", "basket_sync": True}),
    ("inbound_email_domain", {"email_sending": True}),
    ("email_from", {"email_sending": True}),
    ("email_sending", {"inbound_email_secret_key": "x" * 16}),
    ("smtp_security", {"smtp_password": "x", "smtp_security": "none", "smtp_host": "mail.example"}),
    ("throttling", {"throttling": False}),
    ("log_level", {"log_level": "DEBUG"}),
    ("metrics_allowed", {"metrics_allowed": ("0.0.0.0/0",)}),
    ("trusted_proxies", {"trusted_proxies": ("::/0",)}),
    ("allowed_hosts", {"allowed_hosts": ("*",)}),
]


@sweep("about, settings", WRONG)
def test_settings_that_operators_get_wrong(about: str, settings: dict[str, Any]) -> None:
    found = {one.about: one for one in check_settings(Settings(**settings))}
    assert about in found and found[about].remedy


def test_the_defaults_are_right() -> None:
    assert list(check_settings(Settings())) == []


def test_what_others_can_read(tmp_path: Path) -> None:
    file = tmp_path / "amoeba.toml"
    file.write_text("")
    file.chmod(0o644)
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    (data / "secret_key").write_text("x")
    settings = Settings(
        data_dir=str(data), socket=str(tmp_path / "none" / "a.sock"), addons_linter="/no/where"
    )
    sources = {"basket_api_key": f"{file}: basket_api_key"}
    found = [
        (one.about, one.remedy)
        for one in check_host(settings, sources)
        if one.about not in ("disk", "memory")
    ]
    assert [about for about, _ in found] == ["data folder", "secret", "settings", "addons_linter", "socket"]
    assert f"chmod 700 {data}" in dict(found)["data folder"] and str(file) in dict(found)["settings"]


def test_status_and_doctor(server: Program, mongod: OwnMongod) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    env = {"AMOEBA_MONGODB_URI": mongod.uri, "AMOEBA_MONGODB_DATABASE": "demo", "AMOEBA_PORT": port}
    shell = Shell(env=env)
    told = json.loads(shell("status", "--json"))
    assert told["server"].startswith(f"ready at http://{host}:{port}") and told["read-only"] == "off"
    assert told["basket"].endswith("0 parked") and "GB free" in told["disk"]
    assert "server" in shell("status")
    wrong = Shell(env=env | {"AMOEBA_BASKET_URL": "http://127.0.0.1:1", "AMOEBA_BASKET_SYNC": "true"})
    found = {one["about"]: one for one in json.loads(wrong("doctor", "--json", status=1))}
    assert found["basket_url"]["level"] == "fault" and "cannot be reached" in found["basket_url"]["text"]
    assert found["server"]["level"] == "ok" and found["basket_api_key"]["level"] == "warning"
    wrong("doctor", status=1)
    assert "FAULT   basket_url" in wrong.output and "-> " in wrong.output


def test_doctor_without_mongodb() -> None:
    shell = Shell(env={"AMOEBA_MONGODB_URI": "mongodb://127.0.0.1:x/"})
    assert "FAULT   MongoDB" in shell("doctor", status=1)


def test_doctor_of_a_data_folder_that_cannot_be_locked(tmp_path: Path) -> None:
    (tmp_path / "owner.lock").mkdir()  # as unusable as another user's file
    found = {one["about"]: one for one in json.loads(Shell(tmp_path)("doctor", "--json", status=1))}
    assert found["MongoDB"]["level"] == "fault" and "owner.lock" in found["MongoDB"]["text"]


def test_config_shows_where_values_come_from(tmp_path: Path) -> None:
    file = tmp_path / "amoeba.toml"
    file.write_text(
        'port = 81\nhost = "h.example"\nbasket_api_key = "very secret"\nallowed_hosts = ["a.example"]\n'
    )
    shell = Shell(env={"AMOEBA_CONFIG": str(file), "AMOEBA_PORT": "82"})
    lines = shell("config", "show").splitlines()
    assert len(lines) == len(SETTINGS)
    assert "port = 82  # AMOEBA_PORT" in lines and f'host = "h.example"  # {file}: host' in lines
    assert f'allowed_hosts = ["a.example"]  # {file}: allowed_hosts' in lines
    assert f'basket_api_key = "********"  # {file}: basket_api_key' in lines
    assert "# site_url is unset  # default" in lines and "very secret" not in shell.output
    assert (
        shell("config", "show", "AMOEBA_PORT", "--json") == '{"port": {"value": 82, "source": "AMOEBA_PORT"}}'
    )
    assert len(shell("config", "show", "--changed").splitlines()) == 4
    shell("config", "show", "prot", status=2)
    assert "there is no setting prot" in shell.error


@pytest.mark.parametrize("name", ["status", "doctor", "config", "backup", "restore"])
def test_they_say_what_they_do(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "usage:" in Shell()(name, "--help")
