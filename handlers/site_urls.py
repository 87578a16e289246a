"""The routes of no version of the API: for people, load balancers, and programs that have add-ons."""

from conf.vocabulary import APPS
from handlers.accounts.urls import ACCOUNT_SITE_ROUTES
from handlers.activity.review_notes import AttachmentHandler
from handlers.downloads.downloads import FileHandler, LatestHandler, SourceHandler
from handlers.downloads.moved import MovedDownloadHandler, MovedHandler
from handlers.downloads.pictures import PictureFileHandler
from handlers.downloads.release_notes import ReleaseNotesHandler
from handlers.downloads.updates import ManifestHandler, UpdateCheckHandler
from handlers.home import HomeHandler
from handlers.http.route import ADDON, MANIFEST, VERSION, Route
from handlers.monitoring.urls import MONITORING_ROUTES
from handlers.reviewers.browsing import PackagedFileHandler

LOCALE = "(?!api/)[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?/"
APP = f"(?:{'|'.join(APPS)})"

SITE_ROUTES: tuple[Route, ...] = (
    Route("", HomeHandler),
    *MONITORING_ROUTES,
    Route("activity/attachment/([0-9]+)", AttachmentHandler),
    Route("update/", UpdateCheckHandler, fast=True),
    Route("update/VersionCheck.php", UpdateCheckHandler, fast=True),
    Route(f"{LOCALE}(?:{APP}/)?(update/.*)", MovedHandler, label="{}/update/"),
    Route(f"([A-Za-z-]{{2,10}})/({APP})/addon/{ADDON}/versions/{VERSION}/updateinfo/", ReleaseNotesHandler),
    Route(
        f"({APP})/downloads/file/([0-9]+)/(?:type:([^/]+)/)?([^/]*)", FileHandler, label="{}/downloads/file/"
    ),
    Route(
        f"({APP})/downloads/latest/{ADDON}/(?:type:([^/]+)/)?(?:platform:([^/]+)/)?([^/]*)",
        LatestHandler,
        label="{}/downloads/latest/",
    ),
    Route(f"({APP})/downloads/source/([0-9]+)(.*)", SourceHandler, label="{}/downloads/source/"),
    Route(f"{LOCALE}({APP}/downloads/.*)", MovedHandler, label="{}/downloads/"),
    Route(f"(?:{LOCALE})?(downloads/.*)", MovedDownloadHandler, label="downloads/"),
    Route("user-media(/[^?]+[.](?:png|jpg))", PictureFileHandler, label="user-media/"),
    *ACCOUNT_SITE_ROUTES,
    Route(f"api/updates/{MANIFEST}", ManifestHandler, fast=True, label="api/updates/"),
    Route(
        "reviewers/download-git-file/([0-9]+)/(.+)",
        PackagedFileHandler,
        label="reviewers/download-git-file/",
    ),
)
