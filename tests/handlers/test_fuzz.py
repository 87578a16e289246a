"""A short run of tests/handlers/fuzzing.py; the full one is its own command."""

from tests.handlers.fuzzing import GROWTH_LIMIT, fuzz, memory_of
from tests.program import Program

SEED = 20261121
REQUESTS = 1500


def test_nothing_sent_makes_the_server_fail(server: Program) -> None:
    before = memory_of(server)
    faults = fuzz(server.url, REQUESTS, SEED)
    assert faults == [], f"seed {SEED}"
    assert memory_of(server) - before < GROWTH_LIMIT
