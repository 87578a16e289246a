"""How many connections there may be where the system lets a process open few files."""

import resource

import pytest

from handlers.http.connections.connections import connection_limit

UNLIMITED = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "limit"),
    [
        (1024, UNLIMITED, 4000),
        (1024, 8192, 4000),
        (UNLIMITED, UNLIMITED, 4000),
        (1024, 1024, 768),
        (64, 600, 344),
        (
            256,
            256,
            128,
        ),  # as many as the rest of the process: none would leave every client without an answer
        (64, 64, 32),
    ],
)
def test_limit(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, limit: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: None)
    assert connection_limit(4000) == limit
