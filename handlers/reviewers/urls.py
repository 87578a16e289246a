"""The routes of reviewers' tools (contract/reviewers.md) and of scanners."""

from typing import Final

from handlers.activity.validation import ValidationHandler
from handlers.http.route import Route
from handlers.reviewers.browsing import BROWSING_ROUTES
from handlers.reviewers.draft_comments import CannedResponsesHandler, DraftHandler, DraftsHandler
from handlers.reviewers.moderation import (
    AllowResubmissionHandler,
    DenyResubmissionHandler,
    DisableHandler,
    EnableHandler,
    FlagsHandler,
)
from handlers.reviewers.review_queue import (
    ClearPendingRejectionsHandler,
    DueDateHandler,
    NeedsHumanReviewHandler,
)
from handlers.reviewers.scanner_results import ScannerResultHandler, ScannerResultsHandler
from handlers.reviewers.subscriptions import (
    SubscribeHandler,
    SubscribeUnlistedHandler,
    UnsubscribeHandler,
    UnsubscribeUnlistedHandler,
)

_ADDON: Final = "reviewers/addon/([0-9]+)/"

REVIEWER_ROUTES: Final = (
    Route(f"{_ADDON}flags/", FlagsHandler),
    Route(f"{_ADDON}enable/", EnableHandler),
    Route(f"{_ADDON}disable/", DisableHandler),
    Route(f"{_ADDON}allow_resubmission/", AllowResubmissionHandler),
    Route(f"{_ADDON}deny_resubmission/", DenyResubmissionHandler),
    Route(f"{_ADDON}due_date/", DueDateHandler),
    Route(f"{_ADDON}set_needs_human_review/", NeedsHumanReviewHandler),
    Route(f"{_ADDON}clear_pending_rejections/", ClearPendingRejectionsHandler),
    Route(f"{_ADDON}subscribe/", SubscribeHandler),
    Route(f"{_ADDON}subscribe_listed/", SubscribeHandler),
    Route(f"{_ADDON}subscribe_unlisted/", SubscribeUnlistedHandler),
    Route(f"{_ADDON}unsubscribe/", UnsubscribeHandler),
    Route(f"{_ADDON}unsubscribe_listed/", UnsubscribeHandler),
    Route(f"{_ADDON}unsubscribe_unlisted/", UnsubscribeUnlistedHandler),
    Route(f"{_ADDON}versions/([0-9]+)/draft_comments/", DraftsHandler),
    Route(f"{_ADDON}versions/([0-9]+)/draft_comments/([0-9]+)/", DraftHandler),
    Route("reviewers/canned-responses/", CannedResponsesHandler),
    Route("scanner/results/", ScannerResultsHandler, gate="scanner_results"),
    Route("scanner/results/([0-9]+)/", ScannerResultHandler, gate="scanner_results"),
    Route(f"{_ADDON}file/([0-9]+)/validation/", ValidationHandler),
    *BROWSING_ROUTES,
)
