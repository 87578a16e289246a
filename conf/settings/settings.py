"""Every setting: its name, type, default and check. `settings.toml` says what it is for.

A field of `Settings` is a setting: its annotation is its type, its metadata the
rest, and SETTINGS is the table of them. `conf/settings/loading.py` gives a run its values.
"""

import textwrap
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Final, NamedTuple

from conf.mongodb import DRIVERS
from conf.settings import checks, conversion
from conf.settings.sources import PREFIX
from conf.tables import read_table

HIDDEN: Final = "********"


def _setting(default: Any, check: Callable[[Any], str | None] | None = None, *, secret: bool = False) -> Any:
    """A field of Settings; `check` returns what is wrong with a value, or None."""
    return field(default=default, metadata={"check": check, "secret": secret})


@dataclass(frozen=True, repr=False)
class Settings:
    """One run's settings; made by `load_settings`, or directly in tests."""

    # Where the server listens, and what it stores.
    host: str = _setting("127.0.0.1")
    port: int = _setting(8000, checks.port)
    socket: str | None = _setting(None, checks.socket_path)
    reuse_port: bool = _setting(False)
    data_dir: str = _setting("var", checks.not_empty)
    log_level: str = _setting("INFO", checks.one_of(checks.LOG_LEVELS))
    log_format: str = _setting("auto", checks.one_of(checks.LOG_FORMATS))
    access_log: bool = _setting(False)
    slow_request: float = _setting(1.0, checks.not_negative)
    metrics_allowed: Sequence[str] = _setting(("127.0.0.0/8", "::1"), checks.networks)
    metrics_token: str | None = _setting(None, checks.secret, secret=True)
    console: bool = _setting(True)
    secret_key: str | None = _setting(None, checks.secrets, secret=True)

    # MongoDB.
    mongodb_uri: str | None = _setting(None, checks.mongodb_uri, secret=True)
    mongodb_database: str = _setting("amoeba", checks.not_empty)
    mongodb_timeout: float = _setting(5.0, checks.positive)
    mongodb_driver: str = _setting(DRIVERS[0], checks.one_of(DRIVERS))
    mongod: str | None = _setting(None)
    mongod_cache_gb: float = _setting(0.25, checks.cache)

    # Addresses in responses.
    site_url: str | None = _setting(None, checks.web_url)
    allowed_hosts: Sequence[str] = _setting((), checks.hosts)
    media_url: str | None = _setting(None, checks.web_url)
    static_url: str | None = _setting(None, checks.web_url)
    downloads_url: str | None = _setting(None, checks.web_url)
    accel_redirect: str | None = _setting(None, checks.path)
    outgoing_url: str | None = _setting(None, checks.web_url)
    outgoing_secret: str | None = _setting(None, checks.secret, secret=True)

    # Recommendations.
    recommendation_url: str | None = _setting(None, checks.web_url)
    recommendation_timeout: float = _setting(1.0, checks.positive)

    # Basket.
    basket_url: str | None = _setting(None, checks.web_url)
    basket_api_key: str | None = _setting(None, secret=True)
    basket_sync: bool = _setting(False)
    basket_sync_counts: bool = _setting(False)
    basket_timeout: float = _setting(5.0, checks.positive)
    basket_interval: float = _setting(1.0, checks.positive)
    basket_batch: int = _setting(50, checks.positive)
    basket_concurrency: int = _setting(4, checks.positive)
    basket_lease: float = _setting(30.0, checks.positive)
    basket_max_tries: int = _setting(10, checks.positive)

    # Webhooks.
    webhook_timeout: float = _setting(15.0, checks.positive)
    webhook_private: bool = _setting(False)

    # Mail.
    inbound_email_secret_key: str | None = _setting(None, checks.secret, secret=True)
    inbound_email_validation_key: str | None = _setting(None, checks.not_empty, secret=True)
    inbound_email_domain: str | None = _setting(None, checks.not_empty)
    allowed_clients_email_api: Sequence[str] = _setting((), checks.networks)
    inbound_max_bytes: int = _setting(2_621_440, checks.positive)
    email_sending: bool = _setting(False)
    email_bouncing: bool = _setting(False)
    email_activity_cc: Sequence[str] = _setting((), checks.emails)
    mail_interval: float = _setting(1.0, checks.positive)
    email_from: str = _setting("nobody@localhost", checks.email)
    email_max_age: float = _setting(432_000.0, checks.positive)
    smtp_host: str = _setting("127.0.0.1", checks.not_empty)
    smtp_port: int = _setting(25, checks.port)
    smtp_user: str | None = _setting(None)
    smtp_password: str | None = _setting(None, secret=True)
    smtp_security: str | None = _setting(None, checks.one_of(checks.SMTP_SECURITY))
    smtp_starttls: bool = _setting(False)
    smtp_timeout: float = _setting(10.0, checks.positive)

    # Callers and what they may send.
    trusted_proxies: Sequence[str] = _setting((), checks.networks)
    throttling: bool = _setting(True)
    read_limit: int = _setting(0, checks.not_negative)
    unlimited_clients: Sequence[str] = _setting((), checks.networks)
    denied_rating_words: Sequence[str] = _setting(())
    max_url_bytes: int = _setting(16_384, checks.positive)
    max_header_bytes: int = _setting(32_768, checks.positive)
    max_body_bytes: int = _setting(6_291_456, checks.positive)
    auto_approve: bool = _setting(False)
    addons_linter: str | None = _setting(None)
    max_package_bytes: int = _setting(200_000_000, checks.positive)
    header_timeout: float = _setting(10.0, checks.positive)
    body_timeout: float = _setting(30.0, checks.positive)
    idle_timeout: float = _setting(60.0, checks.positive)
    write_timeout: float = _setting(30.0, checks.positive)
    unread_mb: int = _setting(64, checks.positive)
    max_connections: int = _setting(4000, checks.positive)
    shutdown_timeout: float = _setting(8.0, checks.positive)

    # The catalogue in memory.
    search_window: int = _setting(0, checks.not_negative)
    older_versions_for: Sequence[str] = _setting(("thunderbird",), checks.apps)
    return_to_amo: bool = _setting(True)
    return_to_amo_all_listed: bool = _setting(False)
    response_cache_mb: int = _setting(32, checks.not_negative)

    # Collections.
    curators_account: int | None = _setting(None)
    contributed_collection: int | None = _setting(None)

    # Abuse reports.
    report_days: int = _setting(0, checks.not_negative)

    # Signing in.
    oidc_issuer: str | None = _setting(None, checks.web_url)
    oidc_client_id: str | None = _setting(None, checks.not_empty)
    oidc_client_secret: str | None = _setting(None, checks.not_empty, secret=True)

    # Accounts.
    developer_agreement_date: str = _setting("2025-08-04T00:00:00Z", checks.date)
    denied_submitters: Sequence[str] = _setting((), checks.submitters)

    def __repr__(self) -> str:
        pairs = (f"{setting.name}={setting.displayed(self)!r}" for setting in SETTINGS)
        return f"Settings({', '.join(pairs)})"


