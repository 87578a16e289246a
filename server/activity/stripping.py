"""What somebody wrote in a reply, without what they quoted (reference/activity.md 3.5).

    await stripped("Fixed.\\n\\nOn Monday ann wrote:\\n> please")    -> "Fixed."

Run as a program it strips standard input. That is how it is called: the patterns
of reply parsers can take minutes for a text made for it, and would keep the event
loop from running even in a thread; a process can be stopped.
"""

import asyncio
import logging
import re
import sys
from pathlib import Path
from typing import Final

from mailparser_reply import EmailReplyParser

from conf.limits import MAX_NOTE

log = logging.getLogger(__name__)

LIMIT: Final = 10.0  # seconds for one text
_LANGUAGES: Final = ["en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "ja", "cs", "ko", "zh"]
_FROM: Final = "From: "
# The head of a quoted mail: a name, an address whose domain has a dot.
_QUOTED: Final = re.compile(r"From: [^@]+@[^\s@]*\.[^\s@]*")
_ROOT: Final = Path(__file__).resolve().parents[2]


async def stripped(text: str, limit: float = LIMIT) -> str:
    """The reply alone; the text itself, quoted lines dropped, where that took too long."""
    text = text[: 2 * MAX_NOTE]
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.activity.stripping"),
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(limit):
            answer, _ = await program.communicate(text.encode("utf-8", "replace"))
        if program.returncode == 0:
            return answer.decode()[:MAX_NOTE]
        log.warning("a reply could not be parsed (%s): it is taken with what it quotes", program.returncode)
    except TimeoutError:
        log.warning("a reply took too long to parse: it is taken with what it quotes")
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    return _unquoted(text)[:MAX_NOTE]


def strip(text: str) -> str:
    """May take long."""
    text = _before_quoted(text.replace("\r\n", "\n"))
    replies = EmailReplyParser(languages=_LANGUAGES).read(text=text).replies
    return _unquoted(replies[0].body if replies else "")


def _before_quoted(text: str) -> str:
    """A text that starts with a quoted mail's head is left without anything: a known quirk (3.5)."""
    before = _QUOTED.split(text, maxsplit=1)[0]
    return text if before.startswith(_FROM) else before


def _unquoted(text: str) -> str:
    kept = (line for line in text.split("\n") if not line.startswith(">"))
    return "\n".join(kept).replace("\0", "").strip()


if __name__ == "__main__":
    sys.stdout.buffer.write(strip(sys.stdin.buffer.read().decode("utf-8", "replace")).encode())
