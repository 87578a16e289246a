"""The routes of files, pictures and update checks, and redirects from older URLs of these."""

from typing import Final

from conf.vocabulary import APPS
from handlers.downloads.downloads import FileHandler, LatestHandler, SourceHandler
from handlers.downloads.moved import DeveloperPageHandler, MovedDownloadHandler, MovedHandler
from handlers.downloads.pictures import PictureFileHandler
from handlers.downloads.release_notes import ReleaseNotesHandler
from handlers.downloads.updates import ManifestHandler, UpdateCheckHandler
from handlers.http.route import ADDON, MANIFEST, VERSION, Route

LOCALE: Final = "(?!api/)[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?/"
APP: Final = f"(?:{'|'.join(APPS)})"

DOWNLOAD_ROUTES: Final = (
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
    Route(
        f"{LOCALE}developers/(?!addon/agreement/?$)((?:addon|upload)/[^/]+(?:/versions/[0-9]+)?)(?:/edit)?/?",
        DeveloperPageHandler,
        label="{}/developers/",
    ),
    Route("user-media(/[^?]+[.](?:png|jpg))", PictureFileHandler, label="user-media/"),
    Route(f"api/updates/{MANIFEST}", ManifestHandler, fast=True, label="api/updates/"),
)
