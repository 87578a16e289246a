"""One damaged document of any collection stops nothing else: start, reads, senders, mail, load, dump."""

import json
from pathlib import Path
from typing import Any

import bson
import pytest
from bson.raw_bson import RawBSONDocument

from conf.settings.loading import load_settings
from server.basket.outbox import OUTBOX, Syncs, sync_operation
from server.commands.check import Fault, find_faults
from server.errors import BadDocument
from server.intake.kinds import KINDS
from server.mail.inbox import INBOX, accept
from server.operating.dump import dump
from server.storage.operations import Insert, Operation, Replace, Update
from server.storage.store import Store
from tests.factories import make_addon, make_user
from tests.fake_basket import Basket
from tests.server.basket.test_sender import basket, sending
from tests.server.basket.test_sender import settings_for as basket_settings
from tests.server.intake.amo_objects import make_v4
from tests.server.intake.load_into_store import load_files, write_lines
from tests.server.mail.mail_people import AUTHOR, fill, mail, make_receiver, reply_token, settings_for
from tests.server.mail.test_mailer import deliver, postman
from tests.server.mail.test_mailer import sending as mailing
from tests.server.test_bad_documents import NONE_BAD, bad, opened_site, write
from tests.server.whole_documents import DOCUMENTS, damaged

__all__ = ["basket", "postman"]


async def faults(store: Store) -> list[Fault]:
    return [fault async for fault in find_faults(store, lambda count: None)]


@pytest.mark.parametrize("collection", ["addons", "users", "sessions", "ratings", "counters", "site"])
async def test_a_site_of_good_documents_and_a_damaged_one(
    store: Store, mongod: Any, tmp_path: Path, collection: str
) -> None:
    """It opens, `check` names the one, and once that is repaired nobody is named any more."""
    for name, document in DOCUMENTS.items():
        await store.write([Insert(name, damaged(name) if name == collection else document)])
    [fault] = await faults(store)
    assert (fault.collection, fault.id) == (collection, DOCUMENTS[collection]["_id"])
    async with opened_site(store, tmp_path, mongod.uri) as site:
        assert site.ready
        with pytest.raises(BadDocument, match=f"{collection} .* is damaged"):
            await site.store.find_one(collection, {})
        assert await site.store.find(collection, {}) == []
        assert bad(site) == {"count": 1, "first": [f"{collection} {fault.id}"]}
        await write(site, Replace(collection, DOCUMENTS[collection]))
        assert await site.store.find_one(collection, {}) == DOCUMENTS[collection]
        assert bad(site) == NONE_BAD
    assert await faults(store) == []


async def test_a_site_opens_where_all_is_damaged(store: Store, mongod: Any, tmp_path: Path) -> None:
    for name in DOCUMENTS:
        await store.write([Insert(name, damaged(name))])
    assert {fault.collection for fault in await faults(store)} == DOCUMENTS.keys()
    async with opened_site(store, tmp_path, mongod.uri) as site:
        assert site.ready
        for collection in DOCUMENTS:
            with pytest.raises(BadDocument, match=f"{collection} .* is damaged"):
                await site.store.find_one(collection, {})
            assert await site.store.find(collection, {}) == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
async def test_dump_goes_on_and_names_it(store: Store, kind: Any) -> None:
    whole = DOCUMENTS[kind.collection]
    [key] = [key for key, value in damaged(kind.collection).items() if value != whole[key]]
    await store.write([Insert(kind.collection, {**whole, key: [["wrong"]]})])
    await store.write([Insert(name, one) for name, one in DOCUMENTS.items() if name != kind.collection])
    faults: list[str] = []
    lines = b"".join(
        [part async for part in dump(store, lambda place, reason: faults.append(place))]
    ).splitlines()
    assert faults == [f"{kind.collection} {whole['_id']}"]
    assert {json.loads(line)["kind"] for line in lines} == set(KINDS)
    await store.write([Update(kind.collection, whole["_id"], {"$set": {key: {"no": b"JSON"}}})])
    remaining = b"".join([part async for part in dump(store)]).splitlines()
    assert len(remaining) == len(lines) - 1


async def test_a_text_that_is_no_text_is_named_and_stops_no_list(store: Store) -> None:
    """As some other program may have written it."""
    written = bson.encode(make_user(_id=3, username="MARK")).replace(b"MARK", b"M\xffRK")
    await store.database["users"].insert_one(RawBSONDocument(written))
    await store.write([Insert("users", make_user(_id=4, username="ben"))])
    names = [user["username"] for user in await store.find("users", {}, sort=[("_id", 1)])]
    assert names == ["M\ufffdRK", "ben"]
    assert await faults(store) == [Fault("users", 3, "a text is no UTF-8")]


