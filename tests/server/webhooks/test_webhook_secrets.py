"""Secrets of webhooks: rotated, and sealed with the server's own.

Rules: contract/webhooks.md 3.
"""

import asyncio
from typing import Any

import pytest

from server.auth.keys.keyring import Keyring, Secret, new_secret, rotated
from server.auth.keys.keystores import Keys
from server.storage.store import Store
from server.webhooks import endpoints
from tests.fake_basket import Basket
from tests.server.webhooks.sending import (
    RING,
    add,
    is_empty,
    sending,
    tell,
    until,
    verified,
)


async def test_the_secret_before_signs_as_well_for_a_day(store: Store, receiver: Basket) -> None:
    id, old = await add(store, receiver)
    _, new = await endpoints.rotate_secret(store, RING, id)
    await tell(store)
    async with sending(store):
        await until(lambda: is_empty(store))
    [arrival] = receiver.arrivals
    assert verified(arrival, new) == verified(arrival, old)
    await endpoints.rotate_secret(store, RING, id)
    endpoint = await endpoints.find_endpoint(store, id)
    assert len(endpoint["secrets"]) == 2
    endpoint["secrets"][1]["until"] = "2020-01-01T00:00:00Z"
    assert len(endpoints.valid_secrets(endpoint, RING)) == 1


async def test_secrets_are_sealed_anew_with_the_servers(store: Store, receiver: Basket) -> None:
    id, secret = await add(store, receiver)
    assert secret not in repr(await endpoints.find_endpoint(store, id))
    ring, other = Keyring(rotated(RING.ring)), Keyring([new_secret()])
    assert await endpoints.reseal(store, ring) == (1, [])
    stored = await endpoints.find_endpoint(store, id)
    assert endpoints.valid_secrets(stored, Keyring(ring.ring[:1])) == [secret]
    assert await endpoints.reseal(store, other) == (0, [f"webhook {id}"])
    _, new = await endpoints.rotate_secret(store, other, id)  # one that cannot be read gives way at once
    assert endpoints.valid_secrets(await endpoints.find_endpoint(store, id), other) == [new]


async def test_a_sender_that_runs_goes_on_with_a_rotated_server_secret(
    store: Store, receiver: Basket
) -> None:
    _, secret = await add(store, receiver)
    ring = [*RING.ring]

    async def read() -> list[Secret]:
        return ring

    keys = Keys(read, ring)
    async with sending(store, keys=keys):
        await tell(store)
        await until(lambda: is_empty(store))
        ring = [new_secret(), *RING.ring]
        await endpoints.reseal(store, Keyring(ring))
        ring = ring[:1]  # the one before is forgotten
        assert await keys.refresh(at_once=True)
        await asyncio.sleep(0.1)  # the endpoints are read again
        await tell(store)
        await until(lambda: is_empty(store))
    assert [verified(arrival, secret)["type"] for arrival in receiver.arrivals] == ["rating.created"] * 2


async def test_a_secret_that_is_rotated_while_all_are_sealed_anew_stays(
    store: Store, receiver: Basket, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, old = await add(store, receiver)
    list_endpoints, added = endpoints.list_endpoints, []

    async def overtaken(store: Store) -> Any:
        stored = await list_endpoints(store)
        added.append((await endpoints.rotate_secret(store, RING, id))[1])
        return stored

    monkeypatch.setattr(endpoints, "list_endpoints", overtaken)
    ring = Keyring(rotated(RING.ring))
    assert await endpoints.reseal(store, ring) == (2, [])
    stored = await endpoints.find_endpoint(store, id)
    assert endpoints.valid_secrets(stored, Keyring(ring.ring[:1])) == [*added, old]
