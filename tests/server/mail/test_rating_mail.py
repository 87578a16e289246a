"""Mail about ratings, and the way out of it (contract/writes.md 9, contract/extras.md 6 and 6.1)."""

import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from conf.vocabulary import NOTIFICATIONS
from server.auth.keys.keyring import Keyring, Secret
from server.mail.mailer import Mailer
from server.mail.outgoing import OUTBOX
from server.mail.unsubscribing import UnsubscribeLinks, make_codes, read_codes
from server.services import ratings
from server.services.accounts import notifications
from server.storage.store import Store
from tests.server.mail.mail_people import ADDON, AUTHOR, OTHER, STRANGER, fill, make_changes
from tests.server.mail.test_mailer import Postman, postman, reply, sending

__all__ = ["postman"]
SITE, RING = "https://addons.example.org", Keyring([Secret("a secret of test_rating_mail.py")])


async def rate(store: Store, version_id: int = 10, body: str | None = "Böse!\nVery.") -> Any:
    fields: Any = {"version_id": version_id, "version": "1.0", "score": 4, "body": body}
    return await ratings.post(make_changes(store), store, ADDON, STRANGER, fields, "192.0.2.1", mails=True)


async def answer(store: Store, rating: Any, body: str = "Thanks.") -> None:
    await ratings.reply(make_changes(store), store, rating, ADDON, AUTHOR, body, "192.0.2.1", mails=True)


async def deliver(store: Store, port: int) -> None:
    mailer = Mailer(sending(port), store, lambda: False, SITE, RING.address_hash)
    await mailer.run_once()
    await mailer.close()


def text(message: EmailMessage) -> str:
    return str(message.get_content()).replace("\r\n", "\n")


def check_link(message: EmailMessage, address: str, kind: str) -> Mapping[str, str]:
    """The same in the header, which takes a POST, and in the text, which a person follows."""
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = urlsplit(message["List-Unsubscribe"].strip("<>"))
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{SITE}/api/v5/accounts/unsubscribe/"
    sent = {name: values[0] for name, values in parse_qs(link.query, strict_parsing=True).items()}
    assert read_codes(RING, sent["token"], sent["hash"]) == address
    assert sent["notification"] == kind
    [page] = re.findall(rf"{SITE}/en-US/firefox/users/unsubscribe/(\S+)/$", text(message), re.M)
    assert [unquote(word) for word in page.split("/")] == list(sent.values())
    return sent


def test_the_header_is_one_line_as_it_is() -> None:
    """RFC 2369 knows no coding of it, and mail programs none."""
    message = EmailMessage()
    message.set_content("Text.")
    UnsubscribeLinks(SITE, RING.address_hash).add(message, "a" * 60 + "@example.org", "new_review")
    token, hash_ = make_codes("a" * 60 + "@example.org", RING.address_hash)
    query = f"token={token.replace('=', '%3D')}&hash={hash_}&notification=new_review"
    lines = message.as_bytes(policy=SMTP).decode().split("\r\n")
    assert f"List-Unsubscribe: <{SITE}/api/v5/accounts/unsubscribe/?{query}>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


async def test_ratings_and_replies_are_told(store: Store, postman: tuple[Postman, int]) -> None:
    await fill(store)
    man, port = postman
    rating = await rate(store)
    await deliver(store, port)
    assert man.to == ["ann@example.org", "bob@example.org"]
    for to, message in man.mails:
        assert message["Subject"] == "Mozilla Add-on User Rating: Tab Tree"
        assert "rated Tab Tree with 4 of 5 stars:\n\nBöse!\nVery.\n\n--\n" in text(message)
        check_link(message, to[0], "new_review")
    man.mails.clear()
    await answer(store, rating)
    await answer(store, rating, "Thanks a lot.")  # the same reply, written anew
    await deliver(store, port)
    [(to, message)] = man.mails
    assert to == ["sue@example.org"] and "answered your review of Tab Tree:\n\nThanks." in text(message)
    check_link(message, "sue@example.org", "reply")


async def test_who_has_turned_it_off_hears_nothing(store: Store, postman: tuple[Postman, int]) -> None:
    await fill(store)
    man, port = postman
    await rate(store)
    await deliver(store, port)
    message = next(message for to, message in man.mails if to == ["bob@example.org"])
    sent = check_link(message, "bob@example.org", "new_review")
    address = read_codes(RING, sent["token"], sent["hash"])
    await notifications.turn_off(make_changes(store), store, address, sent["notification"])
    rating = await rate(store, 11)
    assert [record["to"] for record in await store.find(OUTBOX, {})] == ["ann@example.org"]
    await notifications.change(make_changes(store), store, STRANGER, {"reply": False})
    await answer(store, rating)
    await rate(store, 12, body=None)  # says nothing
    assert await store.count(OUTBOX) == 1
    assert (await notifications.read(store, OTHER))[3]["enabled"] is False


async def test_mail_that_must_be_sent_has_no_way_out(store: Store, postman: tuple[Postman, int]) -> None:
    """Review notes are why accounts have an address: they are of the kinds that are mandatory."""
    await fill(store)
    man, port = postman
    await reply(store, sending(port), AUTHOR)
    await deliver(store, port)
    assert man.to == ["bob@example.org"]
    assert "List-Unsubscribe" not in man.mails[0][1] and NOTIFICATIONS["individual_contact"].mandatory