class TestBasket:
    async def test_the_others_are_sent(self, store: Store, basket: Basket) -> None:
        """Of a damaged record, a damaged object, a damaged author and a good object."""
        other_user = make_user(_id=9, username="ben")
        of_damaged = make_addon(_id=2, guid="b@example.org", slug="b", authors=[_author(8)])
        documents: list[Operation] = [
            Insert("addons", damaged("addons")),
            Insert("users", other_user),
            Insert("users", damaged("users", _id=8, username="x")),
            Insert("addons", of_damaged),
            Insert(OUTBOX, damaged(OUTBOX, _id="addon:99")),
        ]
        records = [_sync("addon", 1), _sync("user", 8), _sync("addon", 2), _sync("user", 9)]
        await store.write([*documents, *(Insert(OUTBOX, record) for record in records)])
        async with sending(store, basket_settings(basket)) as sender:
            await sender.run_once()
            assert [one.body["id"] for one in basket.arrivals] == [9]
            states = {one["_id"]: one["state"] for one in await store.find(OUTBOX, {}, unchecked=True)}
            assert states == {
                "addon:99": "parked",
                "addon:1": "pending",
                "user:8": "pending",
                "addon:2": "pending",
            }
            await store.write(
                [Replace("addons", make_addon()), Replace("users", make_user(_id=8, username="x"))]
            )
            due = [Update(OUTBOX, id_, {"$set": {"due": 0.0}}) for id_ in states if states[id_] == "pending"]
            await store.write(due)
            await sender.run_once()
        assert sorted(one.body["id"] for one in basket.arrivals[1:]) == [1, 2, 8]

    async def test_a_change_mends_a_damaged_record(self, store: Store) -> None:
        await store.write([Insert(OUTBOX, damaged(OUTBOX, version="x"))])
        await store.write([sync_operation("addon", 1)])
        [record] = await store.find(OUTBOX, {})
        assert (record["version"], record["object_id"]) == (1, 1)


def _author(user_id: int) -> Any:
    return {"user_id": user_id, "role": "owner", "listed": True, "position": 0}


def _sync(kind: str, object_id: int) -> Any:
    return {**DOCUMENTS[OUTBOX], "_id": f"{kind}:{object_id}", "kind": kind, "object_id": object_id}


class TestMail:
    async def test_the_others_are_taken(self, store: Store) -> None:
        await fill(store)
        await store.write([Insert(INBOX, damaged(INBOX)), Replace("reply_tokens", _spoilt_token(8))])
        for token in (reply_token(8), reply_token(AUTHOR)):
            await accept(store, mail(token=token))
        await make_receiver(store, settings_for()).run_once()
        assert [note["user_id"] for note in await store.find("notes", {})] == [AUTHOR]
        states = sorted(one["state"] for one in await store.find(INBOX, {}, unchecked=True))
        assert states == ["parked", "pending"]

    async def test_the_others_leave(self, store: Store, postman: Any) -> None:
        man, port = postman
        good = {**DOCUMENTS["mail_outbox"], "_id": "good", "to": "good@example.org"}
        unusable = {**DOCUMENTS["mail_outbox"], "_id": "unusable", "headers": {"Subject": "another"}}
        await store.write([Insert("mail_outbox", one) for one in (damaged("mail_outbox"), unusable, good)])
        await deliver(store, mailing(port))
        assert man.to == ["good@example.org"]
        remaining = await store.find("mail_outbox", {}, unchecked=True)
        assert {one["state"] for one in remaining} == {"parked"}


def _spoilt_token(user_id: int) -> Any:
    return {"_id": reply_token(user_id), "place": f"10:{user_id}", "addon_id": "one"}


class TestLoad:
    async def test_a_whole_document_takes_the_place_of_a_damaged_one(
        self, store: Store, tmp_path: Path
    ) -> None:
        await store.write([Insert(name, damaged(name)) for name in DOCUMENTS])
        lines = [{"kind": kind.name, **DOCUMENTS[kind.collection]} for kind in KINDS.values()]
        path = write_lines(tmp_path / "dump.jsonl", lines)
        _, reporter = await load_files(store, [path], Syncs(load_settings({})))
        assert reporter.bad_records == []
        assert {fault.collection for fault in await faults(store)} == {
            *(INBOX, "mail_outbox", "webhook_outbox", "rates"),
            *("fs.files", "mirror", "mirrored", "mirrored_pages"),
        }

    async def test_a_state_cannot_be_merged_with_a_damaged_addon(self, store: Store, tmp_path: Path) -> None:
        """It is a bad record, and the others are loaded."""
        await store.write([Insert("addons", damaged("addons", _id=2, guid="b@example.org", slug="b"))])
        states = [make_v4(id=id_, guid=f"{id_}@example.org", slug=f"s{id_}") for id_ in (1, 2, 3)]
        path = write_lines(tmp_path / "some.json", states)
        summary, reporter = await load_files(store, [path])
        assert summary.records == 2
        [(place, reason)] = reporter.bad_records
        assert place == f"{path}:2"
        assert (
            reason
            == "cannot be merged with what is stored: addons 2 is damaged: $.tags: expected array, got object"
        )
        assert set(await store.addons_by_id([1, 2, 3])) == {1, 3}
