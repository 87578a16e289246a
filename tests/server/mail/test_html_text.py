"""The text of HTML mail, as programs write it (contract/activity.md 3)."""

import time

import pytest

from server.mail.html_text import extract, html_text
from server.mail.reply_text import reply_text
from tests.server.mail.mail_people import ids
from tests.server.mail.mail_samples import ADDRESS

HEAD = f'On Mon, Jan 1, 2024 at 10:00 AM Add-ons &lt;<a href="mailto:{ADDRESS}">{ADDRESS}</a>&gt; wrote:'
CITE = "<blockquote type=cite>"
GMAIL = f"""<div dir="ltr"><div>Fixed:</div><div><br></div><div>- one<br>- two</div></div><br>
<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{HEAD}<br></div>
<blockquote class="gmail_quote" style="margin:0px">please</blockquote></div>"""
APPLE = f"""<html><head><style>p {{}}</style></head><body>Fixed:<div><br></div><div>- one</div><div>- two<br>
<div><br><blockquote type="cite"><div>{HEAD}</div><br><div>please</div></blockquote></div><br></div></body>"""
THUNDERBIRD = """<p>Fixed:</p><p>- one<br>- two</p><div class="moz-cite-prefix">Am 01.01.24 um 10:00
schrieb Ann:<br></div><blockquote type="cite" cite="mid:x"><p>please</p></blockquote>
<pre class="moz-signature" cols="72">-- \nAnn</pre>"""
OUTLOOK = """<div class=WordSection1><p class=MsoNormal>Fixed:<o:p></o:p></p><p>- one<br>- two</p>
<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'><p class=MsoNormal>
<b>Von:</b> Add-ons &lt;nobody@example.org&gt; <br><b>Gesendet:</b> Montag, 1. Januar 2024 10:00<br>
<b>An:</b> ann@example.org<br><b>Betreff:</b> Your add-on<o:p></o:p></p></div></div><p>please</div>"""
YAHOO = f"""<div class="yahoo-style-wrap"><div>Fixed:</div><div><br></div><div>- one<br>- two</div></div>
<div id="y1" class="yahoo_quoted"><div><div>{HEAD}</div><div><br></div><div>please</div></div></div>"""


@pytest.mark.parametrize(
    "html",
    ids(
        [
            ("Gmail", GMAIL),
            ("Apple", APPLE),
            ("Thunderbird", THUNDERBIRD),
            ("Outlook", OUTLOOK),
            ("Yahoo", YAHOO),
        ]
    ),
)
def test_reply_of_a_program(html: str) -> None:
    assert reply_text(extract(html)) == "Fixed:\n\n- one\n- two"


@pytest.mark.parametrize(
    ("html", "text"),
    ids(
        [
            ("entities", "<p>a &lt; b &amp;&nbsp;c", "a < b &\xa0c"),
            ("plain", "no tags at all", "no tags at all"),
            ("not shown", "<title>x</title><script>y</script><!-- z --><p>seen", "seen"),
            ("code as it is", "<pre>a\n  b</pre>", "a\n  b"),
            ("a link's address", '<a href="https://example.org/x">here</a>', "here (https://example.org/x)"),
            ("once, where it is the text", '<a href="https://a.example/">https://a.example</a>',
            "https://a.example"),
            ("answers between", f"{CITE}a?</blockquote>Yes.{CITE}b?{CITE}c</blockquote>No.", "Yes."),
            ("quotes in quotes", f"{CITE}b?{CITE}c</blockquote></blockquote>No.", "No."),
            ("two answers", f"Yes.{CITE}a?</blockquote>No.", "Yes.\n\nNo."),
            ("indented by the writer", "<blockquote style='margin:0 0 0 40px'>inside</blockquote>", "inside"),
            ("nothing but a quote", "<blockquote type=cite>all</blockquote>", "all"),
            ("broken", "<p>a<div <b>c", "a\n\nc"),
        ]
    ),
)  # fmt: skip
def test_text(html: str, text: str) -> None:
    assert extract(html).strip() == text


async def test_in_a_process_of_its_own() -> None:
    assert await html_text("<p>Größe</p>") == "Größe"


async def test_what_takes_too_long_is_taken_without_its_tags(caplog: pytest.LogCaptureFixture) -> None:
    html = "<p>seen &amp; kept</p>" + "".join(f"<font x={n}>" for n in range(60_000)) + "end"
    start = time.monotonic()
    text = await html_text(html, limit=0.5)
    assert time.monotonic() - start < 5
    assert text.split() == ["seen", "&", "kept", "end"]
    assert "too long" in caplog.text
