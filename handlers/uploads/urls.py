"""The routes of uploads and of the signing API."""

from handlers.http.route import Route
from handlers.uploads.signing import SIGNING_ROUTES
from handlers.uploads.uploads import UploadHandler, UploadListHandler

UPLOAD_ROUTES: tuple[Route, ...] = (
    Route("addons/upload/", UploadListHandler, files=True),
    Route("addons/upload/([^/]+)/", UploadHandler),
    *SIGNING_ROUTES,
)
