"""A sample of `python -m tests.generated_requests`: reads alone, as the server is everybody's."""

import pytest

from conf.vocabulary import VERSIONS
from tests.program import Program


@pytest.mark.parametrize("version", VERSIONS)
def test_no_answer_is_other_than_described(server: Program, version: str) -> None:
    from tests.generated_requests import READS, faults  # a second, in each process that collects tests

    assert not list(faults(server.url, version, examples=1, verbs=READS))
