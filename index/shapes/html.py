"""Makes authors' texts safe to put into a page, in two steps.

    stored = sanitise("<b>see</b> www.example.org <script>", PROSE, unwrap)
        -> '<b>see</b> <a href="http://www.example.org" rel="nofollow">www.example.org</a> &lt;script&gt;'
    html = with_links(stored, wrap)

`sanitise` is applied once, before a text is stored. Whatever is not an allowed, well-formed tag
becomes text (contract/requests.md 8.3: escaped, not dropped); tags are closed in order and nest no
deeper than MAX_DEPTH; nh3 then cleans the result; bare URLs become links, and every link has
rel="nofollow". A text that is clean already stays as it is.

`with_links` is applied to every answer: it replaces the target of each link by what `outgoing`
returns. A text with a tag that `sanitise` never writes `is_foreign`.

Newlines are kept, because clients turn them into line breaks, except right inside a list, where the
real listings have none.

Safe from any thread. Every step takes linear time.
"""

import re
from collections.abc import Callable
from html import unescape
from typing import Final, NamedTuple

import nh3

from conf.limits import MAX_DEPTH

Outgoing = Callable[[str], str]  # from a URL, not escaped, to the target of its link


class Markup(NamedTuple):
    """The markup a field may have."""

    tag: re.Pattern[str]  # an allowed tag, or any other `<`
    cleaner: nh3.Cleaner
    foreign: re.Pattern[str]  # a `<` that does not begin a tag as `sanitise` writes it


# Possessive throughout, and no value spans a `<`, so nothing is scanned twice.
_ATTRIBUTE: Final = r"""\s++[^\s"'<>/=]++(?:\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>=`]++))?+"""
_VALUE: Final = r'[^"<>]*+'


def _kind(*tags: str) -> Markup:
    names, titled = "|".join(tags), "|".join(tag for tag in tags if _ATTRIBUTES.get(tag) == {"title"})
    return Markup(
        re.compile(rf"<(/?)({names})(?:{_ATTRIBUTE})*+\s*+/?>|<", re.IGNORECASE | re.ASCII),
        nh3.Cleaner(
            tags=set(tags),
            # By default nh3 allows `title` and `lang` on every tag.
            attributes={"*": set(), **{tag: names for tag, names in _ATTRIBUTES.items() if tag in tags}},
            url_schemes={"http", "https"},
            link_rel=None,  # every link is written anew below
        ),
        re.compile(
            rf'<(?!/?(?:{names})>|(?:{titled}) title="{_VALUE}">'
            rf'|a href="{_VALUE}"(?: title="{_VALUE}")?+ rel="nofollow">)'
        ),
    )


_ATTRIBUTES: Final = {"a": {"href", "title"}, "abbr": {"title"}, "acronym": {"title"}}
PROSE: Final = _kind("a", "abbr", "acronym", "b", "blockquote", "code", "em", "i", "li", "ol", "strong", "ul")
LINKS_ONLY: Final = _kind("a")  # summaries, licence texts

_LISTS: Final = frozenset({"ul", "ol", "blockquote"})  # a list item does not end an item outside of these
_TOKENS: Final = re.compile(r"(<[^<>]*+>)")  # nh3 escapes `<` and `>` everywhere else
_COMMENT: Final = re.compile(r"<!(?=--).*?-->", re.DOTALL)  # `<!-->` is one
_LONE_AND: Final = re.compile(r"&(?!#?[0-9A-Za-z]{1,32};)")
_LINK: Final = re.compile(rf'<a href="({_VALUE})"')
_HREF: Final = re.compile(r'\shref="([^"]*)"')
_TITLE: Final = re.compile(r'\stitle="([^"]*)"')
# Tags behind which, and in front of which, no newline stays.
_OPENING: Final = frozenset({"<ul>", "<ol>", "<li>", "<blockquote>", "</li>"})
_CLOSING: Final = frozenset({"</ul>", "</ol>", "</li>", "</blockquote>"})
# A host has a dot; the rest ends at whitespace, brackets, quotes or CJK punctuation.
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
    return ("/" in text and "://" in text) or "www." in text  # to look for one character is ten times as fast


