"""An endpoint of webhooks."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.fake_basket import Basket


@pytest.fixture
def receiver() -> Iterator[Basket]:
    with closing(Basket()) as receiver:
        yield receiver
