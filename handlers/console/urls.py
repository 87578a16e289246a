"""The routes of the console, for operators and reviewers."""

from typing import Final

from handlers.console.addons.urls import ADDON_ROUTES
from handlers.console.assets import AssetHandler
from handlers.console.explanation import ExplanationHandler
from handlers.console.log import LogHandler
from handlers.console.maintenance import MaintenanceHandler
from handlers.console.queues import QueuesHandler
from handlers.console.reports import ReportsHandler
from handlers.console.review_queue import ReviewQueueHandler
from handlers.console.sign_in import SignInHandler, SignOutHandler
from handlers.console.start import MissingHandler, StartHandler
from handlers.console.state import StateHandler
from handlers.http.route import Route

CONSOLE_ROUTES: Final = (
    Route("admin/", StartHandler),
    Route("admin/sign-in/", SignInHandler),
    Route("admin/sign-out/", SignOutHandler),
    Route("admin/static/([a-z]+[.][a-z]+)", AssetHandler, label="admin/static/"),
    Route("admin/state/", StateHandler),
    Route("admin/queues/", QueuesHandler),
    Route("admin/maintenance/", MaintenanceHandler),
    *ADDON_ROUTES,
    Route("admin/reviews/", ReviewQueueHandler),
    Route("admin/reports/", ReportsHandler),
    Route("admin/log/", LogHandler),
    Route("admin/explain/", ExplanationHandler),
    Route("admin/.+/", MissingHandler, label="admin/missing/"),  # last, because it matches all
)
