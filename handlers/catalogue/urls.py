"""The routes of categories, changes and the export."""

from typing import Final

from handlers.catalogue.changes import ChangesHandler
from handlers.catalogue.export import ExportHandler
from handlers.categories import CategoriesHandler
from handlers.http.route import Route

CATALOGUE_ROUTES: Final = (
    Route("addons/categories/", CategoriesHandler, fast=True),
    Route("changes/", ChangesHandler, gate="changes"),
    Route("export/", ExportHandler, gate="export"),
)
