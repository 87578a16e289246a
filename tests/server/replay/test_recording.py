"""Recorded requests, of each form that a file may have."""

import io

import pytest

from server.replay.recording import NOT_GET, NOT_READ, TOO_LONG, SkippedLine, read_line, read_recording
from tests.sweep import sweep

SITE = "/api/v5/site/"
LOGGED = '- - - [28/Nov/2026:20:00:00 +0000] "%s HTTP/1.1" 200 5 "-" "curl"'
# A line -> what was asked for and how often, or why it is left out.
LINES: dict[str, tuple[str, int] | str] = {
    SITE: (SITE, 1),
    f"https://addons.example.org{SITE}?lang=de#top": (f"{SITE}?lang=de", 1),
    f"12 {SITE}": (SITE, 12),
    f"3\thttp://localhost:8000{SITE}": (SITE, 3),
    f"GET {SITE}": (SITE, 1),
    LOGGED % f"GET {SITE}?a=b": (f"{SITE}?a=b", 1),
    LOGGED % "GET /search/?q=\\xC3\\xA4": ("/search/?q=%C3%A4", 1),
    '{"Type": "request.summary", "Fields": {"method": "GET", "path": "/api/v5/site/"}}': (SITE, 1),
    "/search/?q=ä": ("/search/?q=%C3%A4", 1),
    "//evil.example/x": ("/x", 1),
    "POST /x": NOT_GET,
    LOGGED % "POST /x": NOT_GET,
    '{"Fields": {"method": "DELETE", "path": "/x"}}': NOT_GET,
    "/search/?q=a b": NOT_READ,
    "https://[x/": NOT_READ,
    "{}": NOT_READ,
    "{": NOT_READ,
    '{"Fields": {"method": 1, "path": []}}': NOT_READ,
    "ftp://x/": NOT_READ,
    "hello": NOT_READ,
}


@sweep("line, expected", LINES.items())
def test_a_line(line: str, expected: tuple[str, int] | str) -> None:
    if isinstance(expected, str):
        with pytest.raises(SkippedLine, match=expected):
            read_line(line)
    else:
        assert read_line(line) == expected


def test_a_file() -> None:
    text = f"# of a day\n\n2 {SITE}\n{SITE}\nPOST /x\n/b\n/{'y' * 70_000}\nnonsense\n"
    recording = read_recording(io.BytesIO(text.encode()))
    assert list(recording.counts.items()) == [(SITE, 3), ("/b", 1)]
    assert recording.requests == 4
    assert recording.skipped == {NOT_GET: 1, TOO_LONG: 1, NOT_READ: 1}
