"""Requests of signed-in users to a server on a test's own documents.

with signed(folder, lines("user", ANN), mongod) as api:
    api.ask("PATCH", "v5", "site/", ANN, {"read_only": True})
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server.auth.credentials.tokens import make_token
from server.auth.keys.keyring import Keyring, Secret
from server.embedded.mongod import OwnMongod
from tests.client import Answer, Client
from tests.handlers.loaded_server import serving

SECRET = "signs in tests/handlers/signed_client.py"
KEYRING = Keyring([Secret(SECRET)])
NOT_AUTHENTICATED = {"detail": "Authentication credentials were not provided."}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "Not found."}


def lines(kind: str, *documents: Any) -> list[dict[str, Any]]:
    return [{"kind": kind, **document} for document in documents]


def authorization(user: Any) -> dict[str, str]:
    """The header of a user, of nobody none."""
    return {} if user is None else {"Authorization": f"Bearer {make_token(user, KEYRING)}"}


class Api(Client):
    def ask(
        self, method: str, version: str, path: str, user: Any = None, body: Any = None, **headers: str
    ) -> Answer:
        """A request below /api/<version>/, as `user` with a JSON body."""
        headers |= authorization(user)
        return self.request(method, f"/api/{version}/{path}", headers=headers, json_body=body)


@contextmanager
def signed(
    folder: Path, documents: Iterable[Mapping[str, Any]], mongod: OwnMongod | None = None, **settings: str
) -> Iterator[Api]:
    with serving(folder, documents, mongod, AMOEBA_SECRET_KEY=SECRET, **settings) as program:
        api = Api(program.url)
        yield api
        api.close()
