"""The accounts that the tests of the console share, and the server they visit."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from conf.settings.loading import load_settings
from server.basket.outbox import sync_operation
from server.cli.opening import open_context
from server.embedded.mongod import OwnMongod
from server.storage.lease_queue import PARKED, new_record
from server.storage.operations import Insert, Update
from tests.factories import make_addon, make_user
from tests.handlers.loaded_server import environment
from tests.handlers.signed_client import Api, lines, signed

OPERATOR: Final = make_user(_id=1, username="olga", permissions=["Site:Edit"])
REVIEWER: Final = make_user(_id=2, username="rita", permissions=["Addons:Review"])
ADMIN: Final = make_user(_id=3, username="root", permissions=["*:*"])
NOBODY: Final = make_user(_id=4, username="nora", permissions=[])
DOCUMENTS: Final = [*lines("user", OPERATOR, REVIEWER, ADMIN, NOBODY), *lines("addon", make_addon())]


@contextmanager
def console(folder: Path, mongod: OwnMongod, *documents: Any, **settings: str) -> Iterator[Api]:
    with signed(folder, [*DOCUMENTS, *documents], mongod, **settings) as api:
        asyncio.run(_park(environment(folder, mongod)))
        yield api


async def _park(environ: dict[str, str]) -> None:
    """Records that failed, as senders leave them."""
    mail = {"to": "a@example.org", "sender": "", "subject": "", "text": "", "headers": {}}
    failed = {"state": PARKED, "tries": 10, "error": "400 <no>"}
    async with open_context(load_settings({}, environ, None)) as here:
        await here.store.write(
            [
                *(
                    Insert("mail_outbox", new_record(_id=f"mail{number}", **mail) | failed)
                    for number in range(3)
                ),
                *(sync_operation("addon", number) for number in (8, 9)),
                *(Update("outbox", f"addon:{number}", {"$set": failed}) for number in (8, 9)),
            ]
        )
