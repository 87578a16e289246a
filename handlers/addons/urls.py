"""The routes of add-ons, of their versions, authors and previews, and of their review."""

from typing import Final

from handlers.activity.content_review import ContentDecisionHandler, ContentReviewHandler
from handlers.activity.review_notes import NoteHandler, NoteListHandler, ReviewHandler
from handlers.addons.addons import AddonCreateHandler, AddonHandler, DeleteConfirmHandler, EulaPolicyHandler
from handlers.addons.authors import (
    AuthorHandler,
    AuthorsHandler,
    ConfirmHandler,
    DeclineHandler,
    PendingAuthorHandler,
    PendingAuthorsHandler,
)
from handlers.addons.previews import PreviewHandler, PreviewsHandler
from handlers.addons.rollback import RollbackHandler
from handlers.addons.versions import VersionDetailHandler, VersionListHandler
from handlers.http.route import ADDON, USER, VERSION, Route
from handlers.reviewers.urls import REVIEWER_ROUTES

ADDON_ROUTES: Final = (
    Route("addons/addon/", AddonCreateHandler),
    Route(f"addons/addon/{ADDON}/", AddonHandler, fast=True),
    Route(f"addons/addon/{ADDON}/delete_confirm/", DeleteConfirmHandler),
    Route(f"addons/addon/{ADDON}/authors/", AuthorsHandler),
    Route(f"addons/addon/{ADDON}/authors/{USER}/", AuthorHandler),
    Route(f"addons/addon/{ADDON}/pending-authors/", PendingAuthorsHandler),
    Route(f"addons/addon/{ADDON}/pending-authors/confirm/", ConfirmHandler),
    Route(f"addons/addon/{ADDON}/pending-authors/decline/", DeclineHandler),
    Route(f"addons/addon/{ADDON}/pending-authors/{USER}/", PendingAuthorHandler),
    Route(f"addons/addon/{ADDON}/previews/", PreviewsHandler),
    Route(f"addons/addon/{ADDON}/previews/([^/]+)/", PreviewHandler),
    Route(f"addons/addon/{ADDON}/eula_policy/", EulaPolicyHandler, fast=True),
    Route(f"addons/addon/{ADDON}/versions/", VersionListHandler, fast=True, files=True),
    Route(f"addons/addon/{ADDON}/versions/{VERSION}/", VersionDetailHandler, fast=True, files=True),
    Route(f"addons/addon/{ADDON}/versions/{VERSION}/rollback/", RollbackHandler, gate="rollback"),
    Route(f"addons/addon/{ADDON}/versions/{VERSION}/reviewnotes/", NoteListHandler),
    Route(f"addons/addon/{ADDON}/versions/{VERSION}/reviewnotes/([^/]+)/", NoteHandler),
    Route(f"addons/addon/{ADDON}/versions/{VERSION}/review/", ReviewHandler),
    Route(f"addons/addon/{ADDON}/listingcontentreview/", ContentReviewHandler, gate="listing_content_review"),
    Route(
        f"addons/addon/{ADDON}/listingcontentreview/decision/",
        ContentDecisionHandler,
        gate="listing_content_review",
    ),
    *REVIEWER_ROUTES,
)
