"""Findings of `run.py doctor`, and the check for settings that are valid alone but not together.

    for finding in check_settings(settings): ...

Pure; any thread.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from conf.settings.settings import Settings
from conf.tables import read_table
from server.addresses import is_public

Level = Literal["ok", "warning", "fault"]
# Setting -> whether it contradicts another; findings.toml has the texts and remedies.
_CONTRADICTIONS: Final[Mapping[str, Callable[[Settings], object]]] = {
    "basket_url": lambda s: s.basket_sync and not s.basket_url,
    "basket_sync": lambda s: s.basket_url and not s.basket_sync,
    "basket_api_key": lambda s: s.basket_sync and s.basket_url and not s.basket_api_key,
    "inbound_email_domain": lambda s: s.email_sending and not s.inbound_email_domain,
    "email_sending": lambda s: s.inbound_email_secret_key and not s.email_sending,
    "email_from": lambda s: s.email_sending and s.email_from.endswith("@localhost"),
    "smtp_security": lambda s: s.smtp_password and s.smtp_security == "none" and is_public(s.smtp_host),
    "throttling": lambda s: not s.throttling,
    "log_level": lambda s: s.log_level == "DEBUG",
    "metrics_allowed": lambda s: any(network.endswith("/0") for network in s.metrics_allowed),
    "trusted_proxies": lambda s: any(network.endswith("/0") for network in s.trusted_proxies),
    "allowed_hosts": lambda s: "*" in s.allowed_hosts and not s.site_url,
}
_TEXTS: Final = read_table("findings.toml", "server.operating")


class Finding(NamedTuple):
    """The result of a check; `about` is its subject, `remedy` what to do."""

    level: Level
    about: str
    text: str
    remedy: str = ""


def check_settings(settings: Settings) -> Iterator[Finding]:
    """The findings that follow from the settings alone."""
    is_exposed = is_public(settings.host) or settings.socket or settings.trusted_proxies
    if is_exposed and not settings.site_url:
        yield Finding(
            "warning",
            "site_url",
            "others reach the server, but it does not know what it is called",
            "set SITE_URL to the address that callers use",
        )
    elif is_exposed and (settings.site_url or "").startswith("http:"):
        yield Finding(
            "warning", "site_url", "begins with http:", "put a web server with a certificate in front"
        )
    for name, contradicts in _CONTRADICTIONS.items():
        if contradicts(settings):
            yield Finding("warning", name, **_TEXTS[name])
