"""What accepted mail becomes: every step of contract/activity.md 3.3, and once only."""

import asyncio
import base64
import time
from typing import Any

import pytest

from conf.limits import MAX_NOTE
from server import clock
from server.mail.inbox import INBOX, REASON_MAX_AGE, SEEN_MAIL, accept
from server.mail.outgoing import OUTBOX
from server.storage.operations import Update
from server.storage.store import Store
from tests.server.mail.mail_people import (
    ADDON,
    AUTHOR,
    BANNED,
    FORMER,
    OTHER,
    REVIEWER,
    STRANGER,
    fill,
    find_notes,
    ids,
    mail,
    make_receiver,
    reply_token,
    settings_for,
    take,
)

BOUNCING = settings_for(email_sending=True, email_bouncing=True)
FORBIDDEN = (
    "You don't have permission to reply to this add-on. You have to be a listed developer currently, "
    "or an AMO reviewer."
)
TOO_MANY = (
    "You can't reply to this email as the reply token is no longer valid because "
    "there have been too many replies."
)
NO_VERSION = (
    "You can't reply to this email as the reply token is no longer valid because "
    "it's for a non-existing version of the addon."
)
MALFORMED = "Invalid or malformed json message object."
UNKNOWN = "UUID found in email address TO: header but is not a valid token ({})."
WITHOUT = "TO: address does not contain activity email uuid ({})."
TO = "reviewreply+"
ADDRESS = f"{TO}{reply_token(AUTHOR)}@mail.example.org"
HTML = "<html><style>p {}</style><p>Done:</p><ul><li>a<li><b>b</b></ul>"


async def uses(store: Store, user_id: int) -> int:
    token = await store.find_one("reply_tokens", {"_id": reply_token(user_id)})
    assert token is not None
    return int(token["uses"])


class TestTaken:
    @pytest.mark.parametrize(("user", "action"), [(AUTHOR, "developer-reply"), (REVIEWER, "reviewer-reply")])
    async def test_note_count_and_end_of_the_record(self, store: Store, user: int, action: str) -> None:
        await fill(store)
        assert await take(store, mail("Done.\r\n", reply_token(user)), BOUNCING) == []
        [note] = await find_notes(store)
        assert (note["action"], note["user_id"], note["comments"]) == (action, user, "Done.")
        assert (note["addon_id"], note["version_id"]) == (1, 10)
        assert await uses(store, user) == 1
        assert await store.count(INBOX) == 0
        [seen] = await store.find(SEEN_MAIL, {})
        assert (seen["outcome"], seen["note_id"]) == ("note", note["_id"])

    @pytest.mark.parametrize(
        "posted",
        ids(
            [
                (
                    "any case of the fallback header",
                    mail(MessageId=None, CustomHeaders=[{"Name": "Message-ID", "Value": "<x>"}]),
                ),
                ("dashed token", mail(token="00000000-0000-000a-0000-000000000007")),
                (
                    "second address",
                    mail(To=[{"EmailAddress": "a@b"}, {"EmailAddress": f"{TO}{reply_token(7)}@c"}]),
                ),
                ("text that is all quoted", mail("> only\n> quoted")),
                ("NUL in the text", mail("a\0b")),
                ("no message id", mail(MessageId=None)),
                ("message id of blanks", mail(MessageId=" ")),
                ("HTML alone", mail(None, HtmlBody="<p>Fixed.")),
            ]
        ),
    )
    async def test_forms(self, store: Store, posted: dict[str, Any]) -> None:
        await fill(store)
        assert await take(store, posted, BOUNCING) == []
        assert len(await find_notes(store)) == 1

    async def test_the_secret_is_not_kept(self, store: Store) -> None:
        await accept(store, mail())
        [record] = await store.find(INBOX, {})
        assert "never stored" not in str(record)

    async def test_a_developers_word_is_to_be_looked_at(self, store: Store) -> None:
        await fill(store)
        await take(store, mail(token=reply_token(REVIEWER)), BOUNCING)
        assert await store.count("review_due") == 0
        await take(store, mail(), BOUNCING)
        [due] = await store.find("review_due", {})
        await take(store, mail(), BOUNCING)
        assert await store.find("review_due", {}) == [due]


