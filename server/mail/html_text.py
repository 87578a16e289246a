"""Extracts the text of an HTML mail, without what the sender's program marks as quoted.

    await html_text("<p>Fixed.<blockquote type=cite>please</blockquote>")    -> "Fixed."

The parser runs in a child process, in which this module is the program and reads HTML from
standard input: a malicious page keeps a parser busy for seconds, and only a process can be
limited and stopped. If it was stopped, the tags are cut out of the HTML, so that no word is
lost.
"""

import logging
import re
import sys
from html import unescape
from typing import Final

from server.background.child_process import ChildFailed, run_child

log = logging.getLogger(__name__)

LIMIT: Final = 10.0  # seconds for one text
_TAG: Final = re.compile(r"<[^<>]*>")
# A link whose text is its own address, which is shortened to the address.
_TWICE: Final = re.compile(r"(?<![^\s<(\[])([^\s<>()]{1,500}) \((?:mailto:|https?://)?\1/?\)")


async def html_text(html: str, limit: float = LIMIT) -> str:
    try:
        answer = await run_child("server.mail.html_text", html.encode("utf-8", "replace"), seconds=limit)
        return answer.decode()
    except ChildFailed as fault:
        log.warning("the HTML of a mail could not be read (%s): its tags are cut out", fault)
    except TimeoutError:
        log.warning("the HTML of a mail took too long to read: its tags are cut out")
    return unescape(_TAG.sub("\n", html))


def extract(html: str) -> str:
    """The text; with the quotes if everything is quoted. May take long."""
    # Not needed by the server, which only imports `html_text`.
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    from conf.mail_clients import HTML_QUOTES

    def extract_text(tree: HTMLTree) -> str:
        return _TWICE.sub(r"\1", extract_plain_text(tree, preserve_formatting=True, links=True))

    tree = HTMLTree.parse(html)
    quotes = tree.document.query_selector_all(", ".join(HTML_QUOTES)) if tree.document else ()
    for quote in quotes:
        gap = tree.create_element("p")  # the texts before and after are two paragraphs
        if quote.parent and gap:
            quote.parent.replace_child(gap, quote)
    text = extract_text(tree)
    return text if text.strip() else extract_text(HTMLTree.parse(html))


if __name__ == "__main__":
    sys.stdout.buffer.write(extract(sys.stdin.buffer.read().decode("utf-8", "replace")).encode())
