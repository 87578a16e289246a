"""One server for all tests of reviewers' tools."""

from collections.abc import Iterator

import pytest

from server.embedded.mongod import OwnMongod
from tests.handlers.reviewers.reviewers_server import Reviewing, reviewing
from tests.handlers.signed_client import Api


@pytest.fixture(scope="package")
def desk(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewing]:
    with reviewing(tmp_path_factory.mktemp("reviewers"), mongod) as started:
        yield started


@pytest.fixture(scope="package")
def api(desk: Reviewing) -> Api:
    return desk.api
