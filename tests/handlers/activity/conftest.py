"""The server whose add-ons have a review history."""

from collections.abc import Iterator

import pytest

from server.embedded.mongod import OwnMongod
from tests.client import Client
from tests.handlers.activity import reviewed_addons
from tests.handlers.addons.visibility import SECRET
from tests.handlers.loaded_server import serving


@pytest.fixture(scope="module")
def world(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("reviewed")
    with serving(folder, reviewed_addons.world(), mongod, AMOEBA_SECRET_KEY=SECRET) as program:
        client = Client(program.url)
        yield client
        client.close()
