"""Secrets that other programs send as they are. A setting may have several, with commas, so that one takes
the place of another while both are good.

    is_shared_secret(sent, settings.metrics_token)
    newest(settings.metrics_token)
"""

import hmac

from conf.limits import MIN_SECRET


def is_shared_secret(sent: str, setting: str | None) -> bool:
    """Whether it is one of the setting's; of an unset one, none is. Compared in constant time."""
    said = sent.encode("utf-8", "replace")
    found = [hmac.compare_digest(said, secret.encode()) for secret in _each(setting)]
    return any(found)


def newest(setting: str) -> str:
    return _each(setting)[0]


def _each(setting: str | None) -> list[str]:
    """What is long enough to be one by itself; and all of it, for a secret may have a comma."""
    if setting is None:
        return []
    parts = [part.strip() for part in setting.split(",")]
    return [*(part for part in parts if len(part) >= MIN_SECRET), setting]
