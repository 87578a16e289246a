"""Reviewers who want mail when a version is submitted, and the mail they get (contract/reviewers.md 5)."""

import time

from tests.handlers.reviewers.reviewers_server import (
    LOOKING,
    LOOKING_UNLISTED,
    MANAGER,
    THEMES,
    UNLISTED,
    Reviewing,
    act,
    submitted,
)
from tests.handlers.signed_client import FORBIDDEN, NOT_AUTHENTICATED, NOT_FOUND, Api
from tests.handlers.writable_server import OWNER, REVIEWER

NUMBER = 52
LISTED = ("subscribe", "subscribe_listed", "unsubscribe", "unsubscribe_listed")
HIDDEN = ("subscribe_unlisted", "unsubscribe_unlisted")


def test_who_may(api: Api) -> None:
    rows = [
        (LISTED, (REVIEWER, UNLISTED, THEMES), (OWNER, MANAGER, LOOKING, LOOKING_UNLISTED)),
        (HIDDEN, (UNLISTED, LOOKING_UNLISTED), (OWNER, MANAGER, REVIEWER, THEMES, LOOKING)),
    ]
    for actions, may, others in rows:
        for action in actions:
            assert act(api, 1, action, None).json == NOT_AUTHENTICATED, action
            for user in others:
                answer = act(api, 1, action, user)
                assert (answer.status, answer.json) == (403, FORBIDDEN), (action, user["username"])
            for user in may:
                for version in ("v3", "v4", "v5"):  # and twice is as once
                    answer = act(api, 1, action, user, version=version)
                    assert (answer.status, answer.body) == (202, b""), (action, user["username"])
                assert act(api, 15, action, user).json == NOT_FOUND, "deleted"
                assert act(api, 999_999, action, user).json == NOT_FOUND


def test_mail_when_a_version_is_submitted(desk: Reviewing) -> None:
    api, postman = desk.api, desk.postman
    for user, action in (
        (REVIEWER, "subscribe"),
        (REVIEWER, "subscribe_listed"),
        (THEMES, "subscribe_listed"),
        (UNLISTED, "subscribe_unlisted"),
        (LOOKING_UNLISTED, "subscribe_unlisted"),
    ):
        assert act(api, NUMBER, action, user).status == 202
    act(api, NUMBER, "unsubscribe", THEMES)
    desk.shell("user", "revoke", "lea", "ReviewerTools:ViewUnlisted")  # may not see it any more
    for channel, version, to in (("listed", "2.0", REVIEWER), ("unlisted", "2.1", UNLISTED)):
        postman.mails.clear()
        submitted(api, NUMBER, channel, version)
        deadline = time.monotonic() + 10
        while not postman.mails and time.monotonic() < deadline:
            time.sleep(0.02)
        [(addresses, message)] = postman.mails
        assert (addresses, message["Subject"]) == ([to["email"]], "Mozilla Add-ons: Tab Tree Updated")
        assert f"A {channel} version of Tab Tree was submitted: {version}" in message.get_content()
