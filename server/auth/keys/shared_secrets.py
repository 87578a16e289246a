"""Secrets that other programs send in clear. A setting may list several, separated by commas, so that both
are valid while one replaces the other.

    is_shared_secret(sent, settings.metrics_token)
    newest(settings.metrics_token)
"""

import hmac

from conf.limits import MIN_SECRET


def is_shared_secret(sent: str, setting: str | None) -> bool:
    """Whether the setting lists the secret; False without the setting. Compares in constant time."""
    encoded = sent.encode("utf-8", "replace")
    matches = [hmac.compare_digest(encoded, secret.encode()) for secret in _secrets(setting)]
    return any(matches)


def newest(setting: str) -> str:
    return _secrets(setting)[0]


def _secrets(setting: str | None) -> list[str]:
    """The parts that are long enough for a secret, and the whole setting, because a secret may contain a
    comma.
    """
    if setting is None:
        return []
    parts = [part.strip() for part in setting.split(",")]
    return [*(part for part in parts if len(part) >= MIN_SECRET), setting]