def sanitise(text: str, kind: Markup, outgoing: Outgoing) -> str:
    """The text as HTML with this markup; never fails, and leaves its own results unchanged."""
    marked = _balanced(_without_comments(text), kind)
    # nh3 writes U+00A0 as an entity; the real listings have the character.
    cleaned = kind.cleaner.clean(marked).replace("&nbsp;", "\xa0")
    return _linked(cleaned, outgoing)


def is_foreign(text: str, kind: Markup) -> bool:
    return "<" in text and kind.foreign.search(text) is not None


def with_links(clean: str, outgoing: Outgoing) -> str:
    """A text as `sanitise` writes it, with other targets for its links."""

    def redirect(match: re.Match[str]) -> str:
        return f'<a href="{_escape_value(outgoing(unescape(match[1])))}"'

    return _LINK.sub(redirect, clean) if "<" in clean else clean


def as_text(clean: str) -> str:
    """A text as `sanitise` writes it, without its markup."""
    return unescape(_TOKENS.sub("", clean))


def _balanced(text: str, kind: Markup) -> str:
    """The text with balanced tags, no item or link inside another, and no `&` that is not an entity.

    This leaves nothing for nh3 to repair, which would take it quadratic time.
    """
    parts: list[str] = []
    open_tags: list[str] = []
    too_deep: dict[str, int] = {}  # by tag, how many became text; their end tags become text, too
    position = 0
    for match in kind.tag.finditer(text):
        parts.append(_plain(text[position : match.start()]))
        position = match.end()
        name = (match[2] or "").lower()
        if match[1] and name and not too_deep.get(name):
            if name in open_tags:
                parts.append(_close(open_tags, name))
            continue
        if match[1] and name:
            too_deep[name] -= 1
        elif name:
            parts.append(_close(open_tags, name) if _ends_another(name, open_tags) else "")
            if len(open_tags) < MAX_DEPTH:
                open_tags.append(name)
                parts.append(_LONE_AND.sub("&amp;", match[0]))
                continue
            too_deep[name] = too_deep.get(name, 0) + 1
        parts.append("&lt;" + _plain(match[0][1:]))
    parts.append(_plain(text[position:]))
    parts.extend(f"</{name}>" for name in reversed(open_tags))
    return "".join(parts)


def _plain(text: str) -> str:
    return _escape(unescape(text)) if "&" in text else text


def _ends_another(name: str, open_tags: list[str]) -> bool:
    """Whether a start tag implies the end of an open one: an item of the same list, or any link."""
    if name == "a":
        return name in open_tags
    if name != "li":
        return False
    around = next((tag for tag in reversed(open_tags) if tag == "li" or tag in _LISTS), None)
    return around == "li"


def _close(open_tags: list[str], name: str) -> str:
    """End tags up to the innermost open tag of this name."""
    closed: list[str] = []
    while not closed or closed[-1] != name:
        closed.append(open_tags.pop())
    return "".join(f"</{tag}>" for tag in closed)


def _without_comments(text: str) -> str:
    end = text.rfind("-->") + 3  # beyond it no comment ends, and each `<!--` would be searched to the end
    return _COMMENT.sub("", text[:end]) + text[end:] if "<!--" in text else text


def _linked(cleaned: str, outgoing: Outgoing) -> str:
    parts, depth = [], 0
    tokens = _TOKENS.split(cleaned)  # text, tag, text, and so on
    for index in range(1, len(tokens), 2):
        if tokens[index] in _CLOSING:
            tokens[index - 1] = tokens[index - 1].rstrip("\n")
        if tokens[index] in _OPENING:
            tokens[index + 1] = tokens[index + 1].lstrip("\n")
    for token in tokens:
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
    """An `a` tag of nh3's with its target replaced; nh3 has removed unsafe ones."""
    href = _HREF.search(tag)
    title = _TITLE.search(tag)
    target = outgoing(unescape(href[1])) if href else "/"
    return f'<a href="{_escape_value(target)}"{title[0] if title else ""} rel="nofollow">'


def _link_bare_urls(token: str, outgoing: Outgoing) -> str:
    if not _may_have_url(token):
        return token
    text = unescape(token)  # it has just the entities of _escape
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
    """Without the sentence's punctuation; a closing bracket belongs to a URL in which it was opened."""
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
