"""Author-written markup made safe (contract/requests.md 8.3)."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.shapes.html import LINKS_ONLY, PROSE, Markup, is_plain, sanitise


def outgoing(url: str) -> str:
    return f"OUT({url})" if url.startswith(("http://", "https://")) else "/"


def link(url: str, text: str | None = None) -> str:
    return f'<a href="OUT({url})" rel="nofollow">{text or url}</a>'


NOWHERE = '<a href="/" rel="nofollow">x</a>'

PROSE_CASES = {
    "plain": ("two\nlines", "two\nlines"),
    "allowed": ("<b>b</b> <em>e</em> <code>c</code>", "<b>b</b> <em>e</em> <code>c</code>"),
    "capitals": ("<B>b</B>", "<b>b</b>"),
    "script": ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    "image": ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
    "handler": ('<b onclick="alert(1)">x</b>', "<b>x</b>"),
    "handler-on-link": ('<a onmouseover="alert(1)" href="http://a.b/">x</a>', link("http://a.b/", "x")),
    "style": ('<i style="position:fixed">x</i>', "<i>x</i>"),
    "title": ('<abbr title="A &quot;B&quot; &lt;">x</abbr>', '<abbr title="A &quot;B&quot; &lt;">x</abbr>'),
    "link-title": (
        '<a title="T" href="http://a.b/" target="_blank">x</a>',
        '<a href="OUT(http://a.b/)" title="T" rel="nofollow">x</a>',
    ),
    "own-rel": ('<a rel="follow me" href="http://a.b/">x</a>', link("http://a.b/", "x")),
    "javascript": ('<a href="javascript:alert(1)">x</a>', NOWHERE),
    "javascript-hidden": ('<a href=" java&#x0A;script:alert(1)">x</a>', NOWHERE),
    "data": ('<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>', NOWHERE),
    "mail": ('<a href="mailto:ann@example.org">x</a>', NOWHERE),
    "relative": ('<a href="/en-US/">x</a>', NOWHERE),
    "no-address": ("<a>x</a>", NOWHERE),
    "unquoted": ("<a href=http://a.b/>x</a>", link("http://a.b/", "x")),
    "entities-in-address": ('<a href="http://a.b/?c=d&amp;e=f">x</a>', link("http://a.b/?c=d&amp;e=f", "x")),
    "bare-ampersand-in-address": (
        '<a href="http://a.b/?c=d&e=f">x</a>',
        link("http://a.b/?c=d&amp;e=f", "x"),
    ),
    "nested": ("<b><i>x</i></b>", "<b><i>x</i></b>"),
    "crossed": ("<b><i>x</b></i>", "<b><i>x</i></b>"),
    "link-in-link": (
        '<a href="http://a.b/">x<a href="http://c.d/">y</a></a>',
        link("http://a.b/", "x") + link("http://c.d/", "y"),
    ),
    "unclosed": ("<b>x", "<b>x</b>"),
    "unopened": ("x</b>", "x"),
    "cut-off": ("x <b", "x &lt;b"),
    "cut-off-value": ('x <a href="http://a.b/>y', None),
    "tag-in-tag": ("<<b>script>x", "&lt;<b>script&gt;x</b>"),
    "tag-in-value": ('<a href="<script>">x', None),
    "comparison": ("1 < 2 > 0 & 3", "1 &lt; 2 &gt; 0 &amp; 3"),
    "heart": ("I <3 you", "I &lt;3 you"),
    "comment": ("a<!-- <b> -->b", "ab"),
    "open-comment": ("a<!-- b", "a&lt;!-- b"),
    "entity": ("&lt;script&gt; &amp; &copy;", "&lt;script&gt; &amp; ©"),
    "no-break-space": ("a\xa0b &nbsp;", "a\xa0b \xa0"),
    "unicode": ("<b>日本語</b> עברית 🦊", "<b>日本語</b> עברית 🦊"),
    "nul": ("<b>a\0b</b>", None),
    "list": ("x:\n<ul>\n<li>a</li>\n<li>b\n</li>\n</ul>\ny", "x:\n<ul><li>a</li><li>b</li></ul>\ny"),
    "quote": ("<blockquote>\n\nx\n</blockquote>\n\ny", "<blockquote>x</blockquote>\n\ny"),
    "bare": ("see http://a.b/c?d=e&f=g.", f"see {link('http://a.b/c?d=e&amp;f=g')}."),
    "bare-www": ("www.a.example", link("http://www.a.example", "www.a.example")),
    "bare-in-brackets": ("(http://a.b/c_(d))", f"({link('http://a.b/c_(d)')})"),
    "bare-in-tag": ("<b>http://a.b/</b>", f"<b>{link('http://a.b/')}</b>"),
    "bare-in-link": ('<a href="http://a.b/">http://a.b/</a>', link("http://a.b/")),
    "bare-twice": ("http://a.b/,http://c.d/", None),
    "bare-in-capitals": ("HTTPS://A.B/", '<a href="/" rel="nofollow">HTTPS://A.B/</a>'),
    "bare-before-cjk": ("参照https://a.example/b。次", f"参照{link('https://a.example/b')}。次"),
    "bare-in-angles": ("<http://a.b/>", f"&lt;{link('http://a.b/')}&gt;"),
    "no-host": ("https://-Präfix http:// https://localhost", "https://-Präfix http:// https://localhost"),
    "in-a-word": ("xhttp://a.b/ a.www.b.c @www.a.b", "xhttp://a.b/ a.www.b.c @www.a.b"),
    "mail-address": ("ann@example.org", "ann@example.org"),
    "other-scheme": ("ftp://a.b/ javascript://a.b/%0Aalert(1)", "ftp://a.b/ javascript://a.b/%0Aalert(1)"),
}


@pytest.mark.parametrize("text, expected", PROSE_CASES.values(), ids=PROSE_CASES)
def test_prose(text: str, expected: str | None) -> None:
    cleaned = sanitise(text, PROSE, outgoing)
    assert_safe(cleaned)
    if expected is not None:
        assert cleaned == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ('<a href="http://a.b/">x</a>', link("http://a.b/", "x")),
        ("see http://a.b/", f"see {link('http://a.b/')}"),
        ("A & B <3", "A &amp; B &lt;3"),
    ],
)
def test_summary_has_links_alone(text: str, expected: str) -> None:
    assert sanitise(text, LINKS_ONLY, outgoing) == expected


TAG = re.compile(r"<[^>]*>")
ALLOWED = re.compile(
    r"</(?:a|abbr|acronym|b|blockquote|code|em|i|li|ol|strong|ul)>"
    r"|<(?:b|blockquote|code|em|i|li|ol|strong|ul)>"
    r'|<(?:abbr|acronym)(?: title="[^"<>]*")?>'
    r'|<a href="(?:/|OUT\(https?://[^"<>]*\))"(?: title="[^"<>]*")? rel="nofollow">'
)


def assert_safe(cleaned: str) -> None:
    """Nothing but allowed tags, with allowed attributes, in their one spelling."""
    for tag in TAG.findall(cleaned):
        assert ALLOWED.fullmatch(tag), tag
    rest = TAG.sub("", cleaned)
    assert "<" not in rest
    assert ">" not in rest


PIECES = st.sampled_from(
    [
        "<b>", "</b>", "<a ", 'href="', "href='javascript:", "http://a.b/", "https://c.example", '"', "'",
        ">", "<", "</a>", "<ul>", "<li>", "</ul>", "\n", " ", "www.d.e", "&", "&amp;", "&lt;", "<!--", "-->",
        "<script>", "</script>", "onclick=", "title=", "=", "/", "<svg/onload=", "<style>", "\\", "\t", "é",
        ")", "x", "<![CDATA[", "]]>", "<?", "<a href=", "<textarea>", "<math>", "<b/", "`",
        "\0", "\u2028", "\xa0",
    ]
)  # fmt: skip
SOUP = st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=40)


@given(SOUP, st.sampled_from([PROSE, LINKS_ONLY]))
def test_no_soup_of_markup_gets_through(text: str, kind: Markup) -> None:
    assert_safe(sanitise(text, kind, outgoing))


@given(SOUP)
def test_a_cleaned_text_comes_out_as_it_went_in(text: str) -> None:
    """With links that stay as they are: so it is with texts that AMO cleaned before us."""
    once = sanitise(text, PROSE, lambda url: url if url.startswith("http") else "/")
    assert sanitise(once, PROSE, lambda url: url if url.startswith("http") else "/") == once


@given(st.text())
def test_texts_that_skip_the_cleaner_would_come_out_unchanged(text: str) -> None:
    if is_plain(text) and "\r" not in text and "\0" not in text:
        assert sanitise(text, PROSE, outgoing) == text


@pytest.mark.parametrize(
    "piece", ["<b>", "<blockquote>", "<ul><li>", "<b><i><a>", "<!--", "<a x=\"", "<a ", "&", "\n&", "http://",
              "www.", "http://a.", "https://x.y/)"],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    assert_safe(sanitise(text, PROSE, outgoing))
    assert time.process_time() - started < 1.0
