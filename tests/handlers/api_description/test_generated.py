"""A sample of `python -m tests.generated_requests`: only reads, because tests share the server."""

import pytest

from conf.vocabulary import VERSIONS
from tests.program import Program
from tests.samples import Sample


@pytest.mark.parametrize("version", VERSIONS)
def test_no_answer_is_other_than_described(server: Program, sample: Sample, version: str) -> None:
    """A third of the operations for each version, by turns."""
    from tests.generated_requests import READS, faults  # a second, in each process that collects tests

    for part in sample((1, 2, 3), 3, VERSIONS.index(version)):
        assert not list(faults(server.url, version, examples=1, verbs=READS, part=(part, 3)))
