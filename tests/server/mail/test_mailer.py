"""Outgoing mail: who is told what, and delivery to a real SMTP server (contract/activity.md 1.7, 3.4)."""

import socket
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from conf.model.activity import NoteDoc
from conf.settings.settings import Settings
from server.mail.mailer import Mailer
from server.mail.outgoing import OUTBOX, REVIEWER
from server.services.posting import Posting
from server.services.review import reviews
from server.storage.operations import Update
from server.storage.store import Store
from tests.server.mail.mail_people import AUTHOR, OTHER, USERS, fill, make_changes, reply_token, settings_for
from tests.server.mail.mail_people import REVIEWER as REVIEWER_ID

BY_ID = {user["_id"]: user for user in USERS}


class Postman:
    """An SMTP server that keeps what it is given and answers as it is told (`answers`: to DATA, in turn)."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.answers: list[str] = []
        self.to_sender = "250 OK"
        self.to_recipients: dict[str, str] = {}

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.to_recipients.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("2"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            self.mails.append((envelope.rcpt_tos, message))
        return answer

    @property
    def to(self) -> list[str]:
        return sorted(address for addresses, _ in self.mails for address in addresses)


@pytest.fixture
def postman() -> Iterator[tuple[Postman, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    man = Postman()
    controller = Controller(man, hostname="127.0.0.1", port=port)
    controller.start()
    yield man, port
    controller.stop()


def sending(port: int = 1, **values: Any) -> Settings:
    return settings_for(
        email_sending=True, smtp_port=port, smtp_timeout=2.0, email_from="amo@example.org", **values
    )


def posting(store: Store, settings: Settings) -> Posting:
    return Posting(store, make_changes(store), settings)


async def reply(store: Store, settings: Settings, user: int, text: str = "Hello.") -> NoteDoc:
    return await posting(store, settings).reply(1, 10, BY_ID[user], text)


async def deliver(store: Store, settings: Settings, *, read_only: bool = False) -> None:
    mailer = Mailer(settings, store, lambda: read_only)
    await mailer.run_once()
    await mailer.close()


async def test_authors_but_the_writer_and_the_staff(store: Store, postman: tuple[Postman, int]) -> None:
    """Nor the banned, nor those without an address; staff sees who it was."""
    await fill(store)
    man, port = postman
    settings = sending(port, email_activity_cc=["staff@example.org"])
    note = await reply(store, settings, AUTHOR, "Fixed.")
    await deliver(store, settings)
    assert man.to == ["bob@example.org", "staff@example.org"]
    to_bob = next(message for to, message in man.mails if to == ["bob@example.org"])
    assert to_bob["Subject"] == "Mozilla Add-ons: Tab Tree 1.0"
    assert to_bob["From"] == "Ann <amo@example.org>"
    assert to_bob["Reply-To"] == f"reviewreply+{reply_token(OTHER)}@mail.example.org"
    assert to_bob["Message-ID"] == f"<1/10/{note['_id']}@mail.example.org>"
    assert to_bob["In-Reply-To"] == to_bob["References"] == "<1/10@mail.example.org>"
    assert "Fixed." in to_bob.get_content()
    assert await store.count(OUTBOX) == 0


async def test_reviewers_are_anonymous_to_developers_alone(
    store: Store, postman: tuple[Postman, int]
) -> None:
    await fill(store)
    man, port = postman
    settings = sending(port, email_activity_cc=["staff@example.org"])
    await reply(store, settings, REVIEWER_ID)
    await deliver(store, settings)
    names = {to[0]: message["From"].addresses[0].display_name for to, message in man.mails}
    assert names == {"ann@example.org": REVIEWER, "bob@example.org": REVIEWER, "staff@example.org": "Rev"}
    texts = [message.as_string() for to, message in man.mails if to != ["staff@example.org"]]
    assert not any("Rev " in text or "Rev\n" in text for text in texts)


async def test_the_label_where_there_is_no_text(store: Store) -> None:
    await fill(store)
    settings = sending()
    note = await reviews.review(posting(store, settings), 1, 10, BY_ID[REVIEWER_ID], {"decision": "reject"})
    [record] = await store.find(OUTBOX, {"to": "bob@example.org"})
    assert "\nRejected\n" in record["text"]
    assert record["_id"] == f"note:{note['_id']}:bob@example.org"


async def test_what_is_sanitized_is_not_mailed(store: Store) -> None:
    await fill(store)
    sent = {"decision": "request-super-review", "comments": "Between us."}
    await reviews.review(posting(store, sending()), 1, 10, BY_ID[REVIEWER_ID], sent)
    assert await store.count(OUTBOX) == 0


async def test_a_rejected_listing_is_told(store: Store) -> None:
    await fill(store)
    sent = {"decision": "reject", "comments": "Too loud.", "policies": ["No noise."]}
    await reviews.judge_listing(posting(store, sending()), 1, BY_ID[REVIEWER_ID], sent)
    [record] = await store.find(OUTBOX, {"to": "bob@example.org"})
    assert (record["subject"], "Reply-To" in record["headers"]) == ("Mozilla Add-ons: Tab Tree", False)


async def test_nothing_is_kept_while_sending_is_off(store: Store) -> None:
    await fill(store)
    await reply(store, settings_for(), AUTHOR)
    assert await store.count(OUTBOX) == 0


async def test_one_token_a_version_and_user(store: Store) -> None:
    await fill(store)
    await store.write([Update("reply_tokens", reply_token(OTHER), {"$set": {"uses": 55}})])
    for _ in range(2):
        await reply(store, sending(), AUTHOR)
    [token] = await store.find("reply_tokens", {"place": f"10:{OTHER}"})
    assert (token["_id"], token["uses"]) == (reply_token(OTHER), 0)


async def test_no_server(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    await fill(store)
    settings = sending()
    await reply(store, settings, AUTHOR)
    await deliver(store, settings)
    [record] = await store.find(OUTBOX, {})
    assert (record["state"], record["tries"], "owner" in record) == ("pending", 1, False)
    assert record["due"] > time.time()
    assert "accepts nothing" in caplog.text


async def test_refused_for_now_then_taken(store: Store, postman: tuple[Postman, int]) -> None:
    await fill(store)
    man, port = postman
    settings = sending(port)
    man.answers = ["451 Later"]
    await reply(store, settings, AUTHOR)
    await deliver(store, settings)
    assert man.to == []
    await make_due(store)
    await deliver(store, settings)
    assert man.to == ["bob@example.org"]


async def test_refused_for_good_is_parked(
    store: Store, postman: tuple[Postman, int], caplog: pytest.LogCaptureFixture
) -> None:
    await fill(store)
    man, port = postman
    settings = sending(port)
    man.answers = ["554 No"] * 3
    await reply(store, settings, AUTHOR)
    for _ in range(3):
        await make_due(store)
        await deliver(store, settings)
    [record] = await store.find(OUTBOX, {})
    assert (record["state"], record["tries"], "554" in record["error"]) == ("parked", 3, True)
    assert "refused too often" in caplog.text


BOB = "bob@example.org"
# What the server says to MAIL, RCPT (of Bob) and DATA; `refusals` of the record; whether others' mail leaves.
ANSWERS = {
    "a recipient for now": (("", "450 Later", ""), 0, True),
    "a recipient for good": (("", "550 Nobody", ""), 1, True),
    "a mail for now": (("", "", "451 Later"), 0, True),
    "a mail for good": (("", "", "554 No"), 1, True),
    "a mail that is too large": (("552 Too large", "", ""), 1, False),
    "closing": (("", "421 Closing", ""), 0, False),
    "our sender for good": (("550 You", "", ""), 0, False),
    "our sender for now": (("450 You", "", ""), 0, False),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_whom_a_refusal_is_about(store: Store, postman: tuple[Postman, int], case: str) -> None:
    (to_sender, to_recipient, to_data), refusals, others_stop = ANSWERS[case]
    await fill(store)
    man, port = postman
    man.to_sender = to_sender or man.to_sender
    man.to_recipients = {BOB: to_recipient} if to_recipient else {}
    man.answers = [to_data] if to_data else []
    settings = sending(port, email_activity_cc=["staff@example.org"])
    await reply(store, settings, AUTHOR)
    await store.write([Update(OUTBOX, "note:1:staff@example.org", {"$inc": {"due": 0.001}})])  # Bob first
    await deliver(store, settings)
    record = await store.find_one(OUTBOX, {"to": BOB}) or {}
    assert (record["state"], record["tries"], record["refusals"]) == ("pending", 1, refusals)
    assert ("staff@example.org" in man.to) == others_stop


async def test_refusals_for_now_count_for_nothing_until_they_are_old(
    store: Store, postman: tuple[Postman, int], caplog: pytest.LogCaptureFixture
) -> None:
    await fill(store)
    man, port = postman
    settings = sending(port, email_max_age=3600.0)
    await reply(store, settings, AUTHOR)
    man.answers = ["451 Later"] * 5 + ["554 No"] * 2 + ["451 Later"] * 2
    for remaining in range(8, -1, -1):
        [record] = await store.find(OUTBOX, {})
        assert record["state"] == "pending"
        if remaining == 0:
            aged = {"$inc": {"since": -3601.0}}
            await store.write([Update(OUTBOX, record["_id"], aged)])
        await make_due(store)
        await deliver(store, settings)
        assert len(man.answers) == remaining
    [record] = await store.find(OUTBOX, {})
    assert (record["state"], record["tries"], record["refusals"]) == ("parked", 9, 2)
    assert "refused too often" in caplog.text


async def test_not_in_read_only_mode(store: Store, postman: tuple[Postman, int]) -> None:
    await fill(store)
    man, port = postman
    settings = sending(port)
    await reply(store, settings, AUTHOR)
    await deliver(store, settings, read_only=True)
    assert (man.to, await store.count(OUTBOX)) == ([], 1)


async def make_due(store: Store) -> None:
    for record in await store.find(OUTBOX, {}):
        await store.write([Update(OUTBOX, record["_id"], {"$set": {"due": 0.0}})])
