"""What of a mail is the reply (reference/activity.md 3.5)."""

import time

import pytest

from server.activity.stripping import strip, stripped

ON = "On Mon, 1 Jan 2024 at 10:00, Add-ons <nobody@example.org> wrote:"


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        pytest.param("Fixed.", "Fixed.", id="nothing to strip"),
        pytest.param(f"Fixed.\n\n{ON}\n> Please\n> fix.\n", "Fixed.", id="quoted below"),
        pytest.param(f"Fixed.\r\n\r\n{ON}\r\n> Please\r\n", "Fixed.", id="line ends of mail"),
        pytest.param(
            "Fixed.\n\nOn Mon, 1 Jan 2024 at 10:00, Add-ons\n<a@b.org> wrote:\n> Please",
            "Fixed.",
            id="wrapped",
        ),
        pytest.param(f"{ON}\n> Please\n\nFixed.", "Fixed.", id="quoted above"),
        pytest.param("One\n> quoted\n\ntwo", "One\n\ntwo", id="quoted between"),
        pytest.param("> all\n> of it", "", id="nothing but quotes"),
        pytest.param("Fixed.\n\n-- \nAnn\nExample Ltd", "Fixed.", id="signature"),
        pytest.param("Fixed.\n\nSent from my iPhone", "Fixed.", id="signature of a telephone"),
        pytest.param("Danke.\n\nAm 01.01.2024 um 10:00 schrieb X <a@b.org>:\n> foo", "Danke.", id="German"),
        pytest.param(
            "Fixed.\n\nFrom: Add-ons <nobody@example.org>\nSubject: x\n\nPlease", "Fixed.", id="From line"
        ),
        pytest.param("From: nobody in particular", "From: nobody in particular", id="From without address"),
        pytest.param("From: a@example.org\n\nFixed.", "", id="quirk: starts with a From line"),
        pytest.param("", "", id="empty"),
        pytest.param("a\0b", "ab", id="NUL"),
    ],
)
def test_reply(text: str, reply: str) -> None:
    assert strip(text) == reply


async def test_in_a_process_of_its_own() -> None:
    assert await stripped(f"Größe\n\n{ON}\n> Please") == "Größe"


async def test_a_text_made_to_take_minutes_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    start = time.monotonic()
    reply = await stripped("> quoted\n" + "On " * 20_000, limit=1.0)
    assert time.monotonic() - start < 5
    assert reply.startswith("On On")
    assert "too long" in caplog.text
