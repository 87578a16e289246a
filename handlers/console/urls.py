"""The addresses of the console, for operators and reviewers."""

from typing import Final

from handlers.console.assets import AssetHandler
from handlers.console.maintenance import MaintenanceHandler
from handlers.console.queues import QueuesHandler
from handlers.console.sign_in import MissingHandler, SignInHandler, SignOutHandler, StartHandler
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
    Route("admin/.+/", MissingHandler, label="admin/missing/"),  # the last
)
