"""Settings: where values come from, what refuses them, what people are shown."""

from pathlib import Path
from typing import Any

import pytest

from conf.settings.loading import load_settings
from conf.settings.settings import HIDDEN, SETTINGS, Settings, describe
from conf.settings.sources import SettingsError
from conf.tables import read_table

SECRET = "correct-horse-battery"


def write_toml(folder: Path, text: str) -> Path:
    path = folder / "amoeba.toml"
    path.write_text(text, encoding="utf-8")
    return path


def setting_faults(**sources: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(**sources)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("flags", "environ", "toml", "port"),
    [
        pytest.param({}, {}, None, 8000, id="the default stands"),
        pytest.param({}, {}, "port = 1", 1, id="the file overrules the default"),
        pytest.param({}, {"AMOEBA_PORT": "2"}, "port = 1", 2, id="the environment overrules the file"),
        pytest.param({"port": "3"}, {"AMOEBA_PORT": "2"}, "port = 1", 3, id="a flag overrules all"),
        pytest.param({"port": 0}, {"AMOEBA_PORT": "2"}, None, 0, id="a typed flag of zero is a flag"),
        pytest.param({"port": None}, {"AMOEBA_PORT": "2"}, None, 2, id="a flag not given says nothing"),
    ],
)
def test_order_of_sources(
    tmp_path: Path, flags: dict[str, Any], environ: dict[str, str], toml: str | None, port: int
) -> None:
    path = write_toml(tmp_path, toml) if toml else None
    assert load_settings(flags, environ, path).port == port


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("basket_sync", "1", True),
        ("basket_sync", "yes", True),
        ("basket_sync", "ON", True),
        ("throttling", "0", False),
        ("throttling", "No", False),
        ("throttling", "off", False),
        ("basket_timeout", "2", 2.0),
        ("search_window", "30000", 30000),
        ("trusted_proxies", "10.0.0.0/8, ::1", ("10.0.0.0/8", "::1")),
        ("trusted_proxies", "", ()),
        ("site_url", "", None),
        ("site_url", "https://addons.example/", "https://addons.example"),
        ("allowed_hosts", "a.example, .b.example", ("a.example", ".b.example")),
        ("basket_api_key", "k=v, and more", "k=v, and more"),
    ],
)
def test_texts_of_the_environment_become_values(name: str, text: str, value: Any) -> None:
    assert getattr(load_settings(environ={"AMOEBA_" + name.upper(): text}), name) == value


def test_toml_has_types_of_its_own(tmp_path: Path) -> None:
    path = write_toml(tmp_path, 'allowed_hosts = ["a.example"]\nbasket_sync = true\nbasket_timeout = 2\n')
    settings = load_settings(toml=path)
    assert settings.allowed_hosts == ("a.example",)
    assert settings.basket_sync is True
    assert settings.basket_timeout == 2.0


def test_the_environment_may_name_the_file(tmp_path: Path) -> None:
    path = write_toml(tmp_path, "port = 1")
    assert load_settings(environ={"AMOEBA_CONFIG": str(path)}).port == 1


def test_other_variables_are_not_ours() -> None:
    assert load_settings(environ={"PORT": "x", "AMOEBAS": "3"}) == Settings()


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("port", "80.5", "must be a whole number"),
        ("port", "70000", "must be between 0 and 65535"),
        ("port", "-1", "must be between 0 and 65535"),
        ("port", "", "must be a whole number"),
        ("basket_timeout", "soon", "must be a number"),
        ("basket_timeout", "nan", "must be a number"),
        ("basket_timeout", "inf", "must be a number"),
        ("basket_timeout", "0", "must be greater than 0"),
        ("max_body_bytes", "0", "must be greater than 0"),
        ("search_window", "-1", "must not be less than 0"),
        ("throttling", "maybe", "must be one of 1, 0, true, false, yes, no, on, off"),
        ("throttling", "", "must be one of 1, 0, true, false, yes, no, on, off"),
        ("data_dir", "", "must not be empty"),
        ("log_level", "LOUD", "must be one of DEBUG, INFO, WARNING, ERROR"),
        ("site_url", "addons.example", "must be a URL beginning with http:// or https://"),
        ("site_url", "ftp://addons.example", "must be a URL beginning with http:// or https://"),
        ("site_url", "http://", "must be a URL beginning with http:// or https://"),
        ("site_url", "http://a.example:port", "must be a URL"),
        ("site_url", "http://a.example/?q=1", "must be a URL without query, fragment and blanks"),
        ("allowed_hosts", "a.example,b:1", "'b:1' must be a host without scheme and port, as a.example"),
        ("older_versions_for", "mosaic", "'mosaic' must be one of firefox, thunderbird, seamonkey, android"),
        ("trusted_proxies", "10.0.0.0/40", "'10.0.0.0/40' must be an IP address or a network as 10.0.0.0/8"),
        ("allowed_clients_email_api", "::1,host", "'host' must be an IP address or a network as 10.0.0.0/8"),
        ("mongodb_uri", "localhost:27017", "must begin with mongodb:// or mongodb+srv://"),
        ("email_from", "nobody", "must be an email address"),
        ("developer_agreement_date", "2025-08-04", "must be a date as 2025-08-04T00:00:00Z"),
    ],
)
def test_faults_name_the_variable_and_the_reason(name: str, text: str, problem: str) -> None:
    variable = "AMOEBA_" + name.upper()
    assert setting_faults(environ={variable: text}) == [f"{variable}: {problem}"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('port = "8000"', "must be a whole number"),
        ("port = true", "must be a whole number"),
        ("basket_sync = 1", "must be true or false"),
        ("host = 127", "must be text"),
        ('basket_timeout = "5"', "must be a number"),
        ("basket_timeout = inf", "must be a number"),
        ('trusted_proxies = "10.0.0.1"', "must be a list of texts"),
        ("trusted_proxies = [1]", "must be a list of texts"),
        ("hots = 1", "is not a setting, did you mean host?"),
        ("zzzzzz = 1", "is not a setting"),
    ],
)
def test_faults_of_toml_name_the_file_and_the_key(tmp_path: Path, line: str, problem: str) -> None:
    path = write_toml(tmp_path, line)
    assert setting_faults(toml=path) == [f"{path}: {line.split()[0]}: {problem}"]


