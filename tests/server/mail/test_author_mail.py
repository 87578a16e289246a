"""Who hears by mail that an add-on's authors changed (contract/writes.md 7)."""

from typing import Any

import pytest

from conf.settings.loading import load_settings
from conf.settings.settings import Settings
from server.mail.announcements import author_mails
from tests.factories import make_addon, make_user

BEN = make_user(_id=8, username="ben", display_name="Ben", email="ben@example.org")
OTHERS = [
    make_user(),
    make_user(_id=9, email=None),
    make_user(_id=10, email="gone@example.org", deleted=True),
    make_user(_id=11, email="banned@example.org", banned=True),
]


def settings(sending: bool = True) -> Settings:
    return load_settings({"email_sending": sending, "smtp_host": "localhost"}, {}, None)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("author-invited", "Ben was invited to be an author of Tab Tree.\n"),
        ("author-added", "Ben is an author of Tab Tree now.\n"),
        ("author-changed", "The role of Ben as an author of Tab Tree was changed.\n"),
        ("author-removed", "Ben is no longer an author of Tab Tree.\n"),
    ],
)
def test_the_authors_and_the_one_it_is_about_are_told(kind: str, text: str) -> None:
    records = author_mails(settings(), kind, make_addon(), BEN, OTHERS)
    mails = [dict(record.document) for record in records]
    assert [mail["to"] for mail in mails] == ["ben@example.org", "ann@example.org"]
    assert {mail["text"] for mail in mails} == {text}
    assert len({mail["_id"] for mail in mails}) == 2


@pytest.mark.parametrize(("sending", "kind"), [(False, "author-added"), (True, "author-shown")])
def test_nobody_is_told(sending: bool, kind: str) -> None:
    assert author_mails(settings(sending), kind, make_addon(), BEN, OTHERS) == []


def test_a_title_has_no_line_breaks() -> None:
    addon: Any = make_addon(name={"en-US": "Tab\r\nBcc: x@example.org"})
    [mail, *_] = author_mails(settings(), "author-added", addon, BEN, ())
    assert mail.document["subject"] == "Mozilla Add-ons: Tab Bcc: x@example.org"
