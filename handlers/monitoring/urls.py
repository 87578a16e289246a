"""The routes of monitoring: Dockerflow's paths, metrics, the explanation of searches."""

from handlers.http.route import Route
from handlers.monitoring.explanation import ExplanationHandler
from handlers.monitoring.heartbeat import HeartbeatHandler, LiveHandler, VersionHandler
from handlers.monitoring.metrics import MetricsHandler

MONITORING_ROUTES: tuple[Route, ...] = (
    Route("__heartbeat__", HeartbeatHandler),
    Route("__lbheartbeat__", LiveHandler),
    Route("__version__", VersionHandler),
    Route("metrics", MetricsHandler),
    Route("__explain__", ExplanationHandler),
)
