"""What of a mail is the reply: nothing that was written is lost (contract/activity.md 3.5)."""

import textwrap
import time
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conf.locales import SUPPORTED
from conf.mail_clients import LANGUAGES
from server.mail.reply_text import reply_text
from tests.server.mail.mail_people import ids
from tests.server.mail.mail_samples import DEVICES, HEADERS, HEADS
from tests.sweep import sweep

ON = "On Mon, 1 Jan 2024 at 10:00, Add-ons <nobody@example.org> wrote:"
QUOTE = "> Please\n>\n> fix."
LIST = "Hello,\n\nwe fixed:\n\n- a fix\n- b fix\n\nPlease review again."
BOX = "From: Add-ons <nobody@example.org>\nSent: Monday\nTo: ann@example.org\nSubject: x\n\nPlease fix."


def block(labels: str, mark: str = "") -> str:
    values = ("Add-ons <nobody@example.org>", "1 Jan 2024 10:00", "ann@example.org", "Your add-on")
    names = (name.replace("_", " ") for name in labels.split())
    return "\n".join(f"{mark}{name}:{mark} {value}" for name, value in zip(names, values, strict=True))


class TestKept:
    @pytest.mark.parametrize(
        "text",
        ids(
            [
                ("nothing to strip", "Fixed."),
                ("a list in the middle", LIST),
                ("a list alone", "- a\n- b"),
                ("dashes in a line", "a\n---\nb\n-----\nc"),
                ("a sentence like a telephone's", "Sent from my own server you can see the trace"),
                ("a telephone's line, and more", "Sent from my iPhone\n\nthe picture shows the fault."),
                ("From without address", "From: nobody in particular"),
                ("From with an address in a sentence", "The log says From: a@example.org and stops.\nWhy?"),
                ("From and more words", "See:\n\nFrom: a@example.org I have no answer."),
                ("a From line at the top", "From: a@example.org\n\nFixed."),
                ("nothing but quotes", "> all\n> of it"),
                ("nothing but a quote and its head", f"{ON}\n> please"),
                ("nothing but a telephone's line", "Sent from my iPhone"),
                ("nothing but a signature", "--\nAnn"),
                ("nothing but a quoted mail", BOX),
                ("an answer below a quoted mail", BOX + "\n\nFixed."),
                ("who wrote, without a date", "You wrote:\nplease fix."),
                (
                    "who wrote and when, without address or quote",
                    "On 1 Jan 2024 at 10:00 you wrote:\n\nplease.",
                ),
                ("not a head", "On the surface it is fixed.\nOn average we wrote:\n\nmore."),
                ("dates and times", "2024-01-15 14:30:25\n01/15/2024 at 2:30 PM\nare dates:\n\nof the log."),
                ("code", "if a:\n    b\n    > c"),
                ("a long text below dashes", "Part 1\n--\n" + "\n".join(f"{n} words" for n in range(40))),
                ("blanks inside", "a\n\n\n\nb"),
            ]
        ),
    )
    def test_whole(self, text: str) -> None:
        assert reply_text(text) == text

    @pytest.mark.parametrize(
        ("text", "reply"),
        ids(
            [
                ("quoted below", f"Fixed.\n\n{ON}\n{QUOTE}\n", "Fixed."),
                ("no empty line above", f"Fixed.\n{ON}\n{QUOTE}", "Fixed."),
                ("line ends of mail", f"Fixed.\r\n\r\n{ON}\r\n> Please\r\n", "Fixed."),
                ("quoted above", f"{ON}\n{QUOTE}\n\nFixed.", "Fixed."),
                ("quoted between", "One\n> quoted\n\ntwo", "One\n\ntwo"),
                ("answers between", f"{ON}\n> a?\n\nYes.\n\n> b?\n\nNo.", "Yes.\n\nNo."),
                ("quoted in quotes", f"Fixed.\n\n{ON}\n> > a\n>> b\n> c", "Fixed."),
                ("the head quoted too", f"Fixed.\n\n> {ON}\n>\n> Please", "Fixed."),
                ("the quote not marked", f"Fixed.\n\n{ON}\n\nPlease fix.\n\nTeam", "Fixed."),
                ("the quote taken out", f"Fixed.\n\n{ON}\n", "Fixed."),
                ("address broken by the line's end", f"Fixed.\n\n{ON[:-8]}\n>:\n\n> a", "Fixed."),
                ("signature", "Fixed.\n\n-- \nAnn\nExample Ltd", "Fixed."),
                ("signature without blank", "Fixed.\n--\nAnn", "Fixed."),
                ("signature above the quote", f"Fixed.\n-- \nAnn\n\n{ON}\n{QUOTE}", "Fixed."),
                ("telephone above the quote", f"Fixed.\n\nSent from my iPhone\n\n> {ON}\n> a", "Fixed."),
                ("two of them", "Fixed.\n\nSent from my iPhone\nGet Outlook for iOS", "Fixed."),
                (
                    "telephone above a quoted mail",
                    f"Fixed.\n\nGet Outlook for iOS\n{'_' * 32}\n{BOX}",
                    "Fixed.",
                ),
                (
                    "From line with headers",
                    "Fixed.\n\nFrom: A <a@example.org>\nSubject: x\nTo: b\n\nPlease",
                    "Fixed.",
                ),
                ("From line alone", "Fixed.\n\nFrom: Add-ons <nobody@example.org>\nPlease", "Fixed."),
                ("original message", "Fixed.\n\n-----Original Message-----\nPlease", "Fixed."),
                ("forwarded", f"Fixed.\n\n---------- Forwarded message ---------\n{BOX}", "Fixed."),
                ("NUL", "a\0b", "ab"),
                ("empty", "", ""),
                ("blank", " \n\t\n", ""),
            ]
        ),
    )
    def test_reply(self, text: str, reply: str) -> None:
        assert reply_text(text) == reply


