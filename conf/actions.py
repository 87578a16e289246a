"""The kinds of review notes, and how the API shows them (contract/activity.md 1.4, 1.5).

    ACTIONS["approved"].clears_highlight   -> True
    label("developer-reply", "fr")         -> "Réponse du développeur"

The name of an action is stable, its label is in the reader's language.
"""

from typing import Final, NamedTuple

from conf import messages
from conf.locales import DEFAULT_LOCALE


class Action(NamedTuple):
    """A kind of note, named as the API's `action`."""

    name: str
    is_public: bool = True  # private kinds are in no list
    names_user: bool = False  # everybody sees the user's name, not "Add-ons Review Team"
    is_sanitized: bool = False  # admin_review_comment of messages.toml replaces the comments
    clears_highlight: bool = False  # earlier notes are no longer highlighted


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
        Action("approved", clears_highlight=True),
        Action("rejected", clears_highlight=True),
        Action("preliminarily-approved", clears_highlight=True),
        Action("developer-reply", names_user=True, clears_highlight=True),
        Action("notes-for-reviewers-changed", names_user=True, clears_highlight=True),
        Action("source-code-uploaded", names_user=True, clears_highlight=True),
        # Stands for a kind of AMO's early years that has no label.
        Action("review-note", clears_highlight=True),
        Action("super-review-requested", is_sanitized=True),
        Action("admin-add-on-review-requested", is_sanitized=True),
        Action("admin-content-review-requested", is_sanitized=True),
        Action("admin-theme-review-requested", is_sanitized=True),
        Action("comment", is_public=False),
        *map(Action, _PLAIN.split()),
    )
}


def label(action: str, locale: str = DEFAULT_LOCALE) -> str:
    """The `action_label` of a note, in a supported locale."""
    return messages.text(f"action_{action.replace('-', '_')}", locale)
