"""`/metrics` for Prometheus, for callers who may read it (METRICS_ALLOWED, METRICS_TOKEN)."""

from typing import Final

from handlers.monitoring.heartbeat import MonitoringHandler
from server.addresses import is_listed
from server.auth.keys.shared_secrets import is_shared_secret

_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
# What proxies say of whom they ask for.
_FORWARDED: Final = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")
_BEARER: Final = "Bearer "


class WatcherHandler(MonitoringHandler):
    """A resource for callers who may read /metrics."""

    def check_watcher(self) -> None:
        """Raises Refusal 403."""
        if not self._may_read():
            raise self.error(403, "permission_denied")

    def _may_read(self) -> bool:
        settings, headers = self.site.settings, self.request.headers
        sent = headers.get("Authorization", "")
        if settings.metrics_token and sent.startswith(_BEARER):
            return is_shared_secret(sent[len(_BEARER) :], settings.metrics_token)
        # A proxy that nobody trusts says nothing of its client: its own address is not who asks.
        if self.address == self.request.remote_ip and any(name in headers for name in _FORWARDED):
            return False
        return is_listed(self.address, tuple(settings.metrics_allowed))


class MetricsHandler(WatcherHandler):
    title = "Metrics"

    async def get(self) -> None:
        self.check_watcher()
        body = await self.application.settings["metrics"].text()
        self.send_body(body, {"Cache-Control": "no-store", "Content-Type": _TYPE})