class TestText:
    @pytest.mark.parametrize(
        ("message", "comments"),
        ids(
            [
                ("a list", {"TextBody": "Done:\n- a\n- b"}, "Done:\n- a\n- b"),
                ("HTML alone", {"TextBody": None, "HtmlBody": HTML}, "Done:\n\n  • a\n  • b"),
                ("HTML beside blanks", {"TextBody": " \n", "HtmlBody": HTML}, "Done:\n\n  • a\n  • b"),
                ("HTML beside text", {"TextBody": "Text.", "HtmlBody": HTML}, "Text."),
                ("its own address", {"TextBody": f"To {ADDRESS} please"}, "To [reply address] please"),
                (
                    "its token by itself",
                    {"TextBody": f"Token {reply_token(AUTHOR).upper()}."},
                    "Token [reply address].",
                ),
                ("another's", {"TextBody": f"{TO}{'f' * 32}@example.org!"}, "[reply address]!"),
            ]
        ),
    )
    async def test_of_a_note(self, store: Store, message: dict[str, Any], comments: str) -> None:
        await fill(store)
        assert await take(store, mail(**message), BOUNCING) == []
        [note] = await find_notes(store)
        assert note["comments"] == comments

    async def test_longer_than_a_note_goes_on_in_a_file(self, store: Store) -> None:
        await fill(store)
        text = "word " * 50_000 + "the end."
        await take(store, mail(text), BOUNCING)
        [note] = await find_notes(store)
        assert note["comments"] == text[:MAX_NOTE]
        [file] = await store.find("attachments", {"_id": note["_id"]})
        assert (file["name"], base64.b64decode(file["content"]).decode()) == ("reply.txt", text)

    async def test_nobody_waits_for_a_text_made_to_be_slow(self, store: Store) -> None:
        """Nor for HTML that parsers need minutes for."""
        await fill(store)
        slow = [mail("On " * 66_000), mail(None, HtmlBody="".join(f"<font x={n}>" for n in range(60_000)))]
        unread = [mail(None, HtmlBody="<p>" * 400_000, token="f" * 32) for _ in range(5)]
        for posted in (*slow, *unread, mail("Last.")):
            await accept(store, posted)
        start = time.monotonic()
        await make_receiver(store, BOUNCING).run_once()
        assert time.monotonic() - start < 15
        assert "Last." in [note["comments"] for note in await find_notes(store)]


class TestWithoutId:
    async def test_the_same_within_a_day_is_one(self, store: Store) -> None:
        await fill(store)
        message = {"TextBody": "Done.", "To": mail()["Message"]["To"]}
        fields: dict[str, Any] = {"SecretKey": "x", "Message": message}
        assert await take(store, fields, BOUNCING) == []
        assert await take(store, fields | {"SpamScore": 3}, BOUNCING) == ["seen before"]
        other = fields | {"Message": message | {"TextBody": "Done now."}}
        assert await take(store, other, BOUNCING) == ["seen before"]
        assert [note["comments"] for note in await find_notes(store)] == ["Done.", "Done now."]

    @pytest.mark.parametrize(("hours", "notes"), [(23, 1), (25, 2)])
    async def test_a_day_later_it_is_another(self, store: Store, hours: int, notes: int) -> None:
        await fill(store)
        await take(store, mail(MessageId=None), BOUNCING)
        [seen] = await store.find(SEEN_MAIL, {})
        before = clock.shifted(-hours * 3600)
        await store.write([Update(SEEN_MAIL, seen["_id"], {"$set": {"date": before}})])
        for _ in range(2):
            await take(store, mail(MessageId=None), BOUNCING)
        assert len(await find_notes(store)) == notes


