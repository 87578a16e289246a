"""The routes of add-ons in the console."""

from typing import Final

from handlers.console.addons.addons import AddonHandler
from handlers.console.addons.files import FileHandler, SourceHandler
from handlers.console.addons.history import HistoryHandler
from handlers.console.addons.objects import AddonObjectsHandler
from handlers.console.addons.search import AddonSearchHandler
from handlers.console.addons.versions import VersionHandler
from handlers.http.route import Route

ADDON_ROUTES: Final = (
    Route("admin/addons/", AddonSearchHandler),
    Route("admin/addons/([0-9]+)/", AddonHandler),
    Route("admin/addons/([0-9]+)/history/", HistoryHandler),
    Route("admin/addons/([0-9]+)/objects/", AddonObjectsHandler),
    Route("admin/addons/([0-9]+)/versions/([0-9]+)/", VersionHandler),
    Route("admin/files/([0-9]+)", FileHandler),
    Route("admin/sources/([0-9]+)", SourceHandler),
)
