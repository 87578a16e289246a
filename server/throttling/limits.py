"""Rate limits: writes by scope, reads by the minute (contract/auth.md 6).

    limits = Limits(settings)
    limits.wait_to_write("rating_post", caller.user, "192.0.2.7")      # seconds; 0: go on
    limits.wait_to_read("192.0.2.7")                                   # the same

Event loop only.
"""

from conf.model.addons import UserDoc
from conf.settings.settings import Settings
from server.addresses import is_listed
from server.throttling.reads import ReadLimit
from server.throttling.writes import Throttles


class Limits:
    """The counts of one process; those of others are merged in (sharing.py)."""

    def __init__(self, settings: Settings) -> None:
        self.writes = Throttles(settings.throttling)
        self.reads = ReadLimit(settings.read_limit) if settings.read_limit else None
        self._unlimited = tuple(settings.unlimited_clients)

    def wait_to_write(self, scope: str, user: UserDoc | None, address: str) -> int:
        """Count a request; 0 if it may pass, else seconds to wait. Raises KeyError for an unknown scope."""
        if self._unlimited and is_listed(address, self._unlimited):
            return 0
        return self.writes.hit(scope, user, address)

    def wait_to_read(self, address: str) -> int:
        """As `wait_to_write`, for a read; 0 if reads have no limit."""
        if self.reads is None or (self._unlimited and is_listed(address, self._unlimited)):
            return 0
        return self.reads.hit(address)
