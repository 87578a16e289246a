"""The audit names what is vulnerable, what nobody knows of, and that nobody could be asked."""

import sys

import pytest

from tests import audit

TOLD = {
    "dependencies": [
        {"name": "Tornado", "version": "6.0", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]},
        {"name": "yarl", "version": "1.0", "vulns": []},
        {"name": "orjson", "skip_reason": "not found"},
        {"name": "something-else", "version": "1.0", "vulns": [{"id": "PYSEC-3"}]},
    ]
}


def test_what_is_found_and_what_is_not_known() -> None:
    found = audit.read_advisories(TOLD, {"tornado", "yarl", "orjson", "aiohttp"})
    assert found == ({"tornado": ["PYSEC-1", "PYSEC-2"]}, ["aiohttp", "orjson"])


def test_a_service_that_cannot_be_reached_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "COMMAND", [sys.executable, "-c", "import sys; sys.exit('no network')"])
    assert audit.main() == 2
    told = capsys.readouterr()
    assert "no network" in told.err and "cannot be reached" in told.err
    assert "standardwebhooks" in told.out and "0 of a licence to look at" in told.out
