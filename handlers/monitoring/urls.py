"""What programs that watch over servers ask for: Dockerflow's three addresses, and Prometheus' one."""

from handlers.http.route import Route
from handlers.monitoring.heartbeat import HeartbeatHandler, LiveHandler, VersionHandler
from handlers.monitoring.metrics import MetricsHandler

MONITORING_ROUTES: tuple[Route, ...] = (
    Route("__heartbeat__", HeartbeatHandler),
    Route("__lbheartbeat__", LiveHandler),
    Route("__version__", VersionHandler),
    Route("metrics", MetricsHandler),
)
