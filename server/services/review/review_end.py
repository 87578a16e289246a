"""Effects of the decision about a version (contract/reviewers.md 6 and 7). Event loop only."""

from conf.model.reviewers import GOOD
from server.activity_log import REVIEW_DUE
from server.changes import Change
from server.services.review import draft_comments, scanner_results
from server.storage.operations import Delete


async def end_review(change: Change, version_id: int, *, approved: bool) -> None:
    """In the decision's transaction: leave the queue, delete drafts, label scanner results."""
    await change.apply(Delete(REVIEW_DUE, version_id))
    await draft_comments.drop(change, version_id)
    if approved:
        await scanner_results.label(change, [version_id], GOOD)
