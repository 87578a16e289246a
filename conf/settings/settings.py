"""Every setting: its name, type, default and meaning.

A field of `Settings` is a setting: its annotation is its type, its metadata the
rest, and SETTINGS is the table of them. `conf/settings/loading.py` gives a run its values.
"""

import textwrap
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, NamedTuple

from conf.mongodb import DRIVERS
from conf.settings import checks, conversion
from conf.settings.sources import PREFIX

HIDDEN: Final = "********"


def _setting(
    default: Any, help: str, check: Callable[[Any], str | None] | None = None, secret: bool = False
) -> Any:
    """A field of Settings; `check` gives a value's fault in words, or None."""
    metadata = {"help": help, "check": check, "secret": secret}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, repr=False)
class Settings:
    """One run's settings; made by `load_settings`, or directly in tests."""

    # Where the server is, and what it keeps.
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8000, "Port to listen on; 0 takes a free one.", checks.port)
    socket: str | None = _setting(
        None, "Path of a unix socket to listen on instead; for a web server in front.", checks.socket_path
    )
    reuse_port: bool = _setting(
        False, "Share the port with other processes of this host (SO_REUSEPORT; with MONGODB_URI)."
    )
    data_dir: str = _setting(
        "var",
        "Folder of everything the embedded deployment owns. Run in /: ~/.local/state/amoeba.",
        checks.not_empty,
    )
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR.", checks.one_of(checks.LOG_LEVELS))
    log_format: str = _setting(
        "auto",
        "json, text, or auto: text on a terminal and for commands, else JSON.",
        checks.one_of(checks.LOG_FORMATS),
    )
    access_log: bool = _setting(False, "A line of the log for each answer.")
    slow_request: float = _setting(
        1.0, "Seconds from which an answer has a line of its own; 0: none has.", checks.not_negative
    )
    metrics_allowed: Sequence[str] = _setting(
        ("127.0.0.0/8", "::1"),
        "Addresses and networks that may read /metrics; who comes through a proxy has its client's.",
        checks.networks,
    )
    metrics_token: str | None = _setting(
        None, "Bearer token that may read /metrics from anywhere; several: with commas.", checks.secret, True
    )
    console: bool = _setting(True, "Serve the console at /admin/.")
    secret_key: str | None = _setting(
        None,
        "Signs tokens; at least 16 characters; several: the newest first, with commas. Unset: made.",
        checks.secrets,
        True,
    )

    # MongoDB.
    mongodb_uri: str | None = _setting(
        None, "Replica set to use instead of a private mongod.", checks.mongodb_uri, True
    )
    mongodb_database: str = _setting("amoeba", "Database name.", checks.not_empty)
    mongodb_timeout: float = _setting(5.0, "Seconds an operation may take.", checks.positive)
    mongodb_driver: str = _setting(
        DRIVERS[0], "Python's driver for it: motor, or pymongo, its successor.", checks.one_of(DRIVERS)
    )
    mongod: str | None = _setting(None, "Path of the mongod to run; unset: PATH, then the wheel.")
    mongod_cache_gb: float = _setting(
        0.25, "Cache of the private mongod, in GB (at least 0.25).", checks.cache
    )

    # Addresses in answers.
    site_url: str | None = _setting(
        None,
        "Address that all addresses in answers begin with; unset: as callers reach the server.",
        checks.web_url,
    )
    allowed_hosts: Sequence[str] = _setting(
        (),
        "Without SITE_URL, the hosts callers may use besides the machine's own; .example.org is it and all"
        " below, * any.",
        checks.hosts,
    )
    media_url: str | None = _setting(
        None, "Address of uploaded pictures; unset: the site's /user-media.", checks.web_url
    )
    static_url: str | None = _setting(
        None, "Address of fixed pictures; unset: the site's /static.", checks.web_url
    )
    downloads_url: str | None = _setting(
        None,
        "Host that public files are fetched from, by the same paths; unset: this server.",
        checks.web_url,
    )
    accel_redirect: str | None = _setting(
        None,
        "Path by which the web server in front finds files (X-Accel-Redirect); unset: sent from here.",
        checks.path,
    )
    outgoing_url: str | None = _setting(
        None, "Redirector that outgoing links are wrapped by; unset: none.", checks.web_url
    )
    outgoing_secret: str | None = _setting(
        None, "Key of the redirector's signatures, at least 16 characters.", checks.secret, True
    )

    # Recommendations.
    recommendation_url: str | None = _setting(
        None,
        "Recommendation service, asked at <url>/<guid or client id>/; unset: curated lists.",
        checks.web_url,
    )
    recommendation_timeout: float = _setting(1.0, "Seconds it may take.", checks.positive)

    # Basket.
    basket_url: str | None = _setting(None, "Basket's address; unset: nothing is sent.", checks.web_url)
    basket_api_key: str | None = _setting(None, "The x-api-key sent to it.", secret=True)
    basket_sync: bool = _setting(False, "Send changes to Basket.")
    basket_sync_counts: bool = _setting(False, "Let ratings, users and last_updated cause a sync as well.")
    basket_timeout: float = _setting(5.0, "Seconds a request may take.", checks.positive)
    basket_interval: float = _setting(1.0, "Seconds between batches.", checks.positive)
    basket_batch: int = _setting(50, "Objects in a batch.", checks.positive)
    basket_concurrency: int = _setting(4, "Requests at a time.", checks.positive)
    basket_lease: float = _setting(30.0, "Seconds a process may hold a record it sends.", checks.positive)
    basket_max_tries: int = _setting(
        10, "Refusals (4xx) after which a record is parked for an operator.", checks.positive
    )

    # Webhooks.
    webhook_timeout: float = _setting(15.0, "Seconds a request to a webhook may take.", checks.positive)
    webhook_private: bool = _setting(
        False, "Let webhooks be http and lead to addresses inside; for inner networks and tests."
    )

    # Mail.
    inbound_email_secret_key: str | None = _setting(
        None,
        "SecretKey that inbound mail must carry, at least 16 characters; several: with commas. Unset: all is"
        " refused.",
        checks.secret,
        True,
    )
    inbound_email_validation_key: str | None = _setting(
        None, "Answer to the mail service's validation call.", checks.not_empty, True
    )
    inbound_email_domain: str | None = _setting(None, "Domain of reply addresses.", checks.not_empty)
    allowed_clients_email_api: Sequence[str] = _setting(
        (), "Addresses and networks that may post mail; empty: all.", checks.networks
    )
    inbound_max_bytes: int = _setting(2_621_440, "Largest mail accepted, in bytes.", checks.positive)
    email_sending: bool = _setting(False, "Send notifications by SMTP.")
    email_bouncing: bool = _setting(False, "Answer unusable inbound mail with a bounce.")
    email_activity_cc: Sequence[str] = _setting(
        (), "Addresses of staff that get every review note as well, with real names.", checks.emails
    )
    mail_interval: float = _setting(
        1.0, "Seconds between rounds of inbound and outgoing mail.", checks.positive
    )
    email_from: str = _setting("nobody@localhost", "Sender of outgoing mail.", checks.email)
    email_max_age: float = _setting(
        432_000.0, "Seconds after which mail that is refused for now is parked.", checks.positive
    )
    smtp_host: str = _setting("127.0.0.1", "SMTP server.", checks.not_empty)
    smtp_port: int = _setting(25, "Its port.", checks.port)
    smtp_user: str | None = _setting(None, "User name there; unset: no login.")
    smtp_password: str | None = _setting(None, "Password there.", secret=True)
    smtp_security: str | None = _setting(
        None,
        "starttls, tls or none. Unset: starttls with a login, else none.",
        checks.one_of(checks.SMTP_SECURITY),
    )
    smtp_starttls: bool = _setting(False, "The older way to say smtp_security=starttls.")
    smtp_timeout: float = _setting(10.0, "Seconds a delivery may take.", checks.positive)

    # Callers and what they may send.
    trusted_proxies: Sequence[str] = _setting(
        (), "Addresses and networks whose X-Forwarded-For is believed.", checks.networks
    )
    throttling: bool = _setting(True, "Limit the rate of writes.")
    read_limit: int = _setting(
        0, "Reads a minute of a client's address, of all processes together; 0: any.", checks.not_negative
    )
    unlimited_clients: Sequence[str] = _setting(
        (), "Addresses and networks that no limit of reads or writes holds for.", checks.networks
    )
    denied_rating_words: Sequence[str] = _setting((), "Words that no rating's text may contain.")
    max_url_bytes: int = _setting(16_384, "Longest URL, in bytes; beyond it: 414.", checks.positive)
    max_header_bytes: int = _setting(
        32_768, "Request line and headers together, in bytes; beyond: 431.", checks.positive
    )
    max_body_bytes: int = _setting(6_291_456, "Largest request body, in bytes; beyond: 413.", checks.positive)
    auto_approve: bool = _setting(
        False, "Approve listed versions whose validation has no errors and no warnings."
    )
    addons_linter: str | None = _setting(
        None, "Path of Mozilla's addons-linter, which reads the code of packages; unset: nobody does."
    )
    max_package_bytes: int = _setting(
        200_000_000, "Largest package or source file, in bytes; beyond: 400.", checks.positive
    )
    header_timeout: float = _setting(10.0, "Seconds a request's headers may take.", checks.positive)
    body_timeout: float = _setting(30.0, "Seconds its body may take.", checks.positive)
    idle_timeout: float = _setting(60.0, "Seconds a connection may idle.", checks.positive)
    write_timeout: float = _setting(
        30.0, "Seconds a caller may take nothing of an answer, before the connection ends.", checks.positive
    )
    unread_mb: int = _setting(
        64, "Memory for answers that callers have yet to take, in MB; the oldest go.", checks.positive
    )
    max_connections: int = _setting(
        4000, "Connections at a time; beyond, the longest idle one goes.", checks.positive
    )
    shutdown_timeout: float = _setting(8.0, "Seconds requests may take to end at a stop.", checks.positive)

    # The catalogue in memory.
    search_window: int = _setting(
        0, "Rows of a search that pages reach (AMO: 30000); 0: all.", checks.not_negative
    )
    older_versions_for: Sequence[str] = _setting(
        ("thunderbird",),
        "Applications whose `appversion` also finds an add-on by an older listed version, and shows that.",
        checks.apps,
    )
    return_to_amo: bool = _setting(True, "Answer guid=rta: searches.")
    return_to_amo_all_listed: bool = _setting(False, "For every public add-on, not only badged ones.")
    response_cache_mb: int = _setting(32, "Memory for ready answers, in MB.", checks.not_negative)

    # Collections.
    curators_account: int | None = _setting(
        None, "Id of the account whose collections are edited by who has Admin:Curation; shelves show them."
    )

    contributed_collection: int | None = _setting(
        None, "Id of the collection whose add-ons are chosen by who has Collections:Contribute as well."
    )

    # Abuse reports.
    report_days: int = _setting(
        0, "Days that abuse reports are kept; 0: until an operator deletes them.", checks.not_negative
    )

    # Signing in.
    oidc_issuer: str | None = _setting(
        None,
        "OpenID Connect provider that people sign in with; unset: nobody does, see run.py token.",
        checks.web_url,
    )
    oidc_client_id: str | None = _setting(None, "Our client id there.", checks.not_empty)
    oidc_client_secret: str | None = _setting(
        None, "Its secret; unset: the client is a public one.", checks.not_empty, True
    )

    # Accounts.
    developer_agreement_date: str = _setting(
        "2025-08-04T00:00:00Z", "Agreements accepted before count as none.", checks.date
    )
    denied_submitters: Sequence[str] = _setting(
        (), "Who may not submit: e-mail addresses, @domains, client addresses, networks.", checks.submitters
    )

    def __repr__(self) -> str:
        shown = (f"{setting.name}={setting.displayed(self)!r}" for setting in SETTINGS)
        return f"Settings({', '.join(shown)})"


class Setting(NamedTuple):
    """A row of the table of settings."""

    name: str
    type: type  # str, int, float, bool or tuple (of str)
    optional: bool  # whether None is a value
    default: Any
    help: str
    check: Callable[[Any], str | None] | None
    secret: bool

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()

    def displayed(self, settings: Settings) -> Any:
        """Its value, for human eyes: secrets are only said to be set."""
        value = getattr(settings, self.name)
        return HIDDEN if self.secret and value is not None else value


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
            entry.metadata["help"],
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
