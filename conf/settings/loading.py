"""Loads the settings of a run from the defaults, the TOML file, the environment (`AMOEBA_<NAME>`) and the
command line, each overriding the ones before. All faults of all sources are reported together.

    settings = load_settings({"port": 0}, os.environ, Path("amoeba.toml"))
    settings.port
"""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from conf.settings import checks, conversion
from conf.settings.settings import SETTINGS, Setting, Settings
from conf.settings.sources import (
    CONFIG_VARIABLE,
    PREFIX,
    SettingFault,
    SettingsError,
    SourcedValue,
    from_environ,
    from_file,
    from_flags,
)

_BY_NAME: Final = {setting.name: setting for setting in SETTINGS}


def load_settings(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    toml: Path | None = None,
) -> Settings:
    """The settings of a run. Arguments and errors as of `load_with_sources`."""
    return load_with_sources(flags, environ, toml)[0]


def load_with_sources(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    toml: Path | None = None,
) -> tuple[Settings, dict[str, str]]:
    """The settings of a run, and the source of each that is not a default, by name. The TOML file, the
    environment and the flags override the defaults, in this order.

    `flags` maps setting names to texts or typed values, None for a flag not
    given. Without `toml`, the file that AMOEBA_CONFIG names is read, if any.
    Raises SettingsError with all faults of all sources.
    """
    environ = environ or {}
    if toml is None and environ.get(CONFIG_VARIABLE):
        toml = Path(environ[CONFIG_VARIABLE])
    faults: list[SettingFault] = []
    chosen: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for sourced in _sourced_values(flags or {}, environ, toml, faults):
        try:
            chosen[sourced.name] = _value(sourced)
            sources[sourced.name] = sourced.source
        except ValueError as error:
            faults.append(SettingFault(sourced.source, str(error)))
    if "data_dir" not in chosen and Path.cwd() == Path("/"):
        try:
            chosen["data_dir"] = _state_folder(environ)
            sources["data_dir"] = "started in /"
        except RuntimeError as error:  # the user has no home folder
            faults.append(SettingFault("data_dir", f"has to be set: {error}"))
    settings = Settings(**chosen)
    faults.extend(_contradictions(settings))
    if faults:
        raise SettingsError(faults)
    return settings, sources


def _state_folder(environ: Mapping[str, str]) -> str:
    """The data folder of a service, which is started in `/`: `var` would be the system's there."""
    home = environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser()
    return str(Path(home) / "amoeba")


def _sourced_values(
    flags: Mapping[str, Any], environ: Mapping[str, str], toml: Path | None, faults: list[SettingFault]
) -> Iterator[SourcedValue]:
    if toml is not None:
        try:
            yield from from_file(toml)
        except SettingsError as error:
            faults.extend(error.faults)
    yield from from_environ(environ)
    yield from from_flags(flags)


def _value(sourced: SourcedValue) -> Any:
    """The value converted to the type of its setting. Raises ValueError, which says what is wrong."""
    setting = _BY_NAME.get(sourced.name)
    if setting is None:
        raise ValueError(f"is not a setting{_suggestion(sourced)}")
    value = conversion.convert(setting.type, setting.optional, sourced.value, sourced.typed)
    if value is not None and setting.check:
        problem = setting.check(value)
        if problem:
            raise ValueError(problem)
    return _tidy(setting, value)


def _suggestion(sourced: SourcedValue) -> str:
    """The setting with the most similar name, spelled as in the source."""
    near = difflib.get_close_matches(sourced.name, _BY_NAME, n=1)
    if not near:
        return ""
    spelled = _BY_NAME[near[0]].variable if sourced.source.startswith(PREFIX) else near[0]
    return f", did you mean {spelled}?"


def _tidy(setting: Setting, value: Any) -> Any:
    """The value; an address without its final slash, because paths are appended to it."""
    if setting.check is checks.web_url and value:
        return value.rstrip("/")
    return value


def _contradictions(settings: Settings) -> Iterator[SettingFault]:
    """Faults of values that are valid but contradict each other."""
    if settings.outgoing_url and not settings.outgoing_secret:
        yield SettingFault("outgoing_url", "needs outgoing_secret, which signs the links")
    if bool(settings.oidc_issuer) != bool(settings.oidc_client_id):
        yield SettingFault("oidc_issuer", "and oidc_client_id go together")
    if settings.reuse_port and not settings.mongodb_uri:
        yield SettingFault("reuse_port", "needs mongodb_uri: a private mongod has one server")
    if settings.reuse_port and settings.port == 0:
        yield SettingFault("reuse_port", "needs a port that all of them name")
    if settings.max_header_bytes < settings.max_url_bytes:
        yield SettingFault("max_header_bytes", "must not be less than max_url_bytes, which it includes")
    if settings.basket_lease <= settings.basket_timeout:
        yield SettingFault(
            "basket_lease", "must be longer than basket_timeout, or two processes send one record"
        )
    if settings.smtp_starttls and settings.smtp_security not in (None, "starttls"):
        yield SettingFault("smtp_starttls", "contradicts smtp_security, which has taken its place")