class TestDiscarded:
    @pytest.mark.parametrize(
        ("posted", "reason", "bounced"),
        ids(
            [
                ("c: not even a message", {"Message": "text"}, MALFORMED, False),
                ("c: no text", mail(""), MALFORMED, True),
                ("c: text of another type", mail(["x"]), MALFORMED, True),
                ("c: text missing", mail(None), MALFORMED, True),
                ("c: HTML of another type", mail(None, HtmlBody=["<p>x"]), MALFORMED, True),
                ("d: no address", mail(To=[]), WITHOUT.format(""), True),
                ("d: To of another type", mail(To="x"), WITHOUT.format(""), True),
                (
                    "d: other addresses",
                    mail(To=[{"EmailAddress": "Reviewreply+x@y"}, {"EmailAddress": "b@c"}, 3, {}]),
                    WITHOUT.format("Reviewreply+x@y, b@c"),
                    True,
                ),
                ("e: no UUID", mail(token="xyz"), UNKNOWN.format("xyz"), True),
                ("e: unknown", mail(token="f" * 32), UNKNOWN.format("f" * 32), True),
                (
                    "f: banned",
                    mail(token=reply_token(BANNED)),
                    "Your account is not allowed to send replies.",
                    True,
                ),
                ("g: deleted version", mail(token=reply_token(AUTHOR, 11)), NO_VERSION, True),
                ("g: unknown version", mail(token=reply_token(AUTHOR, 99)), NO_VERSION, True),
                ("h: stranger", mail(token=reply_token(STRANGER)), FORBIDDEN, True),
                ("h: account deleted", mail(token=reply_token(FORMER)), FORBIDDEN, True),
            ]
        ),
    )
    async def test_reasons(self, store: Store, posted: dict[str, Any], reason: str, bounced: bool) -> None:
        await fill(store)
        assert await take(store, posted, BOUNCING) == [reason]
        assert await find_notes(store) == []
        mails = await store.find(OUTBOX, {})
        assert len(mails) == bounced
        if bounced:
            assert (mails[0]["to"], mails[0]["subject"]) == ("sender@example.org", "Re: your email to us")
            assert reason in mails[0]["text"]
        [record] = await store.find(INBOX, {})
        assert (record["state"], record["body"]) == ("discarded", "")

    async def test_seen_before_whatever_became_of_it(self, store: Store) -> None:
        await fill(store)
        for first in (mail(MessageId="<good>"), mail("", MessageId="<bad>")):
            await take(store, first, BOUNCING)
            repeated = mail("again", MessageId=first["Message"]["MessageId"])
            assert "seen before" in await take(store, repeated, BOUNCING)
        assert len(await find_notes(store)) == 1
        assert await store.count(OUTBOX, {"_id": {"$regex": "^bounce"}}) == 1

    async def test_after_a_hundred_replies(self, store: Store) -> None:
        await fill(store)
        await store.write([Update("reply_tokens", reply_token(AUTHOR), {"$set": {"uses": 99}})])
        assert await take(store, mail(), BOUNCING) == []
        assert await take(store, mail(), BOUNCING) == [TOO_MANY]
        assert await uses(store, AUTHOR) == 100

    async def test_a_new_mail_to_them_makes_the_token_fresh(self, store: Store) -> None:
        await fill(store)
        await store.write([Update("reply_tokens", reply_token(AUTHOR), {"$set": {"uses": 100}})])
        await take(store, mail(token=reply_token(OTHER)), BOUNCING)
        assert await uses(store, AUTHOR) == 0
        assert await take(store, mail(), BOUNCING) == []

    async def test_of_an_addon_that_was_deleted(self, store: Store) -> None:
        await fill(store)
        await store.write([Update("addons", ADDON["_id"], {"$set": {"status": "deleted"}})])
        assert await take(store, mail(), BOUNCING) == [NO_VERSION]

    async def test_reasons_are_forgotten_in_time(self, store: Store) -> None:
        await take(store, {"Message": "x"}, BOUNCING)
        [record] = await store.find(INBOX, {})
        await store.write([Update(INBOX, record["_id"], {"$inc": {"due": -REASON_MAX_AGE}})])
        await make_receiver(store, BOUNCING).run_once()
        assert await store.count(INBOX) == 0


