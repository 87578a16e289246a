"""`/metrics` for Prometheus, for callers who may read it (METRICS_ALLOWED, METRICS_TOKEN)."""

from typing import Final

from handlers.monitoring.heartbeat import MonitoringHandler
from server.addresses import is_listed
from server.auth.keys.shared_secrets import is_shared_secret

_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
# Headers by which proxies name their client.
_FORWARDED: Final = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")
_BEARER: Final = "Bearer "


class MetricsReader(MonitoringHandler):
    """A resource for callers who may read /metrics."""

    def check_may_read(self) -> None:
        """Raises Refusal 403."""
        if not self._may_read():
            raise self.error(403, "permission_denied")

    def _may_read(self) -> bool:
        settings, headers = self.site.settings, self.request.headers
        credential = headers.get("Authorization", "")
        if settings.metrics_token and credential.startswith(_BEARER):
            return is_shared_secret(credential[len(_BEARER) :], settings.metrics_token)
        # Behind a proxy that is not trusted, the address is the proxy's and not the client's.
        if self.address == self.request.remote_ip and any(name in headers for name in _FORWARDED):
            return False
        return is_listed(self.address, tuple(settings.metrics_allowed))


class MetricsHandler(MetricsReader):
    title = "Metrics"

    async def get(self) -> None:
        self.check_may_read()
        body = await self.application.settings["metrics"].text()
        self.send_body(body, {"Cache-Control": "no-store", "Content-Type": _TYPE})