class TestPrograms:
    @sweep("program, width", product(HEADS, [1000, 78, 50]))
    def test_head_of_a_quote(self, program: str, width: int) -> None:
        lines = textwrap.wrap(HEADS[program], width, break_long_words=False, break_on_hyphens=False)
        head = "\n".join(lines)
        for gap in ("\n", "\n\n"):
            assert reply_text(f"{LIST}\n\n{head}{gap}{QUOTE}\n\nAfter.") == f"{LIST}\n\nAfter."

    @sweep("program", [name for name, head in HEADS.items() if "@" in head])
    def test_quote_without_marks(self, program: str) -> None:
        assert reply_text(f"{LIST}\n\n{HEADS[program]}\n\nPlease fix.\n\nTeam") == LIST

    @sweep("language", HEADERS)
    def test_mail_quoted_whole(self, language: str) -> None:
        labels = HEADERS[language]
        for above, mark in (("", ""), ("_" * 32 + "\n", ""), ("", "*")):
            assert reply_text(f"{LIST}\n\n{above}{block(labels, mark)}\n\nPlease fix.") == LIST

    @sweep("language", LANGUAGES)
    def test_line_above_a_mail(self, language: str) -> None:
        for original in LANGUAGES[language].originals:
            for line in (f"-----{original}-----", f"-------- {original} --------"):
                assert reply_text(f"{LIST}\n\n{line}\nPlease fix.") == LIST

    @sweep("line", DEVICES)
    def test_telephone_at_the_end_only(self, line: str) -> None:
        assert reply_text(f"{LIST}\n\n{line}\n\n{ON}\n{QUOTE}") == LIST
        assert reply_text(f"{line}\n\n{LIST}") == f"{line}\n\n{LIST}"

    @sweep("locale", SUPPORTED)
    def test_every_language_of_the_site(self, locale: str) -> None:
        language = LANGUAGES[locale.partition("-")[0]]
        assert language.heads and language.originals and all(language.labels.values())


mail_texts = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters=">:-"), min_size=1, max_size=40
)
paragraphs = st.lists(mail_texts.filter(str.strip), min_size=1, max_size=8)


PIECES = [
    "a",
    " ",
    "\n",
    "\n",
    ">",
    "-",
    "--\n",
    ":",
    "On 1/1/2024 ",
    "a@b.c",
    "From: ",
    "wrote:\n",
    "To: b\nDate: c\n",
]


class TestAnyText:
    @given(paragraphs, paragraphs, st.sampled_from(sorted(HEADS)))
    def test_no_word_is_lost_around_a_quote(self, above: list[str], below: list[str], program: str) -> None:
        text = "\n".join(["Words.", *above, "", HEADS[program], "> quoted", "", *below, "Words."])
        reply = reply_text(text).split()
        written = " ".join((*above, *below)).split()
        assert set(written) <= set(reply)
        assert reply.count("quoted") == written.count("quoted")

    @given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
    def test_what_had_words_has_some(self, text: str) -> None:
        assume(text.strip())
        reply = reply_text(text)
        assert reply and all(line in text.replace("\n>:\n", ">:\n") for line in reply.split("\n"))


WORST = [
    *("a", "a ", "On ", "- ", "-", ">", ">\n", "--\n", ":\n", "\r", "_____\n", "\n\n\na:", "x\n>\n"),
    *("From:\n", "From: a@b.org\n", "Sent from my iPhone\n", "a@b.c 10:00:\n>\n"),
    "1/1/2024 10:00 je je je je je a@b.c:\n>\n",
]


@pytest.mark.timed
@pytest.mark.parametrize("piece", WORST, ids=repr)
def test_time_is_linear(piece: str) -> None:
    """200 kB take less than half a second, or little more than ten times what 20 kB take."""

    def seconds(size: int) -> float:
        text = "words\n" + piece * (size // len(piece))
        start = time.perf_counter()
        reply_text(text)
        return time.perf_counter() - start

    short = min(seconds(20_000) for _ in range(3))
    assert min(seconds(200_000) for _ in range(2)) < max(0.5, 25 * short)