def test_an_unknown_variable_gets_a_suggestion() -> None:
    assert setting_faults(environ={"AMOEBA_BASKET_URI": "x"}) == [
        "AMOEBA_BASKET_URI: is not a setting, did you mean AMOEBA_BASKET_URL?"
    ]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    faults = setting_faults(
        flags={"port": "70000", "pord": "1"},
        environ={"AMOEBA_BASKET_BATCH": "0", "AMOEBA_HOSTS": "x"},
        toml=write_toml(tmp_path, "port = 1.5\nlog_level = 3"),
    )
    assert [fault.rsplit(": ", 1)[0] for fault in faults] == [
        f"{tmp_path}/amoeba.toml: port",
        f"{tmp_path}/amoeba.toml: log_level",
        "AMOEBA_BASKET_BATCH",
        "AMOEBA_HOSTS",
        "--port",
        "--pord",
    ]


def test_a_file_that_cannot_be_read_hides_no_other_fault(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    assert setting_faults(environ={"AMOEBA_PORT": "x"}, toml=missing) == [
        f"{missing}: cannot be read (No such file or directory)",
        "AMOEBA_PORT: must be a whole number",
    ]
    (fault,) = setting_faults(toml=write_toml(tmp_path, "port = = 1"))
    assert "amoeba.toml: is not TOML (" in fault


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        pytest.param({"outgoing_url": "http://out.example"}, "outgoing_url", id="links need a signing key"),
        pytest.param({"max_header_bytes": 100}, "max_header_bytes", id="headers include the URL"),
        pytest.param({"basket_lease": 5}, "basket_lease", id="a lease outlives the request"),
    ],
)
def test_values_that_contradict_each_other(flags: dict[str, Any], name: str) -> None:
    (fault,) = setting_faults(flags=flags)
    assert fault.startswith(f"{name}: ")


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS if setting.secret])
def test_secrets_are_never_shown(name: str) -> None:
    value = f"mongodb://user:{SECRET}@host" if name == "mongodb_uri" else SECRET
    settings = load_settings({name: value})
    assert SECRET not in repr(settings) + str(settings) + describe(settings)
    assert f"{name}={HIDDEN!r}" in repr(settings)


@pytest.mark.parametrize("name", ["secret_key", "inbound_email_secret_key", "outgoing_secret"])
def test_secrets_that_can_be_guessed_are_refused(name: str) -> None:
    for short in ("x", "x" * 15, " " * 16, "x" * 15 + " "):
        faults = setting_faults(environ={f"AMOEBA_{name.upper()}": short})
        assert len(faults) == 1 and "must have at least 16 characters" in faults[0]
    load_settings({name: "x" * 16})


def test_faults_do_not_repeat_secrets(tmp_path: Path) -> None:
    faults = setting_faults(
        flags={"mongodb_uri": SECRET},
        environ={"AMOEBA_MONGODB_URI": SECRET},
        toml=write_toml(tmp_path, f'mongodb_uri = "{SECRET}"\nsecret_key = 12345678'),
    )
    assert len(faults) == 4
    assert not any(SECRET in fault or "12345678" in fault for fault in faults)


def test_every_default_is_a_good_value() -> None:
    for setting in SETTINGS:
        if setting.check and setting.default is not None:
            assert setting.check(setting.default) is None, setting.name


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]


def test_the_table_for_people_has_every_setting_and_its_help() -> None:
    lines = describe().splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [s.name for s in SETTINGS]
    assert "port (a whole number): 8000" in lines
    assert "basket_sync (true or false): false" in lines
    assert "site_url (text): unset" in lines
    assert "trusted_proxies (a list of texts): none" in lines


STATE = [
    pytest.param({"XDG_STATE_HOME": "/s"}, "/s/amoeba", id="the folder for state"),
    pytest.param({}, "{home}/.local/state/amoeba", id="its default"),
    pytest.param({"AMOEBA_DATA_DIR": "d"}, "d", id="what is said"),
]


@pytest.mark.parametrize(("environ", "folder"), STATE)
def test_services_start_in_the_root_and_keep_nothing_there(
    environ: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert load_settings(environ=environ).data_dir == folder.format(home=Path.home())


def test_anywhere_else_it_is_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(environ={"XDG_STATE_HOME": "/s"}).data_dir == "var"


def test_who_has_no_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.chdir("/")
    monkeypatch.setattr(Path, "expanduser", homeless)
    assert setting_faults(environ={}) == ["data_dir: has to be set: Could not determine home directory."]


def test_each_setting_says_what_it_is_for() -> None:
    assert list(read_table("settings/settings.toml")) == [setting.name for setting in SETTINGS]
