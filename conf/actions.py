"""The kinds of review note and what each means to its readers (contract/activity.md 1.4, 1.5).

    ACTIONS["approved"].answers        -> True
    label("developer-reply", "fr")     -> "Réponse du développeur"

An action's name is English and stable; its label is in the reader's language.
"""

from typing import Final, NamedTuple

from conf import messages
from conf.locales import DEFAULT_LOCALE


class Action(NamedTuple):
    """A kind of note, named as the API's `action`."""

    name: str
    shown: bool = True  # in lists; private kinds reach nobody
    signed: bool = False  # strangers to the review see who did it, not "Add-ons Review Team"
    veiled: bool = False  # the real comments are hidden behind messages' admin_review_comment
    answers: bool = False  # earlier notes are no longer highlighted


_PLAIN: Final = (
    "review-requested more-information-requested reviewer-reply retained approved-but-waiting"
    " un-rejected content-rejected content-reject-scheduled rejection-scheduled"
    " rejected-automatically-after-delay-expired content-rejected-automatically-after-delay-expired"
    " pending-rejection-cleared pending-rejection-changed version-re-signed version-rollback"
    " version-rollback-failure information-request-altered information-request-removed"
    " listing-rejected rejected-listing-approved"
)

ACTIONS: Final[dict[str, Action]] = {
    action.name: action
    for action in (
        Action("approved", answers=True),
        Action("rejected", answers=True),
        Action("preliminarily-approved", answers=True),
        Action("developer-reply", signed=True, answers=True),
        Action("notes-for-reviewers-changed", signed=True, answers=True),
        Action("source-code-uploaded", signed=True, answers=True),
        # Shown in place of a kind of AMO's early years that has no label of its own.
        Action("review-note", answers=True),
        Action("super-review-requested", veiled=True),
        Action("admin-add-on-review-requested", veiled=True),
        Action("admin-content-review-requested", veiled=True),
        Action("admin-theme-review-requested", veiled=True),
        Action("comment", shown=False),
        *map(Action, _PLAIN.split()),
    )
}


def label(action: str, locale: str = DEFAULT_LOCALE) -> str:
    """The `action_label` of a note, in a supported locale."""
    return messages.text(f"action_{action.replace('-', '_')}", locale)