class Setting(NamedTuple):
    """A row of the table of settings."""

    name: str
    type: type  # str, int, float, bool or tuple (of str)
    optional: bool  # whether None is a value
    default: Any
    check: Callable[[Any], str | None] | None
    secret: bool

    @property
    def help(self) -> str:
        return _helps()[self.name]

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()

    def displayed(self, settings: Settings) -> Any:
        """Its value for people; a secret is replaced."""
        value = getattr(settings, self.name)
        return HIDDEN if self.secret and value is not None else value


@cache
def _helps() -> dict[str, str]:
    return read_table("settings/settings.toml")


def _table() -> Iterable[Setting]:
    hints = typing.get_type_hints(Settings)
    defaults = Settings()
    for entry in fields(Settings):
        hint = hints[entry.name]
        optional = isinstance(hint, types.UnionType)
        kind = typing.get_args(hint)[0] if optional else hint
        yield Setting(
            entry.name,
            tuple if typing.get_origin(kind) is Sequence else kind,
            optional,
            getattr(defaults, entry.name),
            entry.metadata["check"],
            entry.metadata["secret"],
        )


SETTINGS: Final[tuple[Setting, ...]] = tuple(_table())


def describe(settings: Settings | None = None) -> str:
    """The table for people: each name, type and value (the defaults without `settings`), and help.

    Fits `--help`: no line is longer than 80 characters unless a value is.
    """
    settings = settings or Settings()
    return "\n".join(line for setting in SETTINGS for line in _lines(setting, setting.displayed(settings)))


def _lines(setting: Setting, value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, tuple):
        value = ",".join(value) or "none"
    yield f"{setting.name} ({conversion.type_name(setting.type)}): {'unset' if value is None else value}"
    yield from textwrap.wrap(setting.help, 80, initial_indent="    ", subsequent_indent="    ")
