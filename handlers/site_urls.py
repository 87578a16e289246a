"""The routes outside the API: for people, load balancers, and applications that update their add-ons."""

from handlers.accounts.urls import ACCOUNT_SITE_ROUTES
from handlers.activity.review_notes import AttachmentHandler
from handlers.console.urls import CONSOLE_ROUTES
from handlers.downloads.urls import DOWNLOAD_ROUTES
from handlers.home import HomeHandler
from handlers.http.route import Route
from handlers.monitoring.urls import MONITORING_ROUTES
from handlers.reviewers.browsing import PackagedFileHandler

SITE_ROUTES: tuple[Route, ...] = (
    Route("", HomeHandler),
    *MONITORING_ROUTES,
    *CONSOLE_ROUTES,
    Route("activity/attachment/([0-9]+)", AttachmentHandler),
    *DOWNLOAD_ROUTES,
    *ACCOUNT_SITE_ROUTES,
    Route(
        "reviewers/download-git-file/([0-9]+)/(.+)",
        PackagedFileHandler,
        label="reviewers/download-git-file/",
    ),
)
