"""Author-written text made safe to put into a page.

    sanitise("<b>see</b> www.example.org <script>", PROSE, wrap)
        -> '<b>see</b> <a href="…" rel="nofollow">www.example.org</a> &lt;script&gt;'

What is not an allowed, well-formed tag becomes text (contract/requests.md
8.3: escaped, not dropped); nh3 then has the last word on what is left; bare URLs
become links; every link goes through `outgoing` and says rel="nofollow".

Newlines stay, for the reader turns them into line breaks, except right inside a
list: the real listings have none there. A text that was cleaned once comes out
as it went in.

Safe from any thread. Every step takes time linear in the text, nh3 apart,
which is given a bounded number of tags.
"""

import re
from collections.abc import Callable
from html import unescape
from typing import Final, NamedTuple

import nh3

Outgoing = Callable[[str], str]  # a URL, not escaped -> where its link leads


class Markup(NamedTuple):
    """The markup a field may have."""

    tag: re.Pattern[str]  # an allowed tag, or any other `<`
    cleaner: nh3.Cleaner


# Possessive throughout, and no value spans a `<`: nothing is read twice.
_ATTRIBUTE: Final = r"""\s++[^\s"'<>/=]++(?:\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>=`]++))?+"""


def _kind(*tags: str) -> Markup:
    return Markup(
        re.compile(rf"</?(?:{'|'.join(tags)})(?:{_ATTRIBUTE})*+\s*+/?>|<", re.IGNORECASE | re.ASCII),
        nh3.Cleaner(
            tags=set(tags),
            attributes={tag: kept & {"href", "title"} for tag, kept in _ATTRIBUTES.items() if tag in tags},
            url_schemes={"http", "https"},
            link_rel=None,  # every link is written anew below
        ),
    )


_ATTRIBUTES: Final = {"a": {"href", "title"}, "abbr": {"title"}, "acronym": {"title"}}
PROSE: Final = _kind("a", "abbr", "acronym", "b", "blockquote", "code", "em", "i", "li", "ol", "strong", "ul")
LINKS_ONLY: Final = _kind("a")  # summaries, licence texts

# Deep nesting costs nh3 quadratic time: this many take 30 ms. No real listing has a tenth.
_MOST_TAGS: Final = 3000
_TOKENS: Final = re.compile(r"(<[^<>]*+>)")  # nh3 escapes `<` and `>` everywhere else
_HREF: Final = re.compile(r'\shref="([^"]*)"')
_TITLE: Final = re.compile(r'\stitle="([^"]*)"')
_LIST_NEWLINES: Final = re.compile(
    r"(<(?:ul|ol|li|blockquote)>|</li>)\n+|(?<!\n)\n+(?=</(?:ul|ol|li|blockquote)>)"
)
# A host has a dot; what follows ends at whitespace, at brackets and quotes, at CJK punctuation.
_BARE_URL: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:[Hh][Tt]{2}[Pp][Ss]?://|(?<![@./-])www\.)"
    r"[^\W_][\w-]*(?:\.[\w-]+)+(?::\d+)?"
    r"(?:[/?#][^\s<>\"“”‘’«»，。、；：！？（）【】「」『』]*)?",
)
_TRAILING: Final = ".,;:!?'*_~|"


def is_plain(text: str) -> bool:
    """Whether `sanitise` would leave the text as it is."""
    return not ("<" in text or "&" in text or ">" in text or _may_have_url(text))


def _may_have_url(text: str) -> bool:
    return ("/" in text and "://" in text) or "www." in text  # one character is found ten times as fast


def sanitise(text: str, kind: Markup, outgoing: Outgoing) -> str:
    """The text as HTML of the kind; total, and the identity on its own results."""
    if text.count("<") > _MOST_TAGS:
        return _escape(text)
    marked = kind.tag.sub(_escape_others, _without_comments(text))
    # nh3 writes U+00A0 as an entity; the listings have the character.
    cleaned = kind.cleaner.clean(marked).replace("&nbsp;", "\xa0")
    if "\n" in cleaned:
        cleaned = _LIST_NEWLINES.sub(r"\1", cleaned)
    return _with_links(cleaned, outgoing)


def _escape_others(match: re.Match[str]) -> str:
    found = match[0]
    return "&lt;" if found == "<" else found


def _without_comments(text: str) -> str:
    start = text.find("<!--")
    if start < 0:
        return text
    kept, position = [], 0
    while start >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[position:start])
        position = end + 3
        start = text.find("<!--", position)
    return "".join(kept) + text[position:]


def _with_links(cleaned: str, outgoing: Outgoing) -> str:
    parts, depth = [], 0
    for token in _TOKENS.split(cleaned):
        if not token.startswith("<"):
            parts.append(token if depth else _link_bare_urls(token, outgoing))
        elif token.startswith(("<a ", "<a>")):
            depth += 1
            parts.append(_anchor(token, outgoing))
        else:
            depth -= token == "</a>"
            parts.append(token)
    return "".join(parts)


def _anchor(tag: str, outgoing: Outgoing) -> str:
    """An `a` tag of nh3's, with its link replaced; nh3 has taken unsafe ones away."""
    href = _HREF.search(tag)
    title = _TITLE.search(tag)
    target = outgoing(unescape(href[1])) if href else "/"
    return f'<a href="{_escape_value(target)}"{title[0] if title else ""} rel="nofollow">'


def _link_bare_urls(token: str, outgoing: Outgoing) -> str:
    if not _may_have_url(token):
        return token
    text = unescape(token)  # no other entities than those of _escape
    parts, position = [], 0
    for match in _BARE_URL.finditer(text):
        url = _without_trailing_punctuation(match[0])
        target = url if "://" in url[:8] else f"http://{url}"
        parts.append(_escape(text[position : match.start()]))
        parts.append(f'<a href="{_escape_value(outgoing(target))}" rel="nofollow">{_escape(url)}</a>')
        position = match.start() + len(url)
    parts.append(_escape(text[position:]))
    return "".join(parts)


def _without_trailing_punctuation(url: str) -> str:
    """Without the sentence's own punctuation: a bracket is the URL's if it opened there."""
    surplus = url.count(")") - url.count("(")
    end = len(url)
    while end:
        last = url[end - 1]
        if last == ")" and surplus > 0:
            surplus -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return url[:end]


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escape_value(text: str) -> str:
    return _escape(text).replace('"', "&quot;")
