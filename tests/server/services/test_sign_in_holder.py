"""Whose account a sign-in is for, where documents are odd (contract/auth.md 8.3)."""

from server.auth.sign_in.provider import Identity
from server.services.accounts.sign_in import find_holder
from server.storage.operations import Insert
from server.storage.store import Store
from tests.factories import make_user


async def test_a_damaged_account_is_not_created_again(store: Store) -> None:
    """Nor is one of several with a subject chosen twice, nor a deleted one once."""
    damaged = {**make_user(_id=1, username="a", fxa_id="damaged"), "permissions": 7}
    several = [make_user(_id=id_, username=f"b{id_}", fxa_id="several") for id_ in (3, 2)]
    deleted = make_user(_id=4, username="c", fxa_id="deleted", deleted=True)
    for user in (damaged, *several, deleted):
        await store.write([Insert("users", user)])
    found = {}
    for subject in ("damaged", "several", "deleted"):
        holder = await find_holder(store, Identity(subject, None, False))
        found[subject] = holder and holder["_id"]
    assert found == {"damaged": 1, "several": 2, "deleted": None}
