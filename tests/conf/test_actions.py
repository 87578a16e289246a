"""Kinds of review note (contract/activity.md 1.4 and 1.5)."""

import pytest

from conf.actions import ACTIONS, label
from conf.messages import english


@pytest.mark.parametrize("action", ACTIONS)
def test_the_action_is_its_english_label_in_lower_case_with_hyphens(action: str) -> None:
    expected = label(action).lower().replace(" ", "-")
    # "Commented" is never returned to anyone; the documents call it `comment`.
    assert expected == ("commented" if action == "comment" else action)


def test_every_label_belongs_to_an_action() -> None:
    keys = {key for key in english() if key.startswith("action_")}
    assert keys == {"action_" + action.replace("-", "_") for action in ACTIONS}


def test_labels_are_in_the_readers_language() -> None:
    assert label("approved", "de") == "Genehmigt"


@pytest.mark.parametrize(
    ("flag", "actions"),
    [
        ("names_user", {"developer-reply", "notes-for-reviewers-changed", "source-code-uploaded"}),
        (
            "clears_highlight",
            {
                "developer-reply",
                "approved",
                "rejected",
                "preliminarily-approved",
                "notes-for-reviewers-changed",
                "source-code-uploaded",
                "review-note",
            },
        ),
        (
            "is_sanitized",
            {
                "super-review-requested",
                "admin-add-on-review-requested",
                "admin-content-review-requested",
                "admin-theme-review-requested",
            },
        ),
    ],
)
def test_properties(flag: str, actions: set[str]) -> None:
    assert {action.name for action in ACTIONS.values() if getattr(action, flag)} == actions


def test_private_comments_are_the_only_hidden_kind() -> None:
    assert [action.name for action in ACTIONS.values() if not action.is_public] == ["comment"]
