"""The accounts that the tests of the console share, and the server they visit."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from server.embedded.mongod import OwnMongod
from tests.factories import make_addon, make_user
from tests.handlers.signed_client import Api, lines, signed

OPERATOR: Final = make_user(_id=1, username="olga", permissions=["Site:Edit"])
REVIEWER: Final = make_user(_id=2, username="rita", permissions=["Addons:Review"])
ADMIN: Final = make_user(_id=3, username="root", permissions=["*:*"])
NOBODY: Final = make_user(_id=4, username="nora", permissions=[])
DOCUMENTS: Final = [*lines("user", OPERATOR, REVIEWER, ADMIN, NOBODY), *lines("addon", make_addon())]


@contextmanager
def console(folder: Path, mongod: OwnMongod, *documents: Any, **settings: str) -> Iterator[Api]:
    with signed(folder, [*DOCUMENTS, *documents], mongod, **settings) as api:
        yield api