class TestBounces:
    @pytest.mark.parametrize(
        ("settings", "extra", "message", "to"),
        ids(
            [
                ("switched off", settings_for(email_sending=True), {}, {}, None),
                ("nothing is sent at all", settings_for(email_bouncing=True), {}, {}, None),
                ("spam", BOUNCING, {"SpamScore": 10.0}, {}, None),
                ("nearly spam", BOUNCING, {"SpamScore": "9.9"}, {}, "sender@example.org"),
                ("score unreadable", BOUNCING, {"SpamScore": "much"}, {}, "sender@example.org"),
                ("nobody to tell", BOUNCING, {}, {"From": None}, None),
                ("no address", BOUNCING, {}, {"From": {"EmailAddress": "nobody"}}, None),
                ("line break", BOUNCING, {}, {"From": {"EmailAddress": "a@b.org\nBcc: c@d.org"}}, None),
                ("ReplyTo", BOUNCING, {}, {"From": None, "ReplyTo": {"EmailAddress": "r@b.org"}}, "r@b.org"),
            ]
        ),
    )
    async def test_sent_to(
        self, store: Store, settings: Any, extra: Any, message: Any, to: str | None
    ) -> None:
        await take(store, mail("", **message) | extra, settings)
        assert [record["to"] for record in await store.find(OUTBOX, {})] == ([to] if to else [])

    async def test_subject(self, store: Store) -> None:
        await take(store, mail("", Subject="Your\r\nBcc: x@y.org add-on"), BOUNCING)
        [record] = await store.find(OUTBOX, {})
        assert record["subject"] == "Re: Your Bcc: x@y.org add-on"


class TestOnce:
    async def test_by_many_processes_at_a_time(self, store: Store) -> None:
        await fill(store)
        for number in range(6):
            await accept(store, mail(f"{number % 3}", MessageId=f"<{number % 3}>"))
        await asyncio.gather(*(make_receiver(store, BOUNCING).run_once() for _ in range(3)))
        assert sorted(note["comments"] for note in await find_notes(store)) == ["0", "1", "2"]
        assert await uses(store, AUTHOR) == 3
        assert await store.count(INBOX, {"state": "discarded"}) == 3

    async def test_after_the_lease_of_a_process_that_died(self, store: Store) -> None:
        await fill(store)
        await accept(store, mail())
        [record] = await store.find(INBOX, {})
        lease = {"owner": "dead", "lease_until": record["due"] + 1000}
        await store.write([Update(INBOX, record["_id"], {"$set": lease})])
        await make_receiver(store, BOUNCING).run_once()
        assert await find_notes(store) == []
        await store.write([Update(INBOX, record["_id"], {"$set": {"lease_until": record["due"]}})])
        await make_receiver(store, BOUNCING).run_once()
        assert len(await find_notes(store)) == 1

    async def test_one_that_cannot_be_read_keeps_nobody(
        self, store: Store, caplog: pytest.LogCaptureFixture
    ) -> None:
        await fill(store)
        await accept(store, mail("broken"))
        [record] = await store.find(INBOX, {})
        await store.write([Update(INBOX, record["_id"], {"$set": {"body": "no JSON", "tries": 9}})])
        await accept(store, mail("good"))
        await make_receiver(store, BOUNCING).run_once()
        assert [note["comments"] for note in await find_notes(store)] == ["good"]
        assert await store.count(INBOX, {"state": "parked"}) == 1
        assert "failed" in caplog.text

    async def test_not_in_read_only_mode(self, store: Store) -> None:
        await fill(store)
        await accept(store, mail())
        await make_receiver(store, BOUNCING, read_only=True).run_once()
        assert (await find_notes(store), await store.count(INBOX)) == ([], 1)
